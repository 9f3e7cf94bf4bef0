/// Bytes given by a person: `--find TEXT` and `--hex 'de ad ?? ef'`. Every place counts, overlapping ones too.
public struct BytesPattern: Pattern {
  /// The text or the hexadecimal digits that the pattern was made from.
  public let name: String
  private let needle: [UInt8]
  private let mask: [UInt8]
  private let ignoresCase: Bool
  private let isText: Bool

  /// Finds a text, byte for byte; nil where the text is empty or longer than 4096 bytes.
  ///
  /// - Parameters:
  ///   - text: the text to find.
  ///   - ignoringCase: whether ASCII letters match in either case.
  public init?(text: String, ignoringCase: Bool = false) {
    needle = Array(text.utf8)
    guard (1...ScanKernel.longestNeedle).contains(needle.count) else { return nil }
    mask = Array(repeating: 0xff, count: needle.count)
    (name, ignoresCase, isText) = (text, ignoringCase, true)
  }

  /// Finds bytes given in hexadecimal, with or without blanks between them; `?` stands for any digit. Nil where the
  /// text is malformed, or longer than 4096 bytes, or has no digit at all.
  public init?(hexadecimal text: String) {
    let digits = text.filter { $0 != " " }
    guard digits.count % 2 == 0, digits.contains(where: { $0 != "?" }) else { return nil }
    var (needle, mask): ([UInt8], [UInt8]) = ([], [])
    var pending: (value: UInt8, mask: UInt8)?
    for digit in digits {
      let value = digit == "?" ? 0 : digit.isASCII ? digit.hexDigitValue.map(UInt8.init) : nil
      guard let value else { return nil }
      let bits: UInt8 = digit == "?" ? 0 : 0xf
      if let high = pending {
        needle.append(high.value << 4 | value)
        mask.append(high.mask << 4 | bits)
        pending = nil
      } else {
        pending = (value, bits)
      }
    }
    self.init(name: text, needle: needle, mask: mask)
  }

  /// Finds bytes by their bits; nil for more than 4096 bytes, or none.
  init?(name: String, needle: [UInt8], mask: [UInt8]) {
    guard (1...ScanKernel.longestNeedle).contains(needle.count) else { return nil }
    (self.needle, self.mask, self.name, ignoresCase, isText) = (needle, mask, name, false, false)
  }

  /// What the pattern finds.
  public var summary: String { "the bytes given" }

  /// The first byte is the anchor.
  public var reach: Int { needle.count }

  /// The pattern with whole words only; nil for bytes, which are no words.
  public var wholeWord: (any Pattern)? { isText ? WholeWordPattern(self) : nil }

  /// The text in UTF-16LE; nil for bytes, which are what they are, and for a text of more than 4096 bytes in UTF-16LE.
  public var wide: (any Pattern)? {
    guard isText else { return nil }
    guard name.utf8.contains(where: { $0 >= 0x80 }) else { return WidePattern(self) }
    return WideTextPattern(name, ignoringCase: ignoresCase)
  }

  /// See ``Pattern/scan(_:base:from:to:into:)``.
  public func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    ScanKernel.findBytes(
      bytes, needle: needle, mask: mask, ignoringCase: ignoresCase, from: &from, to: to, into: &matches)
  }
}
