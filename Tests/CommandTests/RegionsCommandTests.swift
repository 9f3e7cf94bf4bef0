import MemDump
import MemDumpTestSupport
import Testing

@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct RegionsCommandTests {
  @Test func allIsEveryMapping() throws {
    let target = try FixtureProcess("--known")
    let result = try Tool.run("regions", "\(target.pid)", "--all")
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

  /// The sums are those of all rows, and the rows below the ten with the most resident memory.
  @Test func withoutOptionsItSumsUp() throws {
    let target = try FixtureProcess("--fill", "20M", "--untouched", "64M")
    let lines = try Tool.run("regions", "\(target.pid)").lines
    let blank = try #require(lines.firstIndex(of: ""))
    let sums = lines[..<blank].map { $0.split(separator: " ").map(String.init) }
    #expect(sums[0] == ["KIND", "REGIONS", "SIZE", "RESIDENT", "DIRTY", "SWAP"])
    let rows = try Tool.run("regions", "\(target.pid)", "--json").lines.compactMap {
      JSONValue(parsing: Array($0.utf8))
    }
    for sum in sums.dropFirst() {
      let kind = sum[0]
      let count = rows.count { kind == "total" || $0["kind"]?.string == kind }
      #expect(sum[1] == "\(count)", "\(kind)")
    }
    let size = rows.reduce(Int64(0)) { $0 + ($1["size"]?.number ?? 0) }
    #expect(lines[blank - 1].contains(" \(ByteSize(UInt64(size))) "))
    #expect(
      lines[blank + 1]
        == "The 10 of \(rows.count) regions with the most resident memory; --all lists every one:")
    let shown = lines[(blank + 3)...].map { $0.split(separator: " ").map(String.init) }
    let fill = try target.region("fill").lowerBound
    #expect(shown.count == 10 && shown[0][1] == "\(fill)")
    // Swapped and file pages come and go, so that of the others only the numbers are compared.
    #expect(Set(shown.map { $0[0] }).isSubset(of: rows.map { "\($0["number"]?.number ?? 0)" }))
  }

  /// Whatever selects or sorts regions lists them, even where it is what would be done anyway.
  @Test(arguments: [
    ["--all"], ["--sort", "address"], ["--top", "0"], ["--min-size", "0"], ["--perm", ""],
    ["--kind", "file", "--kind", "heap", "--kind", "stack", "--kind", "anon", "--kind", "shared", "--kind", "kernel"],
  ]) func aChoiceListsRegions(options: [String]) throws {
    let target = try FixtureProcess()
    let result = try Tool.run(["regions", "\(target.pid)"] + options)
    let count = try #require(fileText("/proc/\(target.pid)/maps")).split(separator: "\n").count
    #expect(result.lines.count == count + 1)
    #expect(result.lines[0].hasSuffix("NAME"))
  }

  /// Programs get every region and nothing else, whatever people are shown.
  @Test func jsonIsEveryRegion() throws {
    let target = try FixtureProcess()
    let count = try #require(fileText("/proc/\(target.pid)/maps")).split(separator: "\n").count
    let lines = try Tool.run("regions", "\(target.pid)", "--json").lines
    #expect(lines.count == count && lines.allSatisfy { $0.hasPrefix(#"{"type":"region","number":"#) })
    #expect(try Tool.run("regions", "\(target.pid)", "--json", "--all").lines == lines)
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
