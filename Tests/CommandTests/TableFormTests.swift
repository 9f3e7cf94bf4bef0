import MemDump
import MemDumpTestSupport
import Testing

/// What is printed can be given back, and tables have a form for programs that take CSV.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct TableFormTests {
  private let target: FixtureProcess
  private let directory: TemporaryDirectory

  init() throws {
    target = try FixtureProcess("--known", "--heap", "1M", "--hostile-file")
    directory = try TemporaryDirectory()
  }

  private func run(_ words: String...) throws -> Tool.Result {
    try Tool.run(words.map { $0 == "PID" ? "\(target.pid)" : $0 })
  }

  /// The cells of a line of CSV.
  private func cells(_ line: String) -> [String] {
    var (cells, isQuoted) = ([""], false)
    for letter in line {
      switch letter {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: cells.append("")
      default: cells[cells.count - 1].append(letter)
      }
    }
    return cells
  }

  private func lines(_ result: Tool.Result) -> [String] {
    let text = result.text
    #expect(text.hasSuffix("\r\n"))
    return text.split(separator: "\r\n").map(String.init)
  }

  @Test(arguments: [
    ["scan", "PID", "--find", "not to be found"], ["regions", "PID", "--min-size", "1T"], ["diff", "PID", "PID"],
  ])
  func noRowsLeaveTheHeadingsInCSVAndNothingOfATable(words: [String]) throws {
    let words = words.map { $0 == "PID" ? "\(target.pid)" : $0 }
    let table = try Tool.run(words + ["--format", "csv"])
    #expect(lines(table).count == 1 && cells(lines(table)[0]).count > 5)
    #expect(try Tool.run(words + ["--format", "csv", "--no-headers"]).text.isEmpty)
    let text = try Tool.run(words).text
    #expect(!text.contains("COUNT") && !text.contains("SIZE"))
  }

  @Test func regionsAreCSV() throws {
    let lines = lines(try run("regions", "PID", "--format", "csv"))
    #expect(
      lines[0] == "number,start,end,size,resident,private_dirty,swap,permissions,kind,path,pid")
    let known = try target.region("known")
    let row = try #require(lines.first { cells($0)[1] == "\(known.lowerBound)" })
    #expect(
      Array(cells(row).dropFirst())
        == [
          "\(known.lowerBound)", "\(known.upperBound)", "65536", "65536", "65536", "0", "rw-p", "anon", "",
          "\(target.pid)",
        ])
    #expect(lines.allSatisfy { cells($0).count == 11 })
    let bare = try run("regions", "PID", "--format", "csv", "--no-headers")
    #expect(bare.text == lines.dropFirst().map { $0 + "\r\n" }.joined())
    let twice = try Tool.run("regions", "\(target.pid)", "\(ownProcess)", "--format", "csv")
    #expect(twice.text.split(separator: "\r\n").filter { $0.hasPrefix("number,") }.count == 1)
  }

  @Test func otherTablesAreCSV() throws {
    let known = "\(try target.region("known").lowerBound)+64K"
    let counts = lines(try run("scan", "PID", "--region", known, "--format", "csv", "--pattern", "ipv4-port"))
    #expect(counts[0].hasPrefix("pattern,text,count,"))
    #expect(counts[1].hasPrefix("ipv4-port,10.1.2.3:8080,2,"))
    let each = lines(try run("scan", "PID", "--region", known, "--format", "csv", "--each"))
    #expect(each.count == 6 && each[0].hasPrefix("pattern,text,address,offset,region,source,bytes,"))
    let texts = lines(try run("strings", "PID", "--region", known, "--format", "csv", "--each", "-n", "13"))
    #expect(texts.count == 6)
    #expect(lines(try run("heap", "PID", "--format", "csv"))[0].hasPrefix("size,count,bytes,free_count,"))
    #expect(lines(try run("refs", "PID", "--size", "48", "--format", "csv"))[0].hasPrefix("subject,kind,holder,"))
    let looks = lines(try run("watch", "PID", "--every", "10ms", "--count", "2", "--format", "csv"))
    #expect(looks.count == 3 && looks[0].hasPrefix("pid,number,time_us,"))
    let words = ["scan", "-", "--find", "a\"b,c", "--format", "csv", "--no-headers"]
    let found = try Tool.run(words, input: Array("a\"b,c".utf8))
    #expect(found.text == "\"a\"\"b,c\",\"a\"\"b,c\",1,1,,0,5,0,-,\r\n", "\(found.text)")
  }

  @Test func aTableHasNoHeadingsWhereNoneAreWanted() throws {
    let whole = try run("regions", "PID", "--kind", "heap").lines
    #expect(whole.count == 2)
    let bare = try run("regions", "PID", "--kind", "heap", "--no-headers").lines
    #expect(bare.count == 1 && !bare[0].contains("START"))
  }

  @Test func whatIsPrintedIsTaken() throws {
    let row = try #require(try run("regions", "PID", "--kind", "heap", "--no-headers").lines.first)
    let words = row.split(separator: " ").map(String.init)
    for selector in [words[0], "#" + words[0], words[1], "\(words[1])-\(words[2])", "[heap]"] {
      let file = directory.file("d\(selector.count)\(selector.hasPrefix("#"))")
      let result = try run("dump", "PID", "--region", selector, "-o", file)
      #expect(result.status == 0, "\(selector): \(result.errorText)")
    }
    #expect(try run("regions", "PID", "--min-size", "1,024", "--kind", "heap").status == 0)
    #expect(try run("regions", "PID", "--min-size", "1 KiB", "--kind", "heap", "--top", "1,000").status == 0)
    #expect(try run("refs", "PID", "--size", "0,048").status == 0)
    #expect(try run("watch", "PID", "--every", "0.01", "--count", "2", "--max-pause", "1.5 s").status < 2)
    #expect(try run("watch", "PID", "--every", "10", "--for", "9 s").status == 64)
  }

  @Test func regionsAreChosenAlikeInEveryCommand() throws {
    let choice = ["--kind", "anon", "--perm", "rw", "--min-size", "64K"]
    let rows = try Tool.run(["regions", "\(target.pid)", "--json"] + choice).lines
    let bytes = rows.compactMap { JSONValue(parsing: Array($0.utf8))?["size"]?.number }.reduce(0, +)
    #expect(bytes > 0)
    for command in ["scan", "strings"] {
      let result = try Tool.run([command, "\(target.pid)", "--json"] + choice)
      let summary = try #require(JSONValue(parsing: Array((result.lines.last ?? "").utf8)))
      let sum = (summary["bytes_scanned"]?.number ?? 0) + (summary["absent_bytes"]?.number ?? 0)
      #expect(sum == bytes, "\(command): \(result.text)")
      let none = try Tool.run([command, "\(target.pid)", "--min-size", "1T"])
      #expect(none.status == 2)
      #expect(
        none.errorText == "memdump: process \(target.pid) (target-process) has no region '--min-size 1099511627776'. "
          + "`memdump regions` lists the regions there are.\n")
    }
    let dump = try Tool.run(["dump", "\(target.pid)", "-o", directory.file("core"), "--json"] + choice)
    let members = try #require(JSONValue(parsing: dump.output))
    #expect(members["format"]?.string == "core")
    #expect((members["bytes"]?.number ?? 0) + (members["absent_bytes"]?.number ?? 0) == bytes, "\(dump.text)")
    let both = try run("dump", "PID", "-o", directory.file("raw"), "--region", "heap", "--min-size", "1T")
    #expect(both.status == 2)
  }

  @Test func theFormOfHoldIsWhereItCanBeRead() throws {
    let alone = try run("hold", "PID", "--for", "1ms", "--json")
    #expect(alone.status == 0 && alone.errors.isEmpty)
    #expect(JSONValue(parsing: alone.output)?["type"]?.string == "hold")
    let with = try run("hold", "PID", "--json", "--", "echo", "x")
    #expect(with.text == "x\n")
    #expect(JSONValue(parsing: with.errors)?["type"]?.string == "hold")
  }

  @Test func aDiffEndsWithItsSummary() throws {
    let result = try run("diff", "PID", "PID", "--json")
    let last = try #require(JSONValue(parsing: Array((result.lines.last ?? "").utf8)))
    #expect(last["type"]?.string == "summary")
    #expect(last["growing"] == .boolean(result.status == 0) && last["one_run"] == .boolean(true))
  }

  @Test func aPauseThatRanOutNamesTheModeThatHelps() throws {
    let large = try FixtureProcess("--fill", "64M")
    let scan = try Tool.run("scan", "\(large.pid)", "--mode", "stop", "--max-pause", "20us")
    #expect(scan.status == 4)
    #expect(
      scan.errorText.contains("did not fit the pause and were read while the process ran; --mode snapshot pauses it"))
  }
}
