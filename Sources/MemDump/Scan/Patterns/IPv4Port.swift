/// `ipv4-port`: the text that `printf("%u.%u.%u.%u:%u")` makes of an IPv4 address and a port.
///
/// Four decimal octets of 0–255 and a port of 1–65535, no leading zeros, each a whole run of digits. Before a match
/// stands no digit and no `.`; behind it no digit, and no `.` with a digit behind. Anything else next to it is a
/// boundary, letters too: a letter cannot change the value, and real memory is full of texts with no NUL between.
public struct IPv4Port: Pattern {
  /// Whether port 0 counts.
  public var allowsPortZero: Bool
  /// Whether a letter or `_` next to a match forbids it.
  public var wantsWholeWord: Bool

  /// Makes the pattern; without arguments by the rule above.
  public init(allowsPortZero: Bool = false, wantsWholeWord: Bool = false) {
    (self.allowsPortZero, self.wantsWholeWord) = (allowsPortZero, wantsWholeWord)
  }

  /// `ipv4-port`
  public var name: String { "ipv4-port" }

  /// What the pattern finds.
  public var summary: String { "IPv4 address and port as text: 10.1.2.3:8080" }

  /// The colon is the anchor; 16 bytes before the colon and 7 behind it decide.
  public var reach: Int { ScanKernel.ipv4Port.reach }

  /// The pattern with whole words only.
  public var wholeWord: (any Pattern)? { IPv4Port(allowsPortZero: allowsPortZero, wantsWholeWord: true) }

  /// See ``Pattern/scan(_:base:from:to:into:)``.
  public func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    var options: ScanKernel.Options = []
    if allowsPortZero { options.insert(.portZero) }
    if wantsWholeWord { options.insert(.word) }
    ScanKernel.ipv4Port.scan(bytes, base: base, options: options, from: &from, to: to, into: &matches)
  }
}
