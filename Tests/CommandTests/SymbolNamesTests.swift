import MemDump
import MemDumpTestSupport
import Testing

/// What a program of C++ has, by names that people read.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct SymbolNamesTests {
  private let program: Child

  init() throws {
    program = try Child(Programs.path("cxx-objects"), [])
    try #require(program.readLine() == "ready")
  }

  private func values(_ result: Tool.Result) -> [JSONValue] {
    result.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
  }

  @Test func heapNamesClasses() throws {
    let text = try Tool.run("heap", "\(program.id)").text
    #expect(text.contains("  pointer to cxx-objects:vtable for cache::Session+0x10 ("), "\(text)")
    #expect(text.contains("  pointer to cxx-objects:vtable for cache::Entry<std::string, int>+0x10 ("), "\(text)")
    let row = try values(Tool.run("heap", "\(program.id)", "--json")).first { $0["size"]?.number == 112 }
    #expect(row?["sample"]?.string == "cxx-objects:_ZTVN5cache7SessionE+0x10")
    #expect(row?["sample_readable"]?.string == "cxx-objects:vtable for cache::Session+0x10")
  }

  @Test func refsNamesVariables() throws {
    let text = try Tool.run("refs", "\(program.id)", "--size", "112").text
    #expect(text.contains("  cxx-objects:cache::newest  "), "\(text)")
    let local = try Tool.run("refs", "\(program.id)", "--size", "208")
    #expect(local.text.contains("  cxx-objects:cache::registry(int)::first  "), "\(local.text)")
    let row = try values(Tool.run("refs", "\(program.id)", "--size", "208", "--json")).first
    #expect(row?["symbol"]?.string == "_ZZN5cache8registryB5cxx11EiE5firstB5cxx11")
    #expect(row?["holder"]?.string == "cxx-objects:_ZZN5cache8registryB5cxx11EiE5firstB5cxx11")
    #expect(row?["holder_readable"]?.string == "cxx-objects:cache::registry(int)::first")
  }

  /// A name that is none of C++ is not told twice.
  @Test func aNameOfCHasOneForm() throws {
    let target = try FixtureProcess("--tables", "--heap", "1M")
    let rows = try values(Tool.run("heap", "\(target.pid)", "--json"))
    let row = rows.first { $0["sample_kind"]?.string == "pointer" }
    #expect(row?["sample"]?.string == "target-process:target_table+0x10")
    #expect(row?["sample_readable"] == .null)
    let holder = try values(Tool.run("refs", "\(target.pid)", "--size", "48", "--json")).first
    #expect(holder?["holder"]?.string == "target-process:last_block")
    #expect(holder?["holder_readable"] == .null)
  }
}
