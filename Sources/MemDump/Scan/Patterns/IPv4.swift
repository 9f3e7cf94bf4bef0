/// `ipv4`: an IPv4 address as text, with a port or without.
///
/// The octets and the neighbours are those of ``IPv4Port``: before the address stands no digit and no `.`; behind it no
/// digit, and no `.` with a digit behind it.
public struct IPv4: Pattern {
  /// Whether a letter or `_` next to a match forbids it.
  public var wantsWholeWord: Bool

  /// Makes the pattern; without arguments by the rule above.
  public init(wantsWholeWord: Bool = false) { self.wantsWholeWord = wantsWholeWord }

  /// `ipv4`
  public var name: String { "ipv4" }

  /// What the pattern finds.
  public var summary: String { "IPv4 address as text: 10.1.2.3" }

  /// The first dot is the anchor.
  public var reach: Int { ScanKernel.ipv4.reach }

  /// The pattern with whole words only.
  public var wholeWord: (any Pattern)? { IPv4(wantsWholeWord: true) }

  /// See ``Pattern/scan(_:base:from:to:into:)``.
  public func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    ScanKernel.ipv4.scan(bytes, base: base, options: wantsWholeWord ? .word : [], from: &from, to: to, into: &matches)
  }
}
