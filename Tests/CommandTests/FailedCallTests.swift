import MemDumpTestSupport
import Testing

/// System calls of the tool or its holder that fail, as strace(1) makes them.
@Suite(.enabled(if: canInjectFailures, "strace is not installed, or may not trace")) struct FailedCallTests {
  private let directory: TemporaryDirectory
  private let fixture: FixtureProcess

  init() throws {
    directory = try TemporaryDirectory()
    fixture = try FixtureProcess("--known", "--threads", "2")
  }

  private func run(failing call: String, _ how: String, _ words: [String]) throws -> Tool.Result {
    let child = try Child(
      "strace",
      ["-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e", "inject=\(call):\(how)", Programs.path("memdump")]
        + words)
    return try Tool.finish(child, within: .seconds(60))
  }

  private var core: [String] { ["dump", "\(fixture.pid)", "--all", "--mode", "stop", "-o", directory.file("core")] }

  @Test func aCoreWithoutRegistersIsNoSuccess() throws {
    let result = try run(failing: "memfd_create", "error=ENOMEM:when=1", core)
    #expect(result.status == 2)
    #expect(result.errorText.contains("the helper process that holds the target failed: Cannot allocate memory"))
    #expect(directory.names == [])
    #expect(try fixture.complaints().isEmpty)
  }

  /// Not one that comes after it.
  @Test func theCallThatFailedIsNamed() throws {
    let result = try run(failing: "linkat", "error=ENOSPC:when=1", core)
    #expect(result.status == 2)
    #expect(result.errorText.contains("cannot give a name to \(directory.path)/core"))
    #expect(directory.names == [])
  }

  @Test(arguments: ["EAGAIN", "ENOMEM"]) func aThreadThatCannotBeStartedIsDoneWithout(error: String) throws {
    for words in [["scan", "\(fixture.pid)"], core] {
      let result = try run(failing: "clone3", "error=\(error):when=1+", words)
      #expect(result.status == 0, "\(result.errorText)")
    }
    #expect(try fixture.complaints().isEmpty)
  }

  /// Each row has its turn, whoever makes it.
  @Test func rowsAreAllThereWithoutThreads() throws {
    let rows = (0..<20_000).map { "10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255):80\n" }.joined()
    let file = try directory.write(Array(rows.utf8), to: "rows")
    for form in ["text", "json", "csv"] {
      let words = ["scan", file, "--top", "0", "--format", form]
      func rows(_ result: Tool.Result) -> [Substring] {
        // The last line of JSON has a time.
        result.text.split(whereSeparator: \.isNewline).filter { !$0.contains("summary") }
      }
      let result = rows(try run(failing: "clone3", "error=EAGAIN:when=1+", words))
      #expect(result.count >= 20_000)
      #expect(try result == rows(Tool.run(words)))
    }
  }
}
