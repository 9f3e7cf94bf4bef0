import MemDumpTestSupport
import Testing

/// The remedies for a process of another user, tried as an ordinary user.
@Suite(.enabled(if: isRoot && has("setcap", "setpriv"), "needs root, setcap and setpriv"))
struct CapabilityTests {
  private static let (reader, owner): (UInt32, UInt32) = (65534, 1)

  private func run(capabilities: String, _ arguments: [String]) throws -> Tool.Result {
    let directory = try TemporaryDirectory(mode: 0o755)
    let tool = directory.file("memdump")
    let line = "cp \"$MEMDUMP\" '\(tool)' && chmod 755 '\(tool)' && setcap \(capabilities)+ep '\(tool)' && "
    let words = "exec setpriv --reuid \(Self.reader) --regid \(Self.reader) --clear-groups '\(tool)' "
    return try Tool.shell(line + words + arguments.joined(separator: " "))
  }

  @Test(
    "Both capabilities together read another user's process, in each mode",
    arguments: [["scan", "--mode", "live"], ["scan", "--mode", "stop"], ["heap"], ["status"]])
  func both(command: [String]) throws {
    let target = try FixtureProcess(["--heap", "1M", "--threads", "2"], user: Self.owner)
    let result = try run(
      capabilities: "cap_sys_ptrace,cap_dac_read_search", [command[0], "\(target.pid)"] + command.dropFirst())
    #expect([0, 1].contains(result.status), "\(result.errorText)")
    #expect(try target.complaints() == [])
  }

  @Test("CAP_SYS_PTRACE alone is said not to be enough, with what is", arguments: ["status", "scan", "heap", "hold"])
  func one(command: String) throws {
    let target = try FixtureProcess(["--threads", "2"], user: Self.owner)
    let arguments = [command, "\(target.pid)"] + (command == "hold" ? ["--for", "1ms"] : [])
    let result = try run(capabilities: "cap_sys_ptrace", arguments)
    if command == "hold" {
      #expect(result.status == 0)
    } else {
      #expect(result.status == (command == "status" ? 1 : 2))
      #expect((result.text + result.errorText).contains("but not CAP_DAC_READ_SEARCH"))
      #expect((result.text + result.errorText).contains("setcap cap_sys_ptrace,cap_dac_read_search+ep"))
    }
    #expect(try target.complaints() == [])
  }
}
