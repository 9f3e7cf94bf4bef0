import Glibc
import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct IPv6TextTests {
  /// What stands in memory and what is written: RFC 5952, sections 1 to 5, and RFC 4291.
  private static let forms: [(String, String)] = [
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:db8::1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:0db8::1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:db8:0:0:1::1", "2001:db8::1:0:0:1"),
    ("2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"),
    ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"),
    ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:AAAA", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa"),
    ("2001:db8:aaaa:bbbb:cccc:dddd::1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1"),
    ("2001:db8:0:0:0::1", "2001:db8::1"),
    ("2001:db8:0:0::1", "2001:db8::1"),
    ("2001:db8:0::1", "2001:db8::1"),
    ("2001:db8::1", "2001:db8::1"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
    ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
    ("0:0:0:0:0:FFFF:129.144.52.38", "::ffff:129.144.52.38"),
    ("::ffff:c000:201", "::ffff:192.0.2.1"),
    ("0:0:0:0:0:0:0:1", "::1"),
    ("0:0:0:0:0:0:0:0", "::"),
    ("::", "::"),
    ("1::", "1::"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
    ("FF01:0:0:0:0:0:0:101", "ff01::101"),
    ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
    ("fe80:0000:0000:0000:0204:61ff:fe9d:f156", "fe80::204:61ff:fe9d:f156"),
  ]

  @Test(arguments: forms) func everyFormOfAnAddressIsWrittenInOne(text: String, canonical: String) throws {
    let bytes = try #require(IPv6Text.bytes(of: Array(text.utf8)[...]))
    #expect(IPv6Text(bytes).description == canonical)
    #expect(bytes == systemBytes(text), "inet_pton(3)")
  }

  @Test(
    arguments: [
      "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1::2::3",
      "12345::", "g::", "1.2.3.4", "::1.2.3", "::1.2.3.4.5", "::1.2.3.256", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4",
      ":1::", "1:::2", "::+1", "::-1", "::1.2.3.+4", "::1.2..4", "::\u{ff11}", "1::%eth0",
    ]) func whatIsNoAddressHasNoBytes(text: String)
  {
    #expect(IPv6Text.bytes(of: Array(text.utf8)[...]) == nil)
    #expect(systemBytes(text) == nil, "inet_pton(3)")
  }

  /// Against inet_ntop(3), which writes an IPv4-compatible address (`::1.2.3.4`) as a dotted quad,
  /// which RFC 5952 does not ask for.
  @Test func randomAddressesAreWrittenAsTheSystemWritesThem() {
    var generator = SeededGenerator(seed: 5952)
    for _ in 0..<5000 {
      let groups = (0..<8).map { _ in
        [0, 0, 1, 0xff, 0xffff, UInt16.random(in: 0...UInt16.max, using: &generator)].randomElement(using: &generator)
          ?? 0
      }
      let bytes = groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
      guard bytes.prefix(12).contains(where: { $0 != 0 }) else { continue }
      let text = IPv6Text(bytes).description
      #expect(text == systemText(bytes))
      #expect(IPv6Text.bytes(of: Array(text.utf8)[...]) == bytes)
    }
  }

  private static let endpoints: [(String, String)] = [
    ("[2001:DB8:0:0::1]:443", "[2001:db8::1]:443"),
    ("[2001:db8::1]:443", "[2001:db8::1]:443"),
    ("[::FFFF:10.1.2.3]:80", "[::ffff:10.1.2.3]:80"),
    ("[FE80:0::1%eth0]:22", "[fe80::1%eth0]:22"),
    ("[FE80::1%EN0.4-x_y]:22", "[fe80::1%EN0.4-x_y]:22"),
    ("[0:0:0:0:0:0:0:0]:1", "[::]:1"),
  ]

  @Test(arguments: endpoints) func findingsAreWrittenInOneForm(text: String, canonical: String) throws {
    let memory = try TestMemory([0x1000: Array((text + " ").utf8)])
    #expect(try Scan(patterns: [IPv6Port()]).items(memory).map(\.text) == [canonical])
    let units = try TestMemory([0x1000: wide(text)])
    let pattern = try #require(IPv6Port().wide)
    #expect(try Scan(patterns: [pattern]).items(units).map(\.text) == [canonical])
  }

  /// Only what the kernel found gets here, but nothing may trap.
  @Test(arguments: ["", "[", "[]", "[x]:1", "]", "[::1", "[::1%]", "::1]:80", "[%]:1"])
  func whatIsNoEndpointIsLeftAsItStands(text: String) {
    var written: [UInt8] = []
    let isWritten = IPv6Port().write(Array(text.utf8).span.bytes, to: &written)
    #expect(isWritten == (text == "[::1%]"))
  }

  private func systemBytes(_ text: String) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 16)
    return inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
  }

  private func systemText(_ bytes: [UInt8]) -> String {
    var text = [CChar](repeating: 0, count: 64)
    guard inet_ntop(AF_INET6, bytes, &text, 64) != nil else { return "" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
