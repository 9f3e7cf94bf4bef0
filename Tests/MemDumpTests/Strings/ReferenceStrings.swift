/// The rules of `memdump strings`, written to be read and not to be fast: each byte is asked whether it is part of a
/// printable character.
///
/// It knows nothing of the library, so that the fuzz package can use this very file.
struct ReferenceStrings {
  enum Encoding: Int { case ascii, utf8, utf16 }

  struct Run: Hashable {
    var offset: Int
    var byteCount: Int
    var text: [UInt8]
  }

  var encoding = Encoding.ascii
  var shortest = 4
  var longest = 4096

  /// The runs of a stretch of memory that nothing borders on.
  func runs(in bytes: [UInt8]) -> [Run] {
    var characters: [Int] = []
    // How long the character is that begins at a place; 0 where none does.
    for place in bytes.indices { characters.append(characterLength(bytes, place)) }
    var runs: [Run] = []
    var place = 0
    while place < bytes.count {
      guard characters[place] > 0 else {
        place += 1
        continue
      }
      let start = place
      var pieces: [[UInt8]] = []
      while place < bytes.count, characters[place] > 0 {
        pieces.append(text(of: bytes[place..<place + characters[place]]))
        place += characters[place]
      }
      if pieces.count >= shortest {
        runs.append(Run(offset: start, byteCount: place - start, text: kept(pieces)))
      }
    }
    return runs
  }

  /// The template of a text.
  static func template(of text: [UInt8]) -> [UInt8] {
    var template: [UInt8] = []
    var place = 0
    while place < text.count {
      let startsRun = place == 0 || !isHex(text[place - 1])
      let hex = text[place...].prefix(while: isHex)
      let decimal = text[place...].prefix(while: isDecimal)
      if startsRun, isUUID(text[place...].prefix(36)), place + 36 == text.count || !isHex(text[place + 36]) {
        template.append(UInt8(ascii: "H"))
        place += 36
      } else if startsRun, hex.count >= 8, hex.contains(where: isDecimal), !hex.allSatisfy(isDecimal) {
        template.append(UInt8(ascii: "H"))
        place += hex.count
      } else if !decimal.isEmpty {
        template.append(UInt8(ascii: "#"))
        place += decimal.count
      } else {
        template.append(text[place])
        place += 1
      }
    }
    return template
  }

  private func characterLength(_ bytes: [UInt8], _ place: Int) -> Int {
    if encoding == .utf16 {
      return isPrintable(bytes[place]) && place + 1 < bytes.count && bytes[place + 1] == 0 ? 2 : 0
    }
    if isPrintable(bytes[place]) { return 1 }
    guard encoding == .utf8 else { return 0 }
    for length in 2...4 where place + length <= bytes.count {
      let piece = bytes[place..<place + length]
      guard let text = String(validating: piece, as: UTF8.self), text.unicodeScalars.count == 1 else { continue }
      if let scalar = text.unicodeScalars.first, Self.isVisible(scalar) { return length }
    }
    return 0
  }

  private func text(of character: ArraySlice<UInt8>) -> [UInt8] {
    encoding == .utf16 ? [character[character.startIndex]] : Array(character)
  }

  /// As many whole characters as there is room for.
  private func kept(_ pieces: [[UInt8]]) -> [UInt8] {
    var text: [UInt8] = []
    for piece in pieces {
      if text.count + piece.count > longest { break }
      text += piece
    }
    return text
  }

  private func isPrintable(_ byte: UInt8) -> Bool { (0x20...0x7e).contains(byte) || byte == 9 }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    let hidden: [ClosedRange<UInt32>] = [
      0x80...0x9f, 0xad...0xad, 0x61c...0x61c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff...0xfeff,
      0xe0000...0xe007f,
    ]
    return !hidden.contains { $0.contains(scalar.value) }
  }

  private static func isDecimal(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func isHex(_ byte: UInt8) -> Bool {
    isDecimal(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
      || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
  }

  private static func isUUID(_ text: ArraySlice<UInt8>) -> Bool {
    text.count == 36
      && text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map(\.count) == [8, 4, 4, 4, 12]
      && text.allSatisfy { isHex($0) || $0 == UInt8(ascii: "-") }
  }
}
