import MemDump
import MemDumpTestSupport
import Testing

/// Dumps that go to a reader who is slow, or gone; and those that are ended before they are done.
@Suite(.serialized, .enabled(if: canTrace, "ptrace is not permitted here")) struct StreamTests {
  private let target: FixtureProcess
  private let directory: TemporaryDirectory

  init() throws {
    target = try FixtureProcess("--fill", "32M", "--threads", "4", "--untouched", "64G")
    directory = try TemporaryDirectory()
  }

  private func words(_ mode: String) throws -> [String] {
    ["dump", "\(target.pid)", "-r", "\(try target.region("fill").lowerBound)"] + modeWords(mode)
  }

  /// Whether the tool has its output file open.
  private func isWriting(_ tool: Child) -> Bool {
    fileNames(in: "/proc/\(tool.id)/fd").contains { name in
      (try? Tool.shell("readlink /proc/\(tool.id)/fd/\(name)").text.hasPrefix(directory.path)) == true
    }
  }

  @Test(arguments: ["live", "stop"]) func aReaderWhoDoesNotReadHoldsNobody(mode: String) throws {
    let tool = try Tool.start(try words(mode) + ["--format", "core", "-o", "-"])
    // The first bytes have come: from here on it waits for us.
    #expect(try tool.readSome().starts(with: [0x7f, 0x45, 0x4c, 0x46]))
    #expect(try target.complaints() == [])
    #expect(children(of: tool.id) == [], "the holder has ended")
    #expect(!tool.hasEnded)
    let result = try Tool.finish(tool)
    #expect(result.status == 0)
    #expect(try target.complaints() == [])
  }

  @Test func aSignalEndsAStreamThatNobodyReads() throws {
    let tool = try Tool.start(try words("live") + ["-o", "-"])
    #expect(try !tool.readSome().isEmpty)
    tool.send(signal: 2)
    #expect(try tool.wait(within: .seconds(20)) == .status(130))
    #expect(try target.complaints() == [])
  }

  @Test func aReaderWhoGoesIsAnErrorAndTheTargetRuns() throws {
    let line = "\"$MEMDUMP\" \(try words("stop").joined(separator: " ")) -o - | head -c 100000 | wc -c"
    let result = try Tool.shell(line)
    #expect(result.text == "100000\n")
    #expect(result.errorText == "memdump: cannot write standard output: Broken pipe.\n")
    #expect(try target.complaints() == [])
  }

  /// The digest of 64 GiB takes long enough to be interrupted.
  @Test(arguments: [2, 15, 9]) func whoIsEndedLeavesNothingBehind(signal: Int32) throws {
    let tool = try Tool.start([
      "dump", "\(target.pid)", "--all", "--sha256", "--mode", "stop", "-o", directory.file("d"),
    ])
    #expect(waitUntil(within: .seconds(30)) { isWriting(tool) })
    tool.send(signal: signal)
    let result = try Tool.finish(tool)
    #expect(result.exit == (signal == 9 ? .signal(9) : .status(128 + signal)))
    #expect(result.errorText == (signal == 9 ? "" : "memdump: interrupted; nothing was left behind.\n"))
    #expect(directory.names == [])
    #expect(try target.complaints() == [])
  }

  /// The disk fills up while the tool, which believed in the room it saw, stands still.
  @Test(.enabled(if: canMount, "mounting is not permitted here")) func aDiskThatFillsUpLeavesNothingBehind() throws {
    let words = try words("live").joined(separator: " ")
    let result = try Tool.shell(
      """
      exec unshare -m sh -c 'mount -t tmpfs -o size=40M none /mnt && cd /mnt || exit
        "$MEMDUMP" \(words) --sha256 -o /mnt/d & tool=$!
        until ls -l /proc/$tool/fd 2>/dev/null | grep -q /mnt/; do :; done
        kill -STOP $tool; dd if=/dev/zero of=filler bs=64k 2>/dev/null; kill -CONT $tool
        wait $tool; echo "status $?"; rm filler; ls -A /mnt'
      """)
    #expect(result.text == "status 2\n")
    #expect(
      result.errorText
        == "memdump: cannot write /mnt/d: No space left on device. Nothing was left behind; choose another directory, "
        + "or send it away with -o -.\n")
    #expect(try target.complaints() == [])
  }
}
