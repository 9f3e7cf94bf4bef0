import MemDumpTestSupport
import Testing

/// Several sources of `scan` and `strings`, and what of one is gone over.
@Suite struct ScanSourcesTests {
  private func several() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.write(Array("\010.0.0.1:80\010.0.0.2:80\0".utf8), to: "a")
    try directory.write(Array("\010.0.0.1:80\0".utf8), to: "b")
    try directory.write(Array("\0\010.0.0.2:80\0".utf8), to: "c")
    return directory
  }

  @Test func ofSeveralSourcesEachRowTellsItsOwn() throws {
    let directory = try several()
    let result = try Tool.run(["scan", "a", "b", "c", "--threads", "1"], directory: directory.path)
    #expect(
      result.text == """
        COUNT  REGIONS  FIRST  SOURCES  PATTERN    TEXT
            2        2    0x1  a, b     ipv4-port  10.0.0.1:80
            2        2    0xd  a, c     ipv4-port  10.0.0.2:80

        """)
    let json = try Tool.run(["scan", "b", "a", "c", "--json"], directory: directory.path)
    #expect(json.lines.map { $0.contains(#""sources":["b","a"]"#) } == [true, false, false])
    #expect(json.lines[1].contains(#""sources":["a","c"]"#))
    let each = try Tool.run(["scan", "a", "b", "c", "--each"], directory: directory.path)
    #expect(
      each.lines == [
        "0x1  ipv4-port  10.0.0.1:80  a  file", "0xd  ipv4-port  10.0.0.2:80  a  file",
        "0x1  ipv4-port  10.0.0.1:80  b  file", "0x2  ipv4-port  10.0.0.2:80  c  file",
      ])
    let texts = try Tool.run(["strings", "b", "c", "--each"], directory: directory.path)
    #expect(texts.lines == ["0x1  b  file  10.0.0.1:80", "0x2  c  file  10.0.0.2:80"])
    let templates = try Tool.run(["strings", "a", "b", "c", "--template"], directory: directory.path)
    #expect(templates.lines[0].hasSuffix("  EXAMPLE      SOURCES"))
    #expect(templates.lines[1].hasSuffix("  a, b, c"))
  }

  @Test func aSourceCountsOnceUnderWhateverName() throws {
    let directory = try several()
    let link = try Tool.shell("ln -s a \(directory.path)/link && ln \(directory.path)/a \(directory.path)/hard")
    #expect(link.status == 0)
    let once = try Tool.run(["scan", "a"], directory: directory.path)
    for words in [["a", "a"], ["a", "./a", "link", "hard", "\(directory.path)/a"]] {
      let result = try Tool.run(["scan"] + words, directory: directory.path)
      #expect(result.text == once.text && result.status == 0)
    }
    let missing = try Tool.run(["scan", "gone", "gone"], directory: directory.path)
    #expect(missing.status == 2 && missing.errorText.split(separator: "\n").count == 1)
  }

  @Test(.enabled(if: canTrace, "ptrace is not permitted here")) func aProcessCountsOnce() throws {
    let target = try FixtureProcess("--known")
    let result = try Tool.run("scan", "\(target.pid)", "0\(target.pid)", "\(target.pid)", "--find", "10.0.0.2:8002")
    #expect(result.lines.count == 2 && result.lines[1].hasPrefix("    1 "))
  }

  @Test(.enabled(if: canTrace, "ptrace is not permitted here")) func whatIsLeftOutIsSaidWithTheWayToHaveIt() throws {
    let target = try FixtureProcess("--file", "--known")
    let words = ["scan", "\(target.pid)"]
    #expect(try Tool.run(words).errorText.contains(" of files and read-only memory left out (--all)\n"))
    #expect(try Tool.run(words + ["--json"]).text.contains(#/"left_out_bytes":[1-9][0-9]+,/#))
    for more in [["--all"], ["--region", "stack"]] {
      let result = try Tool.run(words + more)
      #expect(!result.errorText.contains("left out"))
      #expect(try Tool.run(words + more + ["--json"]).text.contains(#""left_out_bytes":0,"#))
    }
  }
}
