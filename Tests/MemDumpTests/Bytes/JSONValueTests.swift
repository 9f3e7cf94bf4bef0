import Testing

@testable import MemDump

@Suite struct JSONValueTests {
  private static func value(_ text: String) -> JSONValue? { JSONValue(parsing: Array(text.utf8)) }

  @Test(
    arguments: [
      ("null", .null), ("true", .boolean(true)), ("false", .boolean(false)), ("0", .number(0)), ("-0", .number(0)),
      ("1", .number(1)), ("-1", .number(-1)), ("10", .number(10)), (" \t\r\n1 \n", .number(1)),
      ("9223372036854775807", .number(.max)), ("-9223372036854775807", .number(-.max)),
      ("-9223372036854775808", .number(.min)),
      (#""""#, .string("")), (#""a b""#, .string("a b")), ("[]", .array([])), ("[ ]", .array([])), ("{}", .object([:])),
      ("{ }", .object([:])), ("[1,2]", .array([.number(1), .number(2)])),
      ("[ 1 , [ ] ]", .array([.number(1), .array([])])),
      (#"{"a":1}"#, .object(["a": .number(1)])),
      (
        #" { "a" : { "b" : [ true ] } , "c" : "d" } "#,
        .object(["a": .object(["b": .array([.boolean(true)])]), "c": .string("d")])
      ),
      (#"{"":0}"#, .object(["": .number(0)])),
      // Of two members of one name the later counts.
      (#"{"a":1,"a":2}"#, .object(["a": .number(2)])),
    ] as [(String, JSONValue)]) func readsEverySort(text: String, value: JSONValue)
  {
    #expect(Self.value(text) == value)
  }

  @Test(arguments: [
    (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u0041""#, "A"), (#""\u00e9""#, "é"), (#""\u00E9""#, "é"),
    (#""\u0000""#, "\0"), (#""\ud83d\ude00""#, "😀"), (#""\uD83D\uDE00x""#, "😀x"), (#""\udbff\udfff""#, "\u{10ffff}"),
    (#""\ud800\udc00""#, "\u{10000}"), (#""\uffff""#, "\u{ffff}"), (#""é😀""#, "é😀"), (#""\u2028""#, "\u{2028}"),
    ("\"\u{7f}\"", "\u{7f}"),
  ]) func readsEscapes(text: String, string: String) {
    #expect(Self.value(text)?.string == string)
  }

  @Test(arguments: [
    "", " ", "x", "nul", "nulll", "truee", "True", "NULL", "'a'", "undefined", "NaN", "Infinity", "\u{feff}1", "1 2",
    "1,",
    ",", ":", "\0", "1\0",
    // Numbers.
    "-", "+1", "- 1", "--1", "01", "-01", "00", ".5", "1.", "1.5", "1e3", "1E3", "0x10", "1_000", "9223372036854775808",
    "-9223372036854775809", "18446744073709551616", "99999999999999999999999", "1a", "1-",
    // Arrays and objects.
    "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{", "}", "{]", #"{"a"}"#, #"{"a":}"#, #"{"a":1"#,
    #"{"a":1,"#,
    #"{"a":1,}"#, #"{,"a":1}"#, #"{a:1}"#, #"{1:1}"#, #"{"a" 1}"#, #"{"a":1 "b":2}"#, #"{"a":1}}"#, "[]]", "{}{}",
    // Texts.
    "\"", #""a"#, #""\""#, #""\x""#, #""\u""#, #""\u1""#, #""\u12g4""#, #""\u 041""#, #""\u+041""#, #""\U0041""#,
    "\"\n\"", "\"\t\"", "\"\0\"", "\"\u{1f}\"",
    // Surrogates that are alone, or in the wrong order.
    #""\ud800""#, #""\udc00""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\u0041""#, #""\ud800\ud800""#,
    #""\udc00\ud800""#, #""\ud800\u""#, #""\ud800\udc0""#,
  ]) func refusesWhatIsNoJSON(text: String) {
    #expect(Self.value(text) == nil)
  }

  @Test(
    arguments: [
      [0xff], [0x80], [0xc0, 0x80], [0xc3], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
    ] as [[UInt8]]) func refusesATextThatIsNoUTF8(bytes: [UInt8])
  {
    #expect(JSONValue(parsing: [0x22] + bytes + [0x22]) == nil)
    #expect(JSONValue(parsing: Array(#"{""#.utf8) + bytes + Array(#"":1}"#.utf8)) == nil)
  }

  /// Depth is bounded, so that no text can exhaust the stack.
  @Test func refusesWhatIsTooDeep() {
    func arrays(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    func objects(_ depth: Int) -> String {
      String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
    }
    #expect(Self.value(arrays(32)) != nil)
    #expect(Self.value(arrays(33)) == nil)
    #expect(Self.value(objects(31)) != nil)
    #expect(Self.value(objects(32)) == nil)
    #expect(Self.value(String(repeating: "[", count: 1_000_000)) == nil)
    #expect(Self.value(String(repeating: #"{"a":["#, count: 200_000)) == nil)
  }

  @Test func givesAPartOnlyAsWhatItIs() throws {
    let value = try #require(Self.value(#"{"s":"0x7f00","n":5,"a":[1],"x":null}"#))
    #expect(value["s"]?.string == "0x7f00")
    #expect(value["n"]?.number == 5)
    #expect(value["a"]?.array == [.number(1)])
    #expect(value["x"] == .null)
    #expect(value["no"] == nil)
    #expect(value["s"]?.number == nil && value["n"]?.string == nil && value["a"]?["s"] == nil && value.array == nil)
  }

  @Test(
    arguments: [
      ("0x0", 0), ("0x7f00", 0x7f00), ("0xABCdef", 0xabcdef), ("0xffffffffffffffff", UInt64.max),
      ("0x00000000000000000001", 1), ("0x", nil), ("7f00", nil), ("", nil), ("0X1", nil), ("0xg", nil), ("0x+1", nil),
      ("0x-1", nil), ("0x 1", nil), ("0x10000000000000000", nil), ("0x\u{ff11}", nil),
    ] as [(String, UInt64?)]) func readsAnAddress(text: String, address: UInt64?)
  {
    #expect(JSONValue.string(text).address?.rawValue == address)
    #expect(JSONValue.number(5).address == nil)
  }

  /// What the writer writes is read as it was.
  @Test(arguments: 1...20) func readsWhatTheWriterWrote(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<20 {
      let value = Self.random(depth: 0, using: &generator)
      var writer = JSONWriter()
      Self.write(value, to: &writer)
      #expect(JSONValue(parsing: writer.bytes) == value)
    }
  }

  private static func random(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
    let scalars: [Unicode.Scalar] = ["a", "\"", "\\", "\u{0}", "\n", "\u{1b}", "\u{7f}", "é", "\u{2028}", "😀", "/"]
    switch Int.random(in: depth > 4 ? 2...3 : 0...3, using: &generator) {
    case 0:
      return .array(
        (0..<Int.random(in: 0...4, using: &generator)).map { _ in random(depth: depth + 1, using: &generator) })
    case 1: return .object(["a": random(depth: depth + 1, using: &generator)])
    case 2: return .number(Int64.random(in: .min ... .max, using: &generator))
    default:
      let count = Int.random(in: 0...12, using: &generator)
      let chosen = (0..<count).map { _ in scalars[Int.random(in: 0..<scalars.count, using: &generator)] }
      return .string(String(String.UnicodeScalarView(chosen)))
    }
  }

  private static func write(_ value: JSONValue, to writer: inout JSONWriter) {
    switch value {
    case .array(let values): writer.array { array in values.forEach { write($0, to: &array) } }
    case .object(let members): writer.object { object in object.member("a") { write(members["a"] ?? .null, to: &$0) } }
    case .number(let number): writer.value(number)
    case .string(let text): writer.value(text)
    case .boolean, .null: writer.value(String?.none)
    }
  }

  @Test(arguments: 1...4) func neverTrapsOnBytes(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let alphabet = Array(#"{}[]:,"\u0d8e-12 tfn"#.utf8)
    var readable = 0
    for _ in 0..<3000 {
      let count = Int.random(in: 0...12, using: &generator)
      let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
      if JSONValue(parsing: bytes) != nil { readable += 1 }
    }
    #expect(readable > 0)
  }
}
