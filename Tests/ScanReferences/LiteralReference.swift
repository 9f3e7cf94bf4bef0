/// The rule of a text, or of bytes, that is looked for as it stands: every place is tried.
public struct LiteralReference: ScanReference {
  /// Where the digits of a byte are, nil for any; a byte may be a letter in either case.
  private var bytes: [(high: UInt8?, low: UInt8?)]
  private let ignoresCase: Bool
  private var wantsWord = false
  private var unitByteCount = 1

  /// A text.
  public init(_ text: [UInt8], ignoringCase: Bool = false) {
    bytes = text.map { ($0 >> 4, $0 & 0xf) }
    ignoresCase = ignoringCase
  }

  /// Hexadecimal digits with blanks, of which `?` is any.
  public init(hexadecimal text: String) {
    let digits = text.filter { $0 != " " }.map { $0.hexDigitValue.map(UInt8.init) }
    bytes = stride(from: 0, to: digits.count, by: 2).map { (digits[$0], digits[$0 + 1]) }
    ignoresCase = false
  }

  /// The same in UTF-16LE.
  public var wide: Self {
    var wide = self
    wide.bytes = bytes.flatMap { [$0, (0, 0)] }
    wide.unitByteCount = 2
    return wide
  }

  /// The same without a letter or `_` next to it.
  public var word: Self {
    var word = self
    word.wantsWord = true
    return word
  }

  /// Bytes that match, but for their neighbours.
  public var example: [UInt8] { bytes.map { ($0.high ?? 6) << 4 | ($0.low ?? 1) } }

  /// Tries every place.
  public func matches(in memory: [UInt8], at address: UInt64) -> [Range<Int>] {
    guard memory.count >= bytes.count else { return [] }
    return (0...memory.count - bytes.count).filter { start in
      fits(memory[start], bytes[0]) && bytes.indices.allSatisfy { fits(memory[start + $0], bytes[$0]) }
        && !(wantsWord && touches(memory, start))
    }.map { $0..<$0 + bytes.count }
  }

  private func fits(_ byte: UInt8, _ wanted: (high: UInt8?, low: UInt8?)) -> Bool {
    if (wanted.high ?? byte >> 4) == byte >> 4, (wanted.low ?? byte & 0xf) == byte & 0xf { return true }
    guard ignoresCase, let high = wanted.high, let low = wanted.low else { return false }
    let (one, other) = (Character(Unicode.Scalar(byte)), Character(Unicode.Scalar(high << 4 | low)))
    return one.isASCII && other.isASCII && one.isLetter && one.lowercased() == other.lowercased()
  }

  private func touches(_ memory: [UInt8], _ start: Int) -> Bool {
    isWord(memory, start - unitByteCount) || isWord(memory, start + bytes.count)
  }

  private func isWord(_ memory: [UInt8], _ place: Int) -> Bool {
    guard place >= 0, place + unitByteCount <= memory.count else { return false }
    if unitByteCount == 2, memory[place + 1] != 0 { return false }
    let character = Character(Unicode.Scalar(memory[place]))
    return character == "_" || character.isASCII && character.isLetter
  }
}
