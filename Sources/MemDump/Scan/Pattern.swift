/// What a scan looks for.
///
/// A pattern is a value without state: it is asked from several threads at once. To add one, write a file in
/// `Scan/Patterns/` and a line in ``Patterns/all``.
public protocol Pattern: Sendable {
  /// The name it is chosen by.
  var name: String { get }

  /// What it finds, in a few words.
  var summary: String { get }

  /// How many bytes on either side of its anchor byte a decision may look at.
  ///
  /// A match has exactly one anchor byte (the colon of an endpoint, say), and whether there is a match at an anchor depends
  /// on nothing but these bytes. That is what makes results the same for every chunk size and number of threads.
  var reach: Int { get }

  /// Finds the matches whose anchor lies in `from ..< to`, in the order of their addresses.
  ///
  /// Outside of `bytes` is a boundary: there are ``reach`` bytes around `from ..< to` wherever the memory goes on. Stops
  /// when `matches` is full; `from` is then where to go on, and otherwise `to`. `base` is the address of the first byte,
  /// for what is aligned.
  func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList)

  /// The same pattern that wants a boundary where a letter or `_` would stand next to a match; nil where that does not apply.
  var wholeWord: (any Pattern)? { get }

  /// The same pattern in text that is UTF-16LE; nil where that does not apply.
  var wide: (any Pattern)? { get }

  /// Whether it looks at text that is UTF-16LE.
  var isWide: Bool { get }

  /// Writes what a match means, for one whose bytes are not its text; false where they are.
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
