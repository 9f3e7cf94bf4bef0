/// `ipv4-port`: the text that `printf("%u.%u.%u.%u:%u")` makes of an IPv4 address and a port.
///
/// Four decimal octets of 0–255 and a port of 1–65535, no leading zeros, each a whole run of digits. Before it stands no
/// digit and no `.`; behind it no digit, and no `.` with a digit behind it. Anything else next to it is a boundary, letters
/// too: a letter cannot change the value, and real memory is full of texts without a NUL between them.
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

  /// What it finds.
  public var summary: String { "IPv4 address and port as text: 10.1.2.3:8080" }

  /// The colon is the anchor; 16 bytes before it and 7 behind it decide.
  public var reach: Int { Syscall.ipv4PortReach }

  /// See ``Pattern/scan(_:from:to:into:)``.
  public func scan(_ bytes: RawSpan, from: inout Int, to: Int, into matches: inout MatchList) {
    Syscall.scanIPv4Port(
      bytes, from: &from, to: to, allowsPortZero: allowsPortZero, wantsWholeWord: wantsWholeWord, into: &matches)
  }
}
