/// An IP address and a port: the other end of a connection, or what a text such as `10.1.2.3:8080` names.
///
/// An IPv4 address is kept as an IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2), so that both forms are equal. The zone
/// of a link-local address (`%eth0`) is left out, since neither a `sockaddr_in6` as text nor the kernel's tables have
/// it: the same address behind two interfaces counts as one.
public struct Endpoint: Hashable, Sendable {
  /// The first 8 bytes of the address, and the other 8.
  let (high, low): (UInt64, UInt64)
  /// The port number.
  public let port: UInt16

  init(high: UInt64, low: UInt64, port: UInt16) { (self.high, self.low, self.port) = (high, low, port) }

  init(ipv4 address: UInt32, port: UInt16) {
    self.init(high: 0, low: 0xffff_0000_0000 | UInt64(address), port: port)
  }

  /// Reads `10.1.2.3:8080`, or `[2001:db8::1]:443` in any form of RFC 4291; nil for anything else.
  public init?(parsing text: some Collection<UInt8>) {
    var reader = ByteReader(Array(text))
    let address: (high: UInt64, low: UInt64)?
    if reader.take(UInt8(ascii: "[")) {
      address = Self.ipv6(reader.take(upTo: UInt8(ascii: "]")))
    } else {
      address = Self.ipv4(&reader)
    }
    guard let (high, low) = address, reader.take(UInt8(ascii: ":")),
      let port = reader.number().flatMap({ UInt16(exactly: $0) }), reader.isAtEnd
    else { return nil }
    self.init(high: high, low: low, port: port)
  }

  private static func ipv6(_ text: ArraySlice<UInt8>) -> (UInt64, UInt64)? {
    guard let bytes = IPv6Text.bytes(of: text.prefix { $0 != UInt8(ascii: "%") }) else { return nil }
    func number(_ half: ArraySlice<UInt8>) -> UInt64 { half.reduce(0) { $0 << 8 | UInt64($1) } }
    return (number(bytes[..<8]), number(bytes[8...]))
  }

  private static func ipv4(_ reader: inout ByteReader) -> (UInt64, UInt64)? {
    var address: UInt32 = 0
    for index in 0..<4 {
      guard index == 0 || reader.take(UInt8(ascii: ".")), let octet = reader.number(), octet <= 255 else { return nil }
      address = address << 8 | UInt32(octet)
    }
    let mapped = Endpoint(ipv4: address, port: 0)
    return (mapped.high, mapped.low)
  }
}
