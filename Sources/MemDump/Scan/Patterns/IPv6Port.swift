/// `ipv6-port`: an IPv6 address in brackets, and a port of 1–65535 by the rule of ``IPv4Port``.
///
/// The address is any text form of RFC 4291, an embedded IPv4 address and a zone (`%eth0`) among them. A match is
/// written as RFC 5952 wants it, so that all forms of an address count as one: `[2001:DB8:0::1]:443` is
/// `[2001:db8::1]:443`. The zone stays as it stands.
public struct IPv6Port: Pattern {
  /// Whether a letter or `_` next to a match forbids it.
  public var wantsWholeWord: Bool

  /// Makes the pattern; without arguments by the rule above.
  public init(wantsWholeWord: Bool = false) { self.wantsWholeWord = wantsWholeWord }

  /// `ipv6-port`
  public var name: String { "ipv6-port" }

  /// What the pattern finds.
  public var summary: String { "IPv6 address and port as text: [2001:db8::1]:443" }

  /// The closing bracket is the anchor.
  public var reach: Int { ScanKernel.ipv6Port.reach }

  /// The pattern with whole words only.
  public var wholeWord: (any Pattern)? { IPv6Port(wantsWholeWord: true) }

  /// See ``Pattern/scan(_:base:from:to:into:)``.
  public func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    ScanKernel.ipv6Port.scan(
      bytes, base: base, options: wantsWholeWord ? .word : [], from: &from, to: to, into: &matches)
  }

  /// Writes the endpoint with its address in the one form of RFC 5952.
  public func write(_ match: RawSpan, to text: inout [UInt8]) -> Bool {
    let bytes = unsafe match.withUnsafeBytes { unsafe Array($0) }
    guard bytes.first == UInt8(ascii: "["), let bracket = bytes.firstIndex(of: UInt8(ascii: "]")) else { return false }
    let inside = bytes[1..<bracket]
    let end = inside.firstIndex(of: UInt8(ascii: "%")) ?? bracket
    guard let address = IPv6Text.bytes(of: inside[..<end]) else { return false }
    text.append(bytes[0])
    text += IPv6Text(address).description.utf8
    text += bytes[end...]
    return true
  }
}
