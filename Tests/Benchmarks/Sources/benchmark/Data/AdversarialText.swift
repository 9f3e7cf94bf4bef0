/// Text made to be slow: colons everywhere, almost-matches, and many true matches.
enum AdversarialText {
  static let summary = "text with a colon about every 7 bytes, almost-matches, and a true match about every 120 bytes"

  static let denseSummary = "text of almost-matches and nothing else"

  private static let almost = [
    "256.1.2.3:80 ", "1.2.3.4.5:80,", "01.2.3.4:80;", "1.2.3.4:65536 ", "1.2.3.4:080 ", "1.2.3:4:5.6.7:8 ", "1.2.3.4:",
    "00:16:3e:12:34:56 ", "2026-01-02T12:34:56 ", "fe80::1:2:3 ", "9:9:9:9:9:9:9:9:9:9:9 ", "99.99.99.99.99.99.99:9",
  ].map { Array($0.utf8) }
  private static let noise = Array("0123456789.:..::".utf8)

  static func make(_ count: Int) -> [UInt8] {
    var generator = SeededGenerator()
    var text: [UInt8] = []
    text.reserveCapacity(count + 64)
    while text.count < count {
      var choice = generator.next()
      switch choice & 15 {
      case 0, 1:
        let endpoint = choice >> 4 & 0xffff
        text += "10.\(endpoint & 15).\(endpoint >> 4 & 63).\(endpoint >> 10):\(1024 + endpoint % 60000)\n".utf8
      case 2...6:
        for _ in 0..<15 {
          text.append(noise[Int(choice & 15)])
          choice >>= 4
        }
        text.append(UInt8(ascii: " "))
      default:
        text += almost[Int(choice >> 4 % UInt64(almost.count))]
      }
    }
    return Array(text.prefix(count))
  }

  static func makeDense(_ count: Int) -> [UInt8] {
    var generator = SeededGenerator()
    var text: [UInt8] = []
    text.reserveCapacity(count + 64)
    while text.count < count {
      text += almost[Int(generator.next() % UInt64(almost.count))]
      // A colon before the next one's digits would be a match.
      if text.last == UInt8(ascii: ":") { text.append(UInt8(ascii: " ")) }
    }
    return Array(text.prefix(count))
  }
}
