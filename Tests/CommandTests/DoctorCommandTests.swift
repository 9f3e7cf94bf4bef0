import MemDump
import MemDumpTestSupport
import Testing

/// What `memdump doctor` says of this host, held against what the host says itself.
@Suite struct DoctorCommandTests {
  private static func rows(_ result: Tool.Result) throws -> [String: JSONValue] {
    var rows: [String: JSONValue] = [:]
    for line in result.lines {
      let row = try #require(JSONValue(parsing: Array(line.utf8)))
      #expect(row["type"]?.string == "host")
      rows[try #require(row["name"]?.string)] = row
    }
    return rows
  }

  private static func offered(_ rows: [String: JSONValue], _ name: String) -> Bool? {
    switch rows[name]?["offered"] {
    case .boolean(let flag): flag
    default: nil
    }
  }

  @Test func everyRowHasAnAnswerAndWhatItMeansWhereItIsNotYes() throws {
    let result = try Tool.run("doctor", "--json")
    let rows = try Self.rows(result)
    #expect(rows.count == 20)
    for (name, row) in rows {
      #expect((row["consequence"] == .null) == (Self.offered(rows, name) == true), "\(name)")
    }
    let release = try #require(fileText("/proc/sys/kernel/osrelease")).dropLast()
    #expect(rows["kernel"]?["finding"]?.string == String(release))
    let hasExpressions = try Tool.run("scan", "-", "--regex", "a").status == 1
    #expect(Self.offered(rows, "regex") == hasExpressions)
    let text = try Tool.run("doctor")
    #expect(text.lines.count == rows.count + 2)
    #expect(text.lines.first?.hasPrefix("WHAT") == true && text.status == result.status)
  }

  @Test func capabilitiesAreThoseOfTheProcess() throws {
    let rows = try Self.rows(try Tool.run("doctor", "--json"))
    let line = (fileText("/proc/self/status") ?? "").split(separator: "\n").first { $0.hasPrefix("CapEff:") }
    let set = try #require(line.flatMap { UInt64($0.dropFirst(7).drop { $0 == "\t" }, radix: 16) })
    let numbers = [
      "CAP_DAC_READ_SEARCH": 2, "CAP_KILL": 5, "CAP_SYS_PTRACE": 19, "CAP_SYS_NICE": 23, "CAP_SYS_RESOURCE": 24,
      "CAP_CHECKPOINT_RESTORE": 40, "CAP_PERFMON": 38,
    ]
    for (name, number) in numbers { #expect(Self.offered(rows, name) == (set >> number & 1 == 1), "\(name)") }
  }

  @Test(.enabled(if: isRoot, "needs root, to become another user")) func oneWithoutRightsIsToldWhatIsMissing() throws {
    let result = try Tool.run(["doctor", "--json"], user: Programs.otherUser)
    let rows = try Self.rows(result)
    #expect(Self.offered(rows, "CAP_SYS_PTRACE") == false && Self.offered(rows, "CAP_SYS_NICE") == false)
    #expect(Self.offered(rows, "process_vm_readv") == true)
    #expect(rows["CAP_SYS_PTRACE"]?["consequence"]?.string?.contains("use sudo") == true)
  }

  #if arch(x86_64)
    @Test(
      "Calls that a filter denies are said, with the exit status",
      .enabled(if: canTrace, "ptrace is not permitted here"))
    func deniedCalls() throws {
      func run(_ error: Int, _ calls: String) throws -> Tool.Result {
        try Tool.shell("exec '\(Programs.path("attach-control"))' deny \(error) \(calls) \"$MEMDUMP\" doctor --json")
      }
      let noTrace = try run(1, "101")
      #expect(noTrace.status == 1)
      let rows = try Self.rows(noTrace)
      #expect(Self.offered(rows, "ptrace") == false && Self.offered(rows, "no seccomp filter") == false)
      #expect(rows["ptrace"]?["finding"]?.string == "Operation not permitted")
      let old = try Self.rows(try run(38, "310,311,434"))
      #expect(Self.offered(old, "process_vm_readv") == false && Self.offered(old, "pidfd_open") == false)
      #expect(Self.offered(old, "mem of a process") == true)
    }
  #endif
}
