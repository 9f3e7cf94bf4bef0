import Testing

@testable import MemDump

@Suite struct JSONWriterTests {
  private static func text(_ body: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    body(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func putsCommasWhereTheyBelong() {
    #expect(Self.text { $0.object { _ in } } == "{}")
    #expect(Self.text { $0.array { _ in } } == "[]")
    let text = Self.text { writer in
      writer.object { object in
        object.member("a") { $0.value(1) }
        object.member("b") {
          $0.array { array in
            array.value("x"); array.value("y"); array.value(2)
          }
        }
        object.member("c") { $0.object { $0.member("d") { $0.value(true) } } }
        object.member("e") {
          $0.array { array in
            array.object { _ in }; array.array { _ in }; array.object { _ in }
          }
        }
        object.member("f") { $0.value(false) }
      }
    }
    #expect(text == #"{"a":1,"b":["x","y",2],"c":{"d":true},"e":[{},[],{}],"f":false}"#)
  }

  @Test func writesNumbersWhole() {
    #expect(Self.text { $0.value(UInt64.max) } == "18446744073709551615")
    #expect(Self.text { $0.value(Int64.min) } == "-9223372036854775808")
    #expect(Self.text { $0.value(Int?.none) } == "null")
    #expect(Self.text { $0.value(String?.none) } == "null")
  }

  @Test(arguments: [
    ("", #""""#), ("a", #""a""#), ("\"", #""\"""#), ("\\", #""\\""#), ("/", #""/""#), ("\n", #""\u000a""#),
    ("\r", #""\u000d""#), ("\t", #""\u0009""#), ("\0", #""\u0000""#), ("\u{1f}", #""\u001f""#),
    ("\u{7f}", #""\u007f""#),
    ("\u{1b}[31m", #""\u001b[31m""#), ("é", #""é""#), ("😀", #""😀""#), ("\u{2028}", "\"\u{2028}\""),
    ("\\u0041", #""\\u0041""#),
  ]) func escapesTexts(text: String, json: String) {
    #expect(Self.text { $0.value(text) } == json)
  }

  @Test func everyCharacterOfALineIsOnOneLine() {
    let text = String(String.UnicodeScalarView((0..<0x100).compactMap(Unicode.Scalar.init)))
    let json = Self.text { $0.value(text) }
    #expect(json.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
    #expect(JSONValue(parsing: Array(json.utf8))?.string == text)
  }

  @Test func linesAreTextsOfTheirOwn() {
    let text = Self.text { writer in
      writer.object { $0.member("a") { $0.value(1) } }
      writer.endLine()
      writer.object { $0.member("a") { $0.value(2) } }
      writer.endLine()
    }
    #expect(text == "{\"a\":1}\n{\"a\":2}\n")
  }

  @Test func startsAnewWhenReset() {
    var writer = JSONWriter()
    writer.value(1)
    writer.reset()
    writer.value(2)
    #expect(writer.bytes == Array("2".utf8))
  }
}
