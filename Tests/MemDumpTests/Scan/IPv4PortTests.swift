import Testing

@testable import MemDump

/// A text and the matches it holds, separated by blanks. Characters up to U+00FF are one byte each.
private typealias Case = (text: String, matches: String)

@Suite struct IPv4PortTests {
  // The rule, clause by clause: "what stands in memory", "what is found".

  private static let asPrintfWritesIt: [Case] = [
    ("1.2.3.4:80", "1.2.3.4:80"),
    ("0.0.0.0:1", "0.0.0.0:1"),
    ("0.0.0.0:80", "0.0.0.0:80"),
    ("127.0.0.1:8080", "127.0.0.1:8080"),
    ("10.0.0.1:443", "10.0.0.1:443"),
    ("192.168.100.200:10000", "192.168.100.200:10000"),
    ("255.255.255.255:65535", "255.255.255.255:65535"),
    ("99.100.199.200:9", "99.100.199.200:9"),
    ("249.250.254.255:99", "249.250.254.255:99"),
    ("100.10.1.0:100", "100.10.1.0:100"),
    ("1.2.3.4:1", "1.2.3.4:1"),
    ("1.2.3.4:10", "1.2.3.4:10"),
    ("1.2.3.4:999", "1.2.3.4:999"),
    ("1.2.3.4:1000", "1.2.3.4:1000"),
    ("1.2.3.4:9999", "1.2.3.4:9999"),
    ("1.2.3.4:10000", "1.2.3.4:10000"),
    ("1.2.3.4:59999", "1.2.3.4:59999"),
    ("1.2.3.4:60000", "1.2.3.4:60000"),
    ("1.2.3.4:64999", "1.2.3.4:64999"),
    ("1.2.3.4:65000", "1.2.3.4:65000"),
    ("1.2.3.4:65499", "1.2.3.4:65499"),
    ("1.2.3.4:65529", "1.2.3.4:65529"),
    ("1.2.3.4:65534", "1.2.3.4:65534"),
    ("1.2.3.4:65535", "1.2.3.4:65535"),
    ("200.1.1.1:80 249.1.1.1:80 209.1.1.1:80", "200.1.1.1:80 249.1.1.1:80 209.1.1.1:80"),
  ]

  private static let octetsAbove255: [Case] = [
    ("256.1.1.1:80", ""),
    ("1.256.1.1:80", ""),
    ("1.1.256.1:80", ""),
    ("1.1.1.256:80", ""),
    ("257.1.1.1:80", ""),
    ("260.1.1.1:80", ""),
    ("299.1.1.1:80", ""),
    ("300.1.1.1:80", ""),
    ("999.999.999.999:80", ""),
    ("1.1.1.300:80", ""),
    ("1.1.1.1000:80", ""),
    ("1234.1.1.1:80", ""),
    ("1.2555.1.1:80", ""),
    ("1.1.25555555555555555555.1:80", ""),
    ("256.256.256.256:65536", ""),
  ]

  private static let portsThatAreNone: [Case] = [
    ("1.2.3.4:0", ""),
    ("1.2.3.4:65536", ""),
    ("1.2.3.4:65537", ""),
    ("1.2.3.4:65540", ""),
    ("1.2.3.4:65600", ""),
    ("1.2.3.4:66000", ""),
    ("1.2.3.4:70000", ""),
    ("1.2.3.4:99999", ""),
    ("1.2.3.4:100000", ""),
    ("1.2.3.4:123456", ""),
    ("1.2.3.4:655350", ""),
    ("1.2.3.4:8080808080808080808080808080", ""),
    ("1.2.3.4:4294967376", ""),
    ("1.2.3.4:18446744073709551696", ""),
    ("1.2.3.4:", ""),
    ("1.2.3.4: 80", ""),
    ("1.2.3.4:x80", ""),
    ("1.2.3.4:-80", ""),
    ("1.2.3.4:+80", ""),
    ("1.2.3.4::80", ""),
    ("1.2.3.4:.80", ""),
    ("1.2.3.4", ""),
    ("1.2.3.4 :80", ""),
    ("1.2.3.4;80", ""),
    ("1.2.3.4/80", ""),
  ]

  private static let leadingZeros: [Case] = [
    ("010.0.0.1:80", ""),
    ("01.2.3.4:80", ""),
    ("1.02.3.4:80", ""),
    ("1.2.03.4:80", ""),
    ("1.2.3.04:80", ""),
    ("00.0.0.0:80", ""),
    ("0.00.0.0:80", ""),
    ("0.0.0.000:80", ""),
    ("1.2.3.4:080", ""),
    ("1.2.3.4:00080", ""),
    ("1.2.3.4:00", ""),
    ("1.2.3.4:01", ""),
    ("001.002.003.004:80", ""),
    ("0255.1.1.1:80", ""),
    ("0000000000000000000000001.2.3.4:80", ""),
    ("1.2.3.4:000000000000000000000000080", ""),
    ("10.20.30.40:50", "10.20.30.40:50"),
    ("100.200.0.0:10", "100.200.0.0:10"),
  ]

  private static let shapesThatAreNone: [Case] = [
    ("", ""),
    (":", ""),
    (":80", ""),
    ("4:80", ""),
    ("3.4:80", ""),
    ("2.3.4:80", ""),
    (".2.3.4:80", ""),
    ("1..3.4:80", ""),
    ("1.2..4:80", ""),
    ("1.2.3.:80", ""),
    ("...:80", ""),
    ("1.2.3,4:80", ""),
    ("1,2,3,4:80", ""),
    ("1 .2.3.4:80", ""),
    ("1. 2.3.4:80", ""),
    ("1.2.3:4:80", ""),
    ("1:2:3:4:80", ""),
    ("1.2.3.a:80", ""),
    ("1.2.3.0x4:80", ""),
    ("a.b.c.d:80", ""),
    ("1\u{0}.2.3.4:80", ""),
    ("1.2.3.4\u{0}:80", ""),
    ("1.2.3.4:\u{0}80", ""),
    ("::::::::::::::::::::", ""),
    ("....................", ""),
    ("00000000000000000000", ""),
    ("1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1", ""),
    ("1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1", ""),
    ("\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}", ""),
    // Bytes next to the digits, the dot and the colon in ASCII, and the same with the top bit set.
    ("/.2.3.4:80", ""),
    ("1.2.3.;:80", ""),
    ("1.2.3.4;8", ""),
    ("1-2-3-4:80", ""),
    ("\u{b1}.2.3.4:80", ""),
    ("1\u{ae}2.3.4:80", ""),
    ("1.2.3.4\u{ba}80", ""),
    ("1.2.3.4:\u{b8}0", ""),
  ]

  private static let theLeftSide: [Case] = [
    ("11.2.3.4:80", "11.2.3.4:80"),
    ("1111.2.3.4:80", ""),
    (".1.2.3.4:80", ""),
    ("..1.2.3.4:80", ""),
    ("9.1.2.3.4:80", ""),
    ("0.1.2.3.4:80", ""),
    ("1.2.3.4.5:80", ""),
    ("1.2.3.4.5.6.7.8:80", ""),
    ("256.1.2.3.4:80", ""),
    ("a.1.2.3.4:80", ""),
    (" .1.2.3.4:80", ""),
    ("v1.2.3.4:80", "1.2.3.4:80"),
    ("ver1.2.3.4:80", "1.2.3.4:80"),
    ("_1.2.3.4:80", "1.2.3.4:80"),
    ("-1.2.3.4:80", "1.2.3.4:80"),
    ("--1.2.3.4:80", "1.2.3.4:80"),
    ("/1.2.3.4:80", "1.2.3.4:80"),
    (":1.2.3.4:80", "1.2.3.4:80"),
    ("::1.2.3.4:80", "1.2.3.4:80"),
    ("::ffff:1.2.3.4:80", "1.2.3.4:80"),
    ("@1.2.3.4:80", "1.2.3.4:80"),
    ("=1.2.3.4:80", "1.2.3.4:80"),
    (",1.2.3.4:80", "1.2.3.4:80"),
    ("\"1.2.3.4:80\"", "1.2.3.4:80"),
    ("'1.2.3.4:80'", "1.2.3.4:80"),
    ("[1.2.3.4:80]", "1.2.3.4:80"),
    ("(1.2.3.4:80)", "1.2.3.4:80"),
    ("{1.2.3.4:80}", "1.2.3.4:80"),
    ("<1.2.3.4:80>", "1.2.3.4:80"),
    ("\u{0}1.2.3.4:80", "1.2.3.4:80"),
    ("\u{1}1.2.3.4:80", "1.2.3.4:80"),
    ("\n1.2.3.4:80", "1.2.3.4:80"),
    ("\t1.2.3.4:80", "1.2.3.4:80"),
    ("\u{7f}1.2.3.4:80", "1.2.3.4:80"),
    ("\u{80}1.2.3.4:80", "1.2.3.4:80"),
    ("\u{ae}1.2.3.4:80", "1.2.3.4:80"),
    ("\u{b0}1.2.3.4:80", "1.2.3.4:80"),
    ("\u{ff}1.2.3.4:80", "1.2.3.4:80"),
    ("http://1.2.3.4:80/", "1.2.3.4:80"),
    ("2024-01-01 1.2.3.4:80", "1.2.3.4:80"),
    ("12:34:56 1.2.3.4:80", "1.2.3.4:80"),
  ]

  private static let theRightSide: [Case] = [
    ("1.2.3.4:80.", "1.2.3.4:80"),
    ("1.2.3.4:80..", "1.2.3.4:80"),
    ("1.2.3.4:80. ", "1.2.3.4:80"),
    ("1.2.3.4:80.x", "1.2.3.4:80"),
    ("1.2.3.4:80.:", "1.2.3.4:80"),
    ("1.2.3.4:80..5", "1.2.3.4:80"),
    ("1.2.3.4:80.\u{0}5", "1.2.3.4:80"),
    ("1.2.3.4:80.5", ""),
    ("1.2.3.4:80.0", ""),
    ("1.2.3.4:80.9x", ""),
    ("255.255.255.255:65535.", "255.255.255.255:65535"),
    ("255.255.255.255:65535.x", "255.255.255.255:65535"),
    ("255.255.255.255:65535.9", ""),
    ("255.255.255.255:655350", ""),
    ("1.2.3.4:8080:90", "1.2.3.4:8080"),
    ("1.2.3.4:80:", "1.2.3.4:80"),
    ("1.2.3.4:80x", "1.2.3.4:80"),
    ("1.2.3.4:80server", "1.2.3.4:80"),
    ("172.166.169.181:46844server", "172.166.169.181:46844"),
    ("1.2.3.4:80_", "1.2.3.4:80"),
    ("1.2.3.4:80/path", "1.2.3.4:80"),
    ("1.2.3.4:80-1.2.3.5:81", "1.2.3.4:80 1.2.3.5:81"),
    ("1.2.3.4:80,", "1.2.3.4:80"),
    ("1.2.3.4:80;", "1.2.3.4:80"),
    ("1.2.3.4:80\u{0}", "1.2.3.4:80"),
    ("1.2.3.4:80\u{7f}", "1.2.3.4:80"),
    ("1.2.3.4:80\u{80}", "1.2.3.4:80"),
    ("1.2.3.4:80\u{b5}", "1.2.3.4:80"),
    ("1.2.3.4:80\u{ae}5", "1.2.3.4:80"),
    ("1.2.3.4:80\u{ff}", "1.2.3.4:80"),
    ("1.2.3.4:80\n", "1.2.3.4:80"),
    ("1.2.3.4:80\r\n", "1.2.3.4:80"),
    ("1.2.3.4:80%20", "1.2.3.4:80"),
    ("1.2.3.4:80e5", "1.2.3.4:80"),
    ("[::ffff:1.2.3.4]:80", ""),
  ]

  private static let severalInARow: [Case] = [
    ("1.2.3.4:80 5.6.7.8:90", "1.2.3.4:80 5.6.7.8:90"),
    ("1.2.3.4:80,5.6.7.8:90", "1.2.3.4:80 5.6.7.8:90"),
    ("1.2.3.4:80\u{0}5.6.7.8:90", "1.2.3.4:80 5.6.7.8:90"),
    ("1.2.3.4:80:5.6.7.8:90", "1.2.3.4:80 5.6.7.8:90"),
    ("1.2.3.4:5.6.7.8:90", "5.6.7.8:90"),
    ("1.2.3.4:5.6.7.8:90.1.2.3:4", "90.1.2.3:4"),
    ("1.2.3.4:1.2.3.4:1.2.3.4:1.2.3.4:1", "1.2.3.4:1"),
    ("1.2.3.4:80.5.6.7.8:90", ""),
    ("1.2.3.4:805.6.7.8:90", ""),
    ("1.2.3.4:80x5.6.7.8:90", "1.2.3.4:80 5.6.7.8:90"),
    ("256.1.1.1:80 1.2.3.4:80", "1.2.3.4:80"),
    ("1.2.3.4:70000 1.2.3.4:80", "1.2.3.4:80"),
    ("1.2.3.4:70000:1.2.3.4:80", "1.2.3.4:80"),
    ("1.2.3.4.5:80 1.2.3.4:80.", "1.2.3.4:80"),
    (
      "255.255.255.255:65535,255.255.255.255:65535,255.255.255.255:65535,255.255.255.255:65535",
      "255.255.255.255:65535 255.255.255.255:65535 255.255.255.255:65535 255.255.255.255:65535"
    ),
    (
      "0.0.0.0:1:0.0.0.0:2:0.0.0.0:3:0.0.0.0:4:0.0.0.0:5:0.0.0.0:6:0.0.0.0:7",
      "0.0.0.0:1 0.0.0.0:2 0.0.0.0:3 0.0.0.0:4 0.0.0.0:5 0.0.0.0:6 0.0.0.0:7"
    ),
  ]

  private static let longRunsOfDigits: [Case] = [
    (String(repeating: "1", count: 100), ""),
    (String(repeating: "1", count: 100) + ".2.3.4:80", ""),
    (String(repeating: "0", count: 100) + "1.2.3.4:80", ""),
    ("1.2.3.4:" + String(repeating: "1", count: 100), ""),
    ("1.2.3.4:80" + String(repeating: "0", count: 100), ""),
    ("1." + String(repeating: "2", count: 100) + ".3.4:80", ""),
    (String(repeating: "1", count: 63) + " 1.2.3.4:80 " + String(repeating: "1", count: 64), "1.2.3.4:80"),
    (String(repeating: "1.", count: 60) + "1:80", ""),
    (String(repeating: "1.1.1.1:", count: 30), ""),
    (String(repeating: "1:", count: 60) + "1.2.3.4:80", "1.2.3.4:80"),
    (String(repeating: ".", count: 60) + "1.2.3.4:80", ""),
    (String(repeating: ".", count: 60) + " 1.2.3.4:80", "1.2.3.4:80"),
    ("1.2.3.4:80" + String(repeating: ".", count: 60), "1.2.3.4:80"),
  ]

  fileprivate static let all =
    asPrintfWritesIt + octetsAbove255 + portsThatAreNone + leadingZeros + shapesThatAreNone + theLeftSide + theRightSide
    + severalInARow + longRunsOfDigits

  @Test(arguments: all) func findsWhatTheRuleSays(text: String, matches: String) {
    #expect(found(in: latin1(text)) == matches.split(separator: " ").map(String.init))
  }

  @Test func theTableIsLongAndSaysNothingTwice() {
    #expect(Self.all.count >= 150)
    #expect(Set(Self.all.map(\.text)).count == Self.all.count)
  }

  /// The kernels look at 64 bytes and more at once, and at windows that begin with a colon among digits and dots; a case must
  /// come out the same wherever in them it lies.
  @Test(arguments: all, ["", "        1111.1111:1"]) func findsItAtEveryPlaceOfAVector(
    of example: (String, String), behind start: String
  ) {
    let bytes = latin1(example.0)
    let expected = ReferenceScan().matches(in: bytes)
    for blanks in 1..<130 {
      let before = Array(start.utf8) + [UInt8](repeating: 0x20, count: blanks)
      let places = placesFound(in: before + bytes + [UInt8](repeating: 0, count: 200))
      let moved = expected.map { $0.lowerBound + before.count..<$0.upperBound + before.count }
      #expect(places == moved, "behind '\(start)' and \(blanks) blanks")
    }
  }

  @Test(arguments: all) func theReferenceAgreesWithTheTable(text: String, matches: String) {
    let bytes = latin1(text)
    let texts = ReferenceScan().matches(in: bytes).map { Array(bytes[$0]).latin1 }
    #expect(texts == matches.split(separator: " ").map(String.init))
  }

  private static let withPortZero: [Case] = [
    ("1.2.3.4:0", "1.2.3.4:0"),
    ("0.0.0.0:0", "0.0.0.0:0"),
    ("1.2.3.4:0 5.6.7.8:0", "1.2.3.4:0 5.6.7.8:0"),
    ("1.2.3.4:0.", "1.2.3.4:0"),
    ("1.2.3.4:0x", "1.2.3.4:0"),
    ("1.2.3.4:0:1", "1.2.3.4:0"),
    ("1.2.3.4:0.5", ""),
    ("1.2.3.4:00", ""),
    ("1.2.3.4:01", ""),
    ("1.2.3.4:080", ""),
    ("01.2.3.4:0", ""),
    ("1.2.3.4:80", "1.2.3.4:80"),
    ("1.2.3.4:65536", ""),
  ]

  @Test(arguments: withPortZero) func allowsPortZeroWhereTold(text: String, matches: String) {
    let pattern = IPv4Port(allowsPortZero: true)
    #expect(found(in: latin1(text), pattern) == matches.split(separator: " ").map(String.init))
  }

  private static let wholeWords: [Case] = [
    ("1.2.3.4:80", "1.2.3.4:80"),
    (" 1.2.3.4:80 ", "1.2.3.4:80"),
    ("a1.2.3.4:80", ""),
    ("z1.2.3.4:80", ""),
    ("A1.2.3.4:80", ""),
    ("Z1.2.3.4:80", ""),
    ("_1.2.3.4:80", ""),
    ("1.2.3.4:80a", ""),
    ("1.2.3.4:80z", ""),
    ("1.2.3.4:80A", ""),
    ("1.2.3.4:80Z", ""),
    ("1.2.3.4:80_", ""),
    ("1.2.3.4:80server", ""),
    // The neighbours of the letters in ASCII, and letters with the top bit set.
    ("@1.2.3.4:80", "1.2.3.4:80"),
    ("[1.2.3.4:80]", "1.2.3.4:80"),
    ("`1.2.3.4:80`", "1.2.3.4:80"),
    ("{1.2.3.4:80}", "1.2.3.4:80"),
    ("^1.2.3.4:80^", "1.2.3.4:80"),
    ("-1.2.3.4:80-", "1.2.3.4:80"),
    ("\u{e1}1.2.3.4:80\u{e1}", "1.2.3.4:80"),
    ("\u{df}1.2.3.4:80\u{df}", "1.2.3.4:80"),
    ("\u{0}1.2.3.4:80\u{0}", "1.2.3.4:80"),
    ("::ffff:1.2.3.4:80", "1.2.3.4:80"),
    ("1.2.3.4:80.com", "1.2.3.4:80"),
    ("1.2.3.4:80:x", "1.2.3.4:80"),
    ("a1.2.3.4:80 5.6.7.8:90", "5.6.7.8:90"),
    ("1.2.3.4:80x5.6.7.8:90", ""),
  ]

  @Test(arguments: wholeWords) func lettersForbidAMatchWhereTold(text: String, matches: String) {
    let pattern = IPv4Port(wantsWholeWord: true)
    #expect(found(in: latin1(text), pattern) == matches.split(separator: " ").map(String.init))
  }

  @Test func bothOptionsGoTogether() {
    let pattern = IPv4Port(allowsPortZero: true, wantsWholeWord: true)
    #expect(found(in: latin1("1.2.3.4:0 x1.2.3.4:0 1.2.3.4:0x 1.2.3.4:7"), pattern) == ["1.2.3.4:0", "1.2.3.4:7"])
  }

  /// Each byte value on each side of a match, by the rule as it is written.
  @Test func everyByteValueIsABoundaryOrNot() {
    for byte in UInt8.min...UInt8.max {
      let character = Character(Unicode.Scalar(byte))
      let isDigit = "0123456789".contains(character)
      let isLetter = character.isASCII && character.isLetter || character == "_"
      let left = [byte] + Array("1.2.3.4:80 ".utf8)
      let right = Array(" 1.2.3.4:80".utf8) + [byte]
      let strict = IPv4Port(wantsWholeWord: true)
      #expect(found(in: left).contains("1.2.3.4:80") == !(isDigit || byte == UInt8(ascii: ".")), "left \(byte)")
      #expect(found(in: right).contains("1.2.3.4:80") == !isDigit, "right \(byte)")
      #expect(
        found(in: left, strict).contains("1.2.3.4:80") == !(isDigit || isLetter || byte == UInt8(ascii: ".")),
        "left \(byte), whole words")
      #expect(found(in: right, strict).contains("1.2.3.4:80") == !(isDigit || isLetter), "right \(byte), whole words")
    }
  }

  @Test func everyOctetIsJudgedByItsValue() {
    for octet in 0...1100 {
      for place in 0..<4 {
        var octets = ["1", "2", "3", "4"]
        octets[place] = String(octet)
        let text = octets.joined(separator: ".") + ":80"
        #expect(found(in: Array(text.utf8)) == (octet < 256 ? [text] : []))
      }
    }
  }

  @Test func everyPortIsJudgedByItsValue() {
    for port in 0...70000 {
      let text = "10.20.30.40:\(port)"
      let isFound = found(in: Array(text.utf8)) == [text]
      if isFound != (1...65535).contains(port) { Issue.record("port \(port)") }
    }
  }

  /// A colon belongs to exactly one of two calls, wherever between them the border is.
  @Test func anchorsBelongToOneCallOnly() {
    let bytes = Array("1.2.3.4:80 x5.6.7.8:9 256.1.1.1:1 9.9.9.9:99,8.8.8.8:88:7.7.7.7:7".utf8)
    let whole = placesFound(in: bytes)
    #expect(whole.count == 5)
    for border in 0...bytes.count {
      let first = placesFound(in: bytes, owned: 0..<border)
      let second = placesFound(in: bytes, owned: border..<bytes.count)
      #expect(first + second == whole, "border at \(border)")
    }
  }

  @Test(arguments: 1...6) func goesOnWhereAListWasFull(capacity: Int) {
    let bytes = Array("1.2.3.4:80 x5.6.7.8:9 256.1.1.1:1 9.9.9.9:99,8.8.8.8:88:7.7.7.7:7".utf8)
    #expect(placesFound(in: bytes, capacity: capacity) == placesFound(in: bytes))
  }

  /// What lies outside of the bytes is a boundary, and bytes outside of the part to decide on count as neighbours.
  @Test func looksAtItsNeighboursButDoesNotDecideOnThem() {
    let bytes = Array("11.2.3.4:80.5".utf8)
    #expect(placesFound(in: bytes, owned: 1..<bytes.count) == [])
    #expect(placesFound(in: Array("11.2.3.4:80".utf8), owned: 4..<11) == [0..<11])
    #expect(placesFound(in: Array("1.2.3.4:80".utf8), owned: 0..<7) == [])
    #expect(placesFound(in: Array("1.2.3.4:80".utf8), owned: 8..<10) == [])
    #expect(placesFound(in: Array("1.2.3.4:80".utf8), owned: 7..<8) == [0..<10])
  }

  /// A walk gives `reach` bytes on both sides of an anchor and no more: they must be enough for any decision.
  @Test(arguments: all) func noDecisionNeedsMoreThanTheReach(text: String, matches: String) {
    let bytes = Array("x".utf8) + latin1(text) + Array("x".utf8)
    let reach = IPv4Port().reach
    var places: [Range<Int>] = []
    for anchor in bytes.indices {
      let start = max(0, anchor - reach)
      let visible = Array(bytes[start..<min(bytes.count, anchor + reach + 1)])
      places += placesFound(in: visible, owned: anchor - start..<anchor - start + 1).map {
        $0.lowerBound + start..<$0.upperBound + start
      }
    }
    #expect(places == placesFound(in: bytes))
  }
}

// MARK: Running the pattern

private func found(in bytes: [UInt8], _ pattern: IPv4Port = IPv4Port()) -> [String] {
  placesFound(in: bytes, pattern).map { Array(bytes[$0]).latin1 }
}

private func placesFound(
  in bytes: [UInt8], _ pattern: IPv4Port = IPv4Port(), owned: Range<Int>? = nil, capacity: Int = 4096
) -> [Range<Int>] {
  let owned = owned ?? 0..<bytes.count
  var matches = MatchList(capacity: capacity)
  var places: [Range<Int>] = []
  var from = owned.lowerBound
  while from < owned.upperBound {
    matches.removeAll()
    pattern.scan(bytes.span.bytes, from: &from, to: owned.upperBound, into: &matches)
    for index in 0..<matches.count {
      places.append(Int(matches[index].offset)..<Int(matches[index].offset + matches[index].length))
    }
  }
  return places
}
