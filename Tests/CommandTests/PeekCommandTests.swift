import MemDump
import MemDumpTestSupport
import Testing

/// `memdump peek` on objects of C++, whose first word leads to a table of functions.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct PeekCommandTests {
  private let program: Child
  /// A `cache::Session`, to which the variable `cache::newest` leads.
  private let session: String
  private let newest: String

  init() throws {
    program = try Child(Programs.path("cxx-objects"), [])
    try #require(program.readLine() == "ready")
    let holder = try Self.values(Tool.run("refs", "\(program.id)", "--size", "112", "--json")).first
    newest = try #require(holder?["address"]?.string)
    let word = try Self.values(Tool.run("peek", "\(program.id)", newest + "+8", "--json")).first
    session = try #require(word?["address"]?.string)
  }

  private static func values(_ result: Tool.Result) -> [JSONValue] {
    result.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
  }

  @Test func anObjectHasItsClassAndItsPointersTheirNames() throws {
    let result = try Tool.run("peek", "\(program.id)", newest, "--deref", "1")
    #expect(result.status == 0 && result.errorText.isEmpty)
    let lines = result.lines
    #expect(lines[0] == "\(newest) holds \(session), a block of 104 bytes")
    #expect(lines[1] == "\(session): a block of 104 bytes")
    #expect(lines[2] == "  begins    cxx-objects:vtable for cache::Session+0x10")
    #expect(lines[3].hasPrefix("  region    [heap], rw-p, 0x"))
    #expect(lines[4].hasPrefix("  \(session.dropFirst(2))  ") && lines[4].hasSuffix("|"))
    let table = try #require(lines.firstIndex { $0.hasPrefix("POINTER AT ") })
    #expect(lines[table + 1].hasSuffix("  cxx-objects:vtable for cache::Session+0x10"))
    #expect(lines[table + 2].hasSuffix("  a block of 104 bytes, begins cxx-objects:vtable for cache::Session+0x10"))
    #expect(lines[table + 3].hasPrefix("  pause     "))
  }

  /// The table is in memory that the loader sealed, and leads to code.
  @Test func aTableOfFunctionsIsFollowedIntoNames() throws {
    let text = try Tool.run("peek", "\(program.id)", session + "+8", "--deref", "1").text
    #expect(text.contains("  cxx-objects:cache::Session::~Session"), "\(text)")
  }

  @Test(arguments: ["live", "stop"] + (canSnapshot ? ["snapshot"] : [])) func everyMode(mode: String) throws {
    let result = try Tool.run("peek", "\(program.id)", session, "--mode", mode, "--json")
    #expect(result.status == 0, "\(result.errorText)")
    let values = Self.values(result)
    #expect(values.first?["type"]?.string == "pointer" && values.first?["at"]?.string == session)
    let summary = try #require(values.last)
    #expect(summary["type"]?.string == "summary" && summary["mode"]?.string == mode)
    #expect(summary["begins"]?.string == "cxx-objects:_ZTVN5cache7SessionE+0x10")
    #expect(summary["begins_readable"]?.string == "cxx-objects:vtable for cache::Session+0x10")
    #expect(summary["block"]?.string == session && summary["block_bytes"]?.number == 104)
    #expect(summary["bytes"]?.number == 104 && summary["content"]?.string?.count == 208)
    #expect(summary["verified"] == .boolean(true))
  }

  @Test func aCoreTellsTheSame() throws {
    let directory = try TemporaryDirectory()
    let core = directory.file("core")
    #expect(try Tool.run("dump", "\(program.id)", "--all", "-o", core).status == 0)
    let live = try Tool.run("peek", "\(program.id)", session, "--mode", "live").text
    let file = try Tool.run("peek", core, session).text
    // A core has no name for the heap.
    #expect(file == live.replacing("  region    [heap],", with: "  region    anon,"))
    #expect(
      try Tool.run("peek", core, "0x1000").errorText
        == "memdump: no memory is mapped at 0x1000. See `memdump regions`.\n")
  }

  @Test(arguments: ["0x", "12", "0x10+", "0x10+0", "0x10+2G", "+8", "0x10+-1", "0x1g"])
  func nonsense(word: String) throws {
    let result = try Tool.run("peek", "\(program.id)", word)
    #expect(result.status == 64 && result.text.isEmpty, "\(word)")
  }

  @Test func aNarrowProcessHasBytes() throws {
    guard let child = try Child.narrow(in: TemporaryDirectory()) else { return }
    let result = try Tool.run("peek", "\(child.id)", "0x8048000+4", "--json")
    #expect(Self.values(result).last?["content"]?.string == "7f454c46", "\(result.errorText)")
  }
}
