/// A kind of text or data that a scan looks for.
///
/// A pattern is a value without state: several threads ask one pattern at once. To add a pattern, write a file in
/// `Scan/Patterns/` and a line in ``Patterns/all``.
public protocol Pattern: Sendable {
  /// The name by which a scan chooses the pattern.
  var name: String { get }

  /// What the pattern finds, in a few words.
  var summary: String { get }

  /// How many bytes on either side of the anchor byte of a match a decision may look at.
  ///
  /// A match has exactly one anchor byte (the colon of an endpoint, say), and whether there is a match at an anchor
  /// depends on nothing but these bytes. So results are the same for every chunk size and number of threads.
  var reach: Int { get }

  /// Finds the matches whose anchor lies in `from ..< to`, in the order of their addresses.
  ///
  /// Outside of `bytes` is a boundary: there are ``reach`` bytes around `from ..< to` wherever the memory goes on.
  /// Stops when `matches` is full; `from` is then where to go on, and otherwise `to`. `base` is the address of the
  /// first byte, for data that is aligned.
  func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList)

  /// The same pattern that wants a boundary where a letter or `_` would stand next to a match; nil for what is no word.
  var wholeWord: (any Pattern)? { get }

  /// The same pattern in UTF-16LE text; nil for a pattern of data that is no text.
  var wide: (any Pattern)? { get }

  /// Whether the pattern looks at UTF-16LE text.
  var isWide: Bool { get }

  /// Writes the meaning of a match whose bytes are not its text; false where the bytes are the text.
  func write(_ match: RawSpan, to text: inout [UInt8]) -> Bool
}

extension Pattern {
  /// Any text can be a word.
  public var wholeWord: (any Pattern)? { WholeWordPattern(self) }

  /// Any text can be wide.
  public var wide: (any Pattern)? { WidePattern(self) }

  /// Most patterns look at bytes.
  public var isWide: Bool { false }

  /// Most matches are texts themselves.
  public func write(_ match: RawSpan, to text: inout [UInt8]) -> Bool { false }

  /// Scans bytes that are at no address.
  public func scan(_ bytes: RawSpan, from: inout Int, to: Int, into matches: inout MatchList) {
    scan(bytes, base: Address(0), from: &from, to: to, into: &matches)
  }
}
