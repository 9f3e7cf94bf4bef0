/// Bytes given by a person: `--find TEXT` and `--hex 'de ad ?? ef'`. Every place counts, overlapping ones too.
public struct BytesPattern: LiteralPattern {
  /// The name that was given, or the text or the hexadecimal digits that the pattern was made from.
  public let name: String
  private let needle: [UInt8]
  private let mask: [UInt8]
  private let ignoresCase: Bool
  /// The text; nil for bytes.
  private let text: String?

  /// Finds a text, byte for byte; nil where the text is empty or longer than 4096 bytes.
  ///
  /// - Parameters:
  ///   - text: the text to find.
  ///   - ignoringCase: whether ASCII letters match in either case.
  ///   - name: the name of the pattern; nil for the text.
  public init?(text: String, ignoringCase: Bool = false, name: String? = nil) {
    needle = Array(text.utf8)
    guard (1...ScanKernel.longestNeedle).contains(needle.count) else { return nil }
    mask = Array(repeating: 0xff, count: needle.count)
    (self.name, self.text, ignoresCase) = (name ?? text, text, ignoringCase)
  }

  /// Finds bytes given in hexadecimal, with or without blanks between them; `?` stands for any digit. Nil where the
  /// text is malformed, or longer than 4096 bytes, or has no digit at all. Without a name the digits are the name.
  public init?(hexadecimal text: String, name: String? = nil) {
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
    self.init(name: name ?? text, needle: needle, mask: mask)
  }

  /// Finds bytes by their bits; nil for more than 4096 bytes, or none.
  init?(name: String, needle: [UInt8], mask: [UInt8]) {
    guard (1...ScanKernel.longestNeedle).contains(needle.count) else { return nil }
    (self.needle, self.mask, self.name, text, ignoresCase) = (needle, mask, name, nil, false)
  }

  /// What the pattern finds.
  public var summary: String { "the bytes given" }

  /// The first byte is the anchor.
  public var reach: Int { needle.count }

  /// The pattern with whole words only; nil for bytes, which are no words.
  public var wholeWord: (any Pattern)? { text == nil ? nil : WholeWordPattern(self) }

  /// Whether it is a text of which there is no ``wide`` form.
  package var isTooLongForWide: Bool { text != nil && wide == nil }

  /// The text in UTF-16LE; nil for bytes, which are what they are, and for a text of more than 4096 bytes in UTF-16LE.
  public var wide: (any Pattern)? {
    guard let text else { return nil }
    guard text.utf8.contains(where: { $0 >= 0x80 }) else { return WidePattern(self) }
    return WideTextPattern(text, ignoringCase: ignoresCase, name: name)
  }

  /// All of it is a literal, where ASCII letters may count in either case.
  var literal: Literal? {
    Literal(needle, mask: ignoresCase ? zip(needle, mask).map { $0.isLetter && $1 == 0xff ? 0xdf : $1 } : mask)
  }

  var boundary: LiteralBoundary { .none }

  /// See ``Pattern/scan(_:base:from:to:into:)``.
  public func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    ScanKernel.findBytes(
      bytes, needle: needle, mask: mask, ignoringCase: ignoresCase, from: &from, to: to, into: &matches)
  }
}
