/// `sockaddr`: a socket address as a program holds it in memory, not as text: `sockaddr_in`, `sockaddr_in6`, `sockaddr_un`.
///
/// The evidence that a leak of connections or upstream lists leaves. At addresses that are multiples of 4; with a port that
/// is not 0, an address that makes sense, and zeros where the structure has zeros. What is written is the address as text:
/// `10.1.2.3:8080`, `[2001:db8::1]:443` (RFC 5952), `unix:/run/x.sock`, `unix:@abstract`.
public struct SocketAddress: Pattern {
  /// Makes the pattern.
  public init() {}

  /// `sockaddr`
  public var name: String { "sockaddr" }

  /// What it finds.
  public var summary: String { "socket address in memory (sockaddr_in, sockaddr_in6, sockaddr_un)" }

  /// The first byte is the anchor.
  public var reach: Int { ScanKernel.sockaddr.reach }

  /// See ``Pattern/scan(_:base:from:to:into:)``.
  public func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    Syscall.scan(.sockaddr, bytes, base: base, from: &from, to: to, into: &matches)
  }

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

/// An IPv6 address as RFC 5952 writes it: lower case, no leading zeros, the longest run of zero groups as `::`, and an
/// IPv4-mapped address with its dotted quad.
struct IPv6Text: CustomStringConvertible {
  let description: String

  /// - Parameter bytes: 16 of them.
  init(_ bytes: [UInt8]) {
    precondition(bytes.count == 16)
    if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff {
      description = "::ffff:" + bytes.suffix(4).map { String($0) }.joined(separator: ".")
      return
    }
    let groups = (0..<8).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
    let gap = Self.longestGap(groups)
    func text(_ range: Range<Int>) -> String { groups[range].map { String($0, radix: 16) }.joined(separator: ":") }
    description = gap.isEmpty ? text(0..<8) : text(0..<gap.lowerBound) + "::" + text(gap.upperBound..<8)
  }

  /// The first of the longest runs of at least two zero groups; empty where there is none.
  private static func longestGap(_ groups: [UInt16]) -> Range<Int> {
    var longest = 0..<0
    var start = 0
    while start < groups.count {
      let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
      if end - start >= 2, end - start > longest.count { longest = start..<end }
      start = max(end, start) + 1
    }
    return longest
  }
}
