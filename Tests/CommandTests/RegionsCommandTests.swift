import MemDumpTestSupport
import Testing

@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct RegionsCommandTests {
  @Test func theTableShowsEveryMapping() throws {
    let target = try FixtureProcess("--known")
    let result = try Tool.run("regions", "\(target.pid)")
    let mappings = try #require(fileText("/proc/\(target.pid)/maps")).split(separator: "\n")
    #expect(result.lines.count == mappings.count + 1)
    #expect(
      result.lines[0].split(separator: " ")
        == ["#", "START", "END", "SIZE", "RESIDENT", "DIRTY", "SWAP", "PERM", "KIND", "NAME"])
    let known = try target.region("known")
    let rows = result.lines.map { $0.split(separator: " ").map(String.init) }
    let row = try #require(rows.first { $0[1] == "\(known.lowerBound)" })
    #expect(
      Array(row.dropFirst())
        == ["\(known.lowerBound)", "\(known.upperBound)", "64", "KiB", "64", "KiB", "64", "KiB", "-", "rw-p", "anon"])
  }

  @Test func mapsIsTheSameCommand() throws {
    let target = try FixtureProcess()
    #expect(try Tool.run("maps", "\(target.pid)").text == Tool.run("regions", "\(target.pid)").text)
  }

  @Test func filtersAndOrdersWork() throws {
    let target = try FixtureProcess("--fill", "20M", "--untouched", "64M")
    let fill = try target.region("fill").lowerBound
    let untouched = try target.region("untouched").lowerBound
    func starts(_ more: String...) throws -> [String] {
      try Tool.run(["regions", "\(target.pid)"] + more).lines.dropFirst().map { String($0.split(separator: " ")[1]) }
    }
    #expect(Set(try starts("--min-size", "20M")) == ["\(fill)", "\(untouched)"])
    #expect(try starts("--min-size", "20M", "--sort", "size") == ["\(untouched)", "\(fill)"])
    #expect(try starts("--min-size", "20M", "--sort", "dirty", "--top", "1") == ["\(fill)"])
    #expect(try starts("--kind", "stack").count == 1)
    #expect(try starts("--perm", "rx").count > 0)
    let none = try Tool.run("regions", "\(target.pid)", "--min-size", "1T")
    #expect(none.status == 1)
  }

  @Test func jsonHasStableFields() throws {
    let target = try FixtureProcess("--known")
    let known = try target.region("known")
    let lines = try Tool.run("regions", "\(target.pid)", "--json").lines
    let line = try #require(lines.first { $0.contains("\"start\":\"\(known.lowerBound)\"") })
    #expect(
      line.replacing(#/"number":[0-9]+/#, with: #""number":N"#)
        == #"{"type":"region","number":N,"start":"\#(known.lowerBound)","end":"\#(known.upperBound)","size":65536,"#
        + #""resident":65536,"private_dirty":65536,"swap":0,"permissions":"rw-p","kind":"anon","path":null,"pid":\#(target.pid)}"#
    )
  }

  @Test func hostileNamesAreEscaped() throws {
    let target = try FixtureProcess("--memfd", "--hostile-file", "--name", ") R 1 (\u{1b}[2J")
    for words in [["regions"], ["regions", "--json"], ["status"], ["status", "--json"]] {
      let result = try Tool.run([words[0], "\(target.pid)"] + words.dropFirst())
      #expect(result.status == 0)
      let printed = result.output + result.errors
      #expect(!printed.contains { $0 < 0x20 && $0 != UInt8(ascii: "\n") || $0 == 0x7f })
      #expect(String(validating: printed, as: UTF8.self) != nil)
    }
  }

  @Test func sixtyThousandMappingsAreNoTrouble() throws {
    let target = try FixtureProcess("--maps", "60000")
    let result = try Tool.run("regions", "\(target.pid)", "--top", "5")
    #expect(result.lines.count == 6)
    #expect(try Tool.run("scan", "\(target.pid)").status <= 1)
  }
}
