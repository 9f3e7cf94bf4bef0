import Testing

@testable import MemDump

@Suite struct EndpointTests {
  private static func endpoint(_ text: String) -> Endpoint? { Endpoint(parsing: text.utf8) }

  @Test func readsAnAddressAndAPort() {
    #expect(Self.endpoint("10.1.2.3:8080") == Endpoint(ipv4: 0x0a01_0203, port: 8080))
    #expect(Self.endpoint("255.255.255.255:65535") == Endpoint(ipv4: .max, port: .max))
    #expect(Self.endpoint("0.0.0.0:0") == Endpoint(ipv4: 0, port: 0))
    #expect(Self.endpoint("[::1]:443") == Endpoint(high: 0, low: 1, port: 443))
    #expect(
      Self.endpoint("[2001:db8::89ab:cdef]:443")
        == Endpoint(high: 0x2001_0db8_0000_0000, low: 0x89ab_cdef, port: 443))
  }

  @Test(arguments: [
    ("[::ffff:10.1.2.3]:80", "10.1.2.3:80"), ("[::FFFF:a01:203]:80", "10.1.2.3:80"),
    ("[2001:DB8:0:0:0:0:0:1]:80", "[2001:db8::1]:80"), ("[fe80::1%eth0]:80", "[fe80::1]:80"),
    ("[fe80::1%eth0]:80", "[fe80::1%wlan1]:80"),
  ]) func formsOfAnAddressAreEqual(text: String, other: String) throws {
    #expect(try #require(Self.endpoint(text)) == #require(Self.endpoint(other)))
  }

  @Test(arguments: [
    ("10.1.2.3:80", "10.1.2.3:81"), ("10.1.2.3:80", "10.1.3.2:80"), ("[::1]:80", "[::1:0]:80"),
    ("[::10.1.2.3]:80", "10.1.2.3:80"), ("[1::]:80", "[::1]:80"),
  ]) func othersAreNot(text: String, other: String) throws {
    #expect(try #require(Self.endpoint(text)) != #require(Self.endpoint(other)))
  }

  @Test(arguments: [
    "", ":", "10.1.2.3", "10.1.2.3:", "10.1.2.3:80 ", "10.1.2.3:80x", "10.1.2.3:65536", "10.1.2.256:80", "10.1.2:80",
    "10.1.2.3.4:80", "x10.1.2.3:80", "10.1.2.3:99999999999999999999999", "localhost:80", "::1:80", "[::1]", "[::1]:",
    "[::1:80", "[]:80", "[:]:80", "[::1]]:80", "[10.1.2.3]:80", "[%eth0]:80", "http://10.1.2.3:80", "unix:/run/x.sock",
    "10.-1.2.3:80", "10.1.2.3:+80", "[::1]:-1", "\0\u{ff}",
  ]) func anythingElseIsNone(text: String) { #expect(Self.endpoint(text) == nil) }
}
