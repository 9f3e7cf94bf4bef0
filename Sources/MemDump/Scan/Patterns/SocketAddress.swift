/// `sockaddr`: a socket address as a program holds it in memory, not as text: `sockaddr_in`, `sockaddr_in6`, `sockaddr_un`.
///
/// The evidence that a leak of connections or upstream lists leaves. A match starts at a multiple of 4; with a port
/// that is not 0, an address that makes sense (none whose eight bytes are those of a pointer), and zeros where the structure has zeros. A `sockaddr_in` whose `sin_zero` was
/// never written is found at a multiple of 8 with an address of a private network or of loopback, and a relative path where
/// it looks like one. The text of a match is the address: `10.1.2.3:8080`, `[2001:db8::1]:443` (RFC 5952),
/// `unix:/run/x.sock`, `unix:@abstract`.
public struct SocketAddress: Pattern {
  /// Makes the pattern.
  public init() {}

  /// `sockaddr`
  public var name: String { "sockaddr" }

  /// What the pattern finds.
  public var summary: String { "socket address in memory (sockaddr_in, sockaddr_in6, sockaddr_un)" }

  /// The first byte is the anchor.
  public var reach: Int { ScanKernel.sockaddr.reach }

  /// See ``Pattern/scan(_:base:from:to:into:)``.
  public func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    ScanKernel.sockaddr.scan(bytes, base: base, from: &from, to: to, into: &matches)
  }

  /// Always nil: a socket address is no text.
  public var wholeWord: (any Pattern)? { nil }

  /// Always nil: a socket address is no text.
  public var wide: (any Pattern)? { nil }

  /// Writes the address as text.
  public func write(_ match: RawSpan, to text: inout [UInt8]) -> Bool {
    func byte(_ offset: Int) -> UInt8 { unsafe match.unsafeLoad(fromByteOffset: offset, as: UInt8.self) }
    guard match.byteCount >= 3 else { return false }
    if byte(0) == 1 {
      text += byte(2) == 0 ? "unix:@".utf8 : "unix:".utf8
      for offset in (byte(2) == 0 ? 3 : 2)..<match.byteCount { text.append(byte(offset)) }
      return true
    }
    let port = UInt16(byte(2)) << 8 | UInt16(byte(3))
    if match.byteCount == 16 {
      text += "\(byte(4)).\(byte(5)).\(byte(6)).\(byte(7)):\(port)".utf8
    } else if match.byteCount == 28 {
      text += "[\(IPv6Text((0..<16).map { byte(8 + $0) }))]:\(port)".utf8
    }
    return true
  }
}
