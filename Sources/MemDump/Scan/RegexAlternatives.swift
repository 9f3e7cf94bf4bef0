/// A regular expression that is nothing but texts with `|` between them, such as `foo|bar|10\\.0`, looked for as a set of
/// literals.
///
/// Such an expression has one match at most at each place, that of the first text that stands there: nothing in it goes
/// back, depends on what is around it, or can give up. So the engine's answers are the leftmost places of its texts, and
/// among those of one place the first text, whatever comes behind.
@safe final class RegexAlternatives: Sendable {
  /// With more texts the engine could come to its limits.
  private static let most = 10_000
  private let literals: [Literal]
  private let searches: LiteralSearches

  /// Nil where an expression is of another kind.
  init?(_ expression: String, ignoringCase: Bool) {
    guard let texts = Self.texts(expression), (2...Self.most).contains(texts.count) else { return nil }
    guard texts.allSatisfy({ (1...ScanKernel.longestNeedle).contains($0.count) }) else { return nil }
    literals = texts.map { text in
      Literal(text, mask: text.map { ignoringCase && $0.isLetter ? 0xdf : 0xff })
    }
    guard let kernel = LiteralKernel(literals) else { return nil }
    searches = LiteralSearches(kernel)
  }

  /// The texts of an expression; nil where it is more than texts. Every byte that may mean something else is refused.
  private static func texts(_ expression: String) -> [[UInt8]]? {
    var texts: [[UInt8]] = [[]]
    var rest = Array(expression.utf8)[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "|"): texts.append([])
      case UInt8(ascii: "\\"):
        // Behind a backslash letters and digits have meanings; punctuation is itself.
        guard let escaped = rest.popFirst(), (0x21...0x7e).contains(escaped), !escaped.isLetter,
          !escaped.isDecimalDigit, escaped != UInt8(ascii: "_")
        else { return nil }
        texts[texts.count - 1].append(escaped)
      default:
        guard (0x20...0x7e).contains(byte), !"^$.*+?()[]{}".utf8.contains(byte) else { return nil }
        texts[texts.count - 1].append(byte)
      }
    }
    return texts
  }

  /// Gives the matches that begin in `0 ... last`, in order, none of them over another, until `body` returns false.
  func matches(in subject: RawSpan, last: Int, _ body: (Range<Int>) -> Bool) {
    searches.withSearch { search in
      search.run(subject, from: 0, to: min(last + 1, subject.byteCount))
      var end = 0
      // Of those at one place the first text comes first.
      for place in search.places where Int(place.offset) >= end {
        let start = Int(place.offset)
        end = start + literals[place.literal].bytes.count
        guard body(start..<end) else { return }
      }
    }
  }
}
