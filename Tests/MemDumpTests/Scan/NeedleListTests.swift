import MemDumpTestSupport
import SystemPackage
import Testing

@testable import MemDump

@Suite struct NeedleListTests {
  private static func list(_ text: String, ignoringCase: Bool = false) throws(MemDumpError) -> NeedleList {
    try NeedleList(parsing: Array(text.utf8), of: "list", ignoringCase: ignoringCase)
  }

  /// The names of what a list asks for, and where each is found in a text.
  private static let good: [(list: String, names: [String])] = [
    ("a", ["a"]),
    ("a\n", ["a"]),
    ("a\nb", ["a", "b"]),
    ("a\r\nb\r\n", ["a", "b"]),
    ("\n\n a \n\t\n  \n", [" a "]),
    ("# no\na # yes", ["a # yes"]),
    ("text:#x", ["#x"]),
    ("text: x", [" x"]),
    ("text:text:x", ["text:x"]),
    ("hex:61 62", ["61 62"]),
    ("hex: 6? ?1 ??", ["6? ?1 ??"]),
    ("hex:\t61\t62", ["61 62"]),
    ("name:token text:eyJ", ["token"]),
    ("name:a.b-c_1 \t hex:7f454c46", ["a.b-c_1"]),
    ("name=x", ["name=x"]),
    ("hexagon", ["hexagon"]),
    ("\u{feff}a", ["a"]),
    ("password=\nuser = x", ["password=", "user = x"]),
    ("é", ["é"]),
    (String(repeating: "x", count: 4096), [String(repeating: "x", count: 4096)]),
  ]

  @Test(arguments: good) func aLineIsANeedle(list: String, names: [String]) throws {
    #expect(try Self.list(list).patterns.map(\.name) == names)
  }

  private static let bad: [(list: String, sentence: String)] = [
    ("", "list is no list of needles: it has no needle."),
    ("# only\n\n  \n", "list is no list of needles: it has no needle."),
    ("a\ntext:", "line 2 of list is no needle: the needle is empty"),
    ("hex:", "line 1 of list is no needle: the needle is empty"),
    ("name:x text:", "line 1 of list is no needle: the needle is empty"),
    ("a\nb\na", "line 3 of list is no needle: the needle is that of line 1 already"),
    ("ab\nhex:61 62", "line 2 of list is no needle: the needle is that of line 1 already"),
    ("name:x text:a\nname:x text:b", "line 2 of list is no needle: the name 'x' is that of line 1 already"),
    ("name:url text:a", "line 1 of list is no needle: 'url' is the name of a pattern"),
    ("name: text:a", "line 1 of list is no needle: what stands behind name: is not a name"),
    ("name:ü text:a", "line 1 of list is no needle: what stands behind name: is not a name"),
    ("name:x", "line 1 of list is no needle: behind a name stands hex: or text:"),
    ("name:x a", "line 1 of list is no needle: behind a name stands hex: or text:"),
    ("hex:6", "line 1 of list is no needle: what stands behind hex: is not a row of bytes"),
    ("hex:0x61", "line 1 of list is no needle: what stands behind hex: is not a row of bytes"),
    ("hex:??", "line 1 of list is no needle: what stands behind hex: is not a row of bytes"),
    ("a\0b", "line 1 of list is no needle: it has a NUL byte"),
    (String(repeating: "x", count: 4097), "line 1 of list is no needle: the needle has more than 4096 bytes"),
    ("hex:" + String(repeating: "61", count: 4097), "line 1 of list is no needle: the needle has more than 4096 bytes"),
    ("#" + String(repeating: "x", count: 16384), "line 1 of list is no needle: it has more than 16384 bytes"),
  ]

  @Test(arguments: bad) func whatIsWrongIsTold(list: String, sentence: String) {
    #expect { try Self.list(list) } throws: { error in
      let error = error as? MemDumpError
      #expect(error?.description.hasPrefix(sentence) == true, "\(error?.description ?? "")")
      return error?.code == .badNeedles && error?.path == "list"
    }
  }

  @Test func whatIsNoTextIsTold() {
    #expect { try NeedleList(parsing: [0x61, 0x0a, 0xff], of: "list") } throws: {
      ($0 as? MemDumpError)?.description.hasPrefix("line 2 of list is no needle: it is not UTF-8") == true
    }
  }

  @Test func letterCaseMakesNeedlesTheSameWhereItDoesNotCount() throws {
    #expect(try Self.list("ab\nAB").patterns.count == 2)
    #expect(throws: MemDumpError.self) { try Self.list("ab\nAB", ignoringCase: true) }
    let places = try Scan(patterns: Self.list("ab\nxy", ignoringCase: true).patterns)
      .places(TestMemory([0x1000: latin1("AB xY")]))
    #expect(places.map(\.pattern) == [0, 1])
  }

  @Test func bothEndsOfTheBounds() throws {
    let many = (0..<Scan.mostPatterns).map { "\($0)" }.joined(separator: "\n")
    #expect(try Self.list(many).patterns.count == Scan.mostPatterns)
    #expect { try Self.list(many + "\nx") } throws: {
      ($0 as? MemDumpError)?.description.hasPrefix("line 65537 of list is no needle: there are more than 65536") == true
    }
    let large = [UInt8](repeating: UInt8(ascii: "\n"), count: Int(NeedleList.byteLimit) + 1)
    #expect { try NeedleList(parsing: large, of: "list") } throws: {
      ($0 as? MemDumpError)?.description.hasPrefix("list is no list of needles: it is larger than 16 MiB") == true
    }
  }

  /// A name is what is reported, of the text in UTF-16, too.
  @Test func aNameIsThatOfThePattern() throws {
    let list = try Self.list("name:one text:ab\nname:two text:é")
    #expect(list.patterns.compactMap { $0.wide?.name } == ["one", "two"])
    #expect(list.patterns.compactMap { $0.wholeWord?.name } == ["one", "two"])
    #expect(list.patterns[1].wide?.places(in: [0xe9, 0]) == [0..<2])
  }

  @Test func aListIsARegularFile() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("list", Array("a\nb\n".utf8))
    #expect(try NeedleList(contentsOf: path).patterns.count == 2)
    #expect { try NeedleList(contentsOf: "/dev/null") } throws: { ($0 as? MemDumpError)?.code == .file }
    #expect { try NeedleList(contentsOf: path.appending("x")) } throws: { ($0 as? MemDumpError)?.code == .file }
  }
}
