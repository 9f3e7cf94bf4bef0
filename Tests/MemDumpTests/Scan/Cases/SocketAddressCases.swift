import Glibc
import ScanReferences

@testable import MemDump

/// Bytes with a character each, as all tables here have them.
private func text(_ bytes: [UInt8]) -> String { bytes.latin1 }

private func zeros(_ count: Int) -> String { String(repeating: "\u{0}", count: count) }

private func bigEndian(_ port: UInt16) -> [UInt8] { [UInt8(port >> 8), UInt8(port & 0xff)] }

/// A `sockaddr_in`.
private func internet(_ address: [UInt8], _ port: UInt16, family: UInt8 = 2, padding: [UInt8]? = nil) -> String {
  text([family, 0] + bigEndian(port) + address + (padding ?? [UInt8](repeating: 0, count: 8)))
}

/// A `sockaddr_in6`.
private func internet6(_ address: String, _ port: UInt16, flow: [UInt8] = [0, 0, 0, 0], scope: [UInt8] = [0, 0, 0, 0])
  -> String
{
  var bytes = [UInt8](repeating: 0, count: 16)
  precondition(inet_pton(AF_INET6, address, &bytes) == 1)
  return text([10, 0] + bigEndian(port) + flow + bytes + scope)
}

/// A `sockaddr_un`.
private func local(_ name: String) -> String { "\u{1}\u{0}" + name + "\u{0}" }

extension PatternCases {
  private static let path107 = "/" + String(repeating: "p", count: 106)
  private static let ten: [UInt8] = [10, 1, 2, 3]

  /// `2001:db8:200:50:a01:203::`, in which 10.1.2.3:80 lies as a sockaddr_in does.
  private static let outer = internet6("2001:db8:200:50:a01:203::", 80)
  private static let inner = String(outer.unicodeScalars.dropFirst(12).map(Character.init))

  /// Each at an address that is a multiple of 16.
  static let socketAddress = PatternCases(
    SocketAddress(), SocketAddressReference(),
    internetCases + paddingCases + placeCases + internet6Cases + localCases + overlapCases)

  private static let internetCases: [Case] = [
    (internet(ten, 8080), "10.1.2.3:8080"),
    (internet(ten, 1), "10.1.2.3:1"),
    (internet(ten, 256), "10.1.2.3:256"),
    (internet(ten, 65535), "10.1.2.3:65535"),
    (internet([255, 255, 255, 255], 80), "255.255.255.255:80"),
    (internet([0, 0, 0, 1], 80), "0.0.0.1:80"),
    (internet([1, 0, 0, 0], 80), ""),
    (internet([1, 0, 1, 0], 80), "1.0.1.0:80"),
    (internet([1, 1, 0, 0], 80), "1.1.0.0:80"),
    (internet([255, 0, 0, 0], 80), ""),
    // 0x5617_738e_0002, a pointer into a heap, and its neighbours.
    (internet([0x17, 0x56, 0, 0], 36467), ""),
    (internet([0x17, 0x57, 0, 0], 36467), "23.87.0.0:36467"),
    (internet([0x17, 0x54, 0, 0], 36467), "23.84.0.0:36467"),
    (internet([0x17, 0x56, 0, 1], 36467), "23.86.0.1:36467"),
    (internet([0x17, 0x56, 1, 0], 36467), "23.86.1.0:36467"),
    (internet([0xf6, 0x7f, 0, 0], 80), ""),
    (internet([0xff, 0x7e, 0, 0], 80), ""),
    (internet([0xaa, 0xaa, 0, 0], 80), ""),
    (internet([0xff, 0xff, 0, 0], 80), ""),
    (internet([127, 0, 0, 1], 80) + "\u{ff}\u{ff}", "127.0.0.1:80"),
    (internet(ten, 0), ""),
    (internet([0, 0, 0, 0], 80), ""),
    (internet(ten, 80, family: 3), ""),
    (internet(ten, 80, family: 0), ""),
    ("\u{2}\u{1}" + internet(ten, 80).dropFirst(2), ""),
    ("\u{0}\u{2}" + internet(ten, 80).dropFirst(2), ""),
    (String(internet(ten, 80).dropLast()), ""),
  ]

  private static let dirty: [UInt8] = [8, 15, 22, 29, 36, 43, 50, 57]

  /// A `sockaddr_in` of which the program never wrote the padding.
  private static let paddingCases: [Case] = [
    (internet(ten, 80, padding: [1, 0, 0, 0, 0, 0, 0, 0]), "10.1.2.3:80"),
    (internet(ten, 80, padding: [0, 0, 0, 0, 0, 0, 0, 1]), "10.1.2.3:80"),
    (internet(ten, 80, padding: [0, 0, 0, 0x80, 0, 0, 0, 0]), "10.1.2.3:80"),
    (internet(ten, 80, padding: dirty), "10.1.2.3:80"),
    (internet([10, 0, 0, 1], 80, padding: dirty), "10.0.0.1:80"),
    (internet([10, 0, 1, 0], 80, padding: dirty), ""),
    (internet([10, 0, 0, 0], 80, padding: dirty), ""),
    (internet([10, 49, 48, 46], 80, padding: dirty), ""),
    (internet([10, 32, 126, 32], 80, padding: dirty), ""),
    (internet([10, 49, 48, 46], 80), "10.49.48.46:80"),
    (internet([10, 49, 48, 127], 80, padding: dirty), "10.49.48.127:80"),
    (internet([10, 31, 48, 46], 80, padding: dirty), "10.31.48.46:80"),
    (internet([127, 0, 0, 1], 80, padding: dirty), "127.0.0.1:80"),
    (internet([127, 0, 1, 1], 80, padding: dirty), ""),
    (internet([127, 1, 0, 1], 80, padding: dirty), ""),
    (internet([172, 15, 0, 1], 80, padding: dirty), ""),
    (internet([172, 16, 0, 1], 80, padding: dirty), "172.16.0.1:80"),
    (internet([172, 31, 0, 1], 80, padding: dirty), "172.31.0.1:80"),
    (internet([172, 32, 0, 1], 80, padding: dirty), ""),
    (internet([192, 168, 0, 1], 80, padding: dirty), "192.168.0.1:80"),
    (internet([192, 169, 0, 1], 80, padding: dirty), ""),
    (internet([9, 1, 2, 3], 80, padding: dirty), ""),
    (internet([11, 1, 2, 3], 80, padding: dirty), ""),
    (internet([8, 8, 8, 8], 53, padding: dirty), ""),
    (internet(ten, 0, padding: dirty), ""),
    (internet(ten, 80, family: 3, padding: dirty), ""),
    ("\u{2}\u{1}" + internet(ten, 80, padding: dirty).dropFirst(2), ""),
    (String(internet(ten, 80, padding: dirty).dropLast()), ""),
    (zeros(4) + internet(ten, 80, padding: dirty), ""),
    (zeros(8) + internet(ten, 80, padding: dirty), "10.1.2.3:80"),
    (zeros(2) + internet(ten, 80, padding: dirty), ""),
    (internet(ten, 80, padding: dirty) + internet(ten, 81, padding: dirty), "10.1.2.3:80 10.1.2.3:81"),
    // Records of eight bytes: the last has zeros behind it, and is sure; of the others only the first may be one.
    (internet(ten, 80).prefix(8) + internet(ten, 81), "10.1.2.3:81"),
    (internet(ten, 80).prefix(8) + internet(ten, 81).prefix(8) + internet(ten, 82), "10.1.2.3:80 10.1.2.3:82"),
    (internet(ten, 80).prefix(8) + internet(ten, 81, padding: dirty), "10.1.2.3:80"),
    // What is sure goes before, on either side.
    (internet(ten, 80).prefix(12) + internet([8, 8, 8, 8], 81), "8.8.8.8:81"),
    (internet(ten, 80).prefix(8) + local("run/x.sock"), "unix:run/x.sock"),
    (internet(ten, 80).prefix(12) + local("/run/x"), "unix:/run/x"),
    (internet6("2001:db8:200:50:a01:203::", 80, scope: [1, 0, 0, 0]), ""),
    (zeros(4) + internet6("2001:db8:200:50:a01:203:0:1", 80), "[2001:db8:200:50:a01:203:0:1]:80"),
    (zeros(4) + internet6("4001:db8:200:50:a01:203:0:1", 80), "10.1.2.3:80"),
  ]

  private static let placeCases: [Case] = [
    (zeros(4) + internet(ten, 80), "10.1.2.3:80"),
    (zeros(8) + internet(ten, 80), "10.1.2.3:80"),
    (zeros(1) + internet(ten, 80), ""),
    (zeros(2) + internet(ten, 80), ""),
    (zeros(3) + internet(ten, 80), ""),
    (zeros(6) + internet(ten, 80), ""),
    ("\u{ff}\u{ff}\u{ff}\u{ff}" + internet(ten, 80) + "\u{ff}", "10.1.2.3:80"),
    (internet(ten, 80) + internet(ten, 81), "10.1.2.3:80 10.1.2.3:81"),
    (internet(ten, 80) + zeros(4) + internet(ten, 81), "10.1.2.3:80 10.1.2.3:81"),
  ]

  private static let internet6Cases: [Case] = [
    (internet6("2001:db8::1", 443), "[2001:db8::1]:443"),
    (internet6("::1", 80), "[::1]:80"),
    (internet6("::ffff:1.2.3.4", 80), "[::ffff:1.2.3.4]:80"),
    (internet6("64:ff9b::102:304", 80), "[64:ff9b::102:304]:80"),
    (internet6("2000::", 80), "[2000::]:80"),
    (internet6("3fff:ffff::", 80), "[3fff:ffff::]:80"),
    (internet6("fc00::1", 80), "[fc00::1]:80"),
    (internet6("fdff::1", 80), "[fdff::1]:80"),
    (internet6("fe80::1", 80), "[fe80::1]:80"),
    (internet6("febf::1", 80), "[febf::1]:80"),
    (internet6("ff02::1", 80), "[ff02::1]:80"),
    (internet6("::", 80), ""),
    (internet6("::2", 80), ""),
    (internet6("::1:0:1", 80), ""),
    (internet6("::ffff:0.0.0.0", 80), ""),
    (internet6("::fffe:1.2.3.4", 80), ""),
    (internet6("::1.2.3.4", 80), ""),
    (internet6("1fff::1", 80), ""),
    (internet6("4000::1", 80), ""),
    (internet6("fbff::1", 80), ""),
    (internet6("fe00::1", 80), ""),
    (internet6("fe7f::1", 80), ""),
    (internet6("fec0::1", 80), ""),
    (internet6("64:ff9a::1", 80), ""),
    (internet6("65:ff9b::1", 80), ""),
    (internet6("2001:db8::1", 0), ""),
    (internet6("2001:db8::1", 80, flow: [0, 0, 0, 1]), "[2001:db8::1]:80"),
    (internet6("2001:db8::1", 80, flow: [1, 0, 0, 0]), "[2001:db8::1]:80"),
    (internet6("2001:db8::1", 80, flow: [15, 255, 255, 255]), "[2001:db8::1]:80"),
    (internet6("2001:db8::1", 80, flow: [16, 0, 0, 0]), ""),
    (internet6("2001:db8::1", 80, flow: [255, 255, 255, 255]), ""),
    (internet6("2001:db8::1", 0, flow: [0, 0, 0, 1]), ""),
    (internet6("4001:db8::1", 80, flow: [0, 0, 0, 1]), ""),
    (internet6("2001:db8::1", 80, scope: [1, 0, 0, 0]), ""),
    (internet6("fe80::1", 80, scope: [2, 0, 0, 0]), "[fe80::1]:80"),
    (internet6("fe80::1", 80, scope: [255, 255, 0, 0]), "[fe80::1]:80"),
    (internet6("fe80::1", 80, scope: [0, 0, 1, 0]), ""),
    (internet6("fe80::1", 80, scope: [0, 0, 0, 1]), ""),
    (String(internet6("2001:db8::1", 80).dropLast()), ""),
    (zeros(2) + internet6("2001:db8::1", 80), ""),
    (zeros(4) + internet6("2001:db8::1", 80) + "\u{ff}", "[2001:db8::1]:80"),
  ]

  private static let localCases: [Case] = [
    (local("/run/x.sock"), "unix:/run/x.sock"),
    (local("/a"), "unix:/a"),
    (local("/~"), "unix:/~"),
    (local("/"), ""),
    (local("a"), ""),
    (local("run/x.sock"), "unix:run/x.sock"),
    (local("./a.sk"), "unix:./a.sk"),
    (local("../a/b_c-9"), "unix:../a/b_c-9"),
    (local("x.sock"), "unix:x.sock"),
    (local("socket"), "unix:socket"),
    (local("a.sock"), "unix:a.sock"),
    (local("Socket"), ""),
    (local("socks"), ""),
    (local("a/b/c"), ""),
    (local("a/b/cd"), "unix:a/b/cd"),
    (local("abcdef"), ""),
    (local("run/x:sock"), ""),
    (local("run/x sock"), ""),
    (local("run/x.soc\u{e4}"), ""),
    (local("~/x.sock"), ""),
    (String(local("run/x.sock").dropLast()), ""),
    (local("r" + path107.dropLast(4) + "/x"), "unix:r\(path107.dropLast(4))/x"),
    (local("r" + path107), ""),
    (zeros(2) + local("run/x.sock"), ""),
    (local(""), ""),
    (local("/a\u{7f}"), ""),
    (local("/a\u{1f}b"), ""),
    (local("/\u{e4}"), ""),
    (local("/a") + "b", "unix:/a"),
    (String(local("/run/x").dropLast()), ""),
    (String(local("/run/x").dropLast()) + "\u{ff}", ""),
    (local(path107), "unix:\(path107)"),
    (local(path107 + "p"), ""),
    (String(local(path107).dropLast()), ""),
    (local("\u{0}abc"), "unix:@abc"),
    (local("\u{0}abstract"), "unix:@abstract"),
    (local("\u{0}ab"), ""),
    (local("\u{0}ab\u{1}c"), ""),
    (local("\u{0}" + path107.dropLast()), "unix:@\(path107.dropLast())"),
    (local("\u{0}" + path107), ""),
    (zeros(4) + local("/run/x"), "unix:/run/x"),
    (zeros(3) + local("/run/x"), ""),
  ]

  /// Where one lies in another, only the earlier is one.
  private static let overlapCases: [Case] = [
    (internet([1, 0, 0x2f, 0x78], 9), "1.0.47.120:9"),
    (outer, "[2001:db8:200:50:a01:203::]:80"),
    (zeros(12) + inner, "10.1.2.3:80"),
    (local("/a/b") + "\u{0}" + internet(ten, 80), "unix:/a/b 10.1.2.3:80"),
    ("", ""),
    (zeros(200), ""),
    (String(repeating: "\u{2}\u{0}", count: 40), ""),
    (String(repeating: "\u{1}\u{0}//", count: 40), ""),
  ]
}
