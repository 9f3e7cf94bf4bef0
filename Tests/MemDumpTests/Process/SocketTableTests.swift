import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct SocketTableTests {
  /// As Linux 6.18 wrote them, of one process in a network namespace of its own.
  private static let tcp = """
      sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n\
       0: 0100007F:E987 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3843028 1 00000000379eb692 100 0 0 10 0                   \n\
       1: 0100007F:E987 0100007F:952A 01 00000000:00000000 00:00000000 00000000     0        0 3843030 1 00000000f57c7531 20 0 0 10 -1                   \n\
       2: 0100007F:E987 0100007F:9530 04 00000001:00000000 01:00000014 00000000     0        0 0 2 00000000098d3f38 20 0 0 10 -1                         \n\
       3: 0100007F:952A 0100007F:E987 01 00000000:00000000 00:00000000 00000000     0        0 3843029 2 00000000ee5bbdf9 20 0 0 10 -1                   \n\
       4: 0100007F:9536 0100007F:E987 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0000000024155086                                      \n
    """
  private static let tcp6 = """
      sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
       0: 00000000000000000000000000000000:EDA9 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3843031 1 0000000017d5003c 100 0 0 10 0
       1: 00000000000000000000000001000000:EB40 00000000000000000000000001000000:EDA9 01 00000000:00000000 00:00000000 00000000     0        0 3843032 2 0000000018d7aacf 20 0 0 10 -1
       2: 0000000000000000FFFF00000100007F:9530 0000000000000000FFFF00000100007F:E987 08 00000000:00000001 00:00000000 00000000     0        0 3843034 2 000000007ba0591a 20 4 0 10 -1
       3: B80D0120000000000000000001000000:9530 B80D0120EFCDAB89674523014433221A:01BB 02 00000000:00000001 00:00000000 00000000   101        0 3843035 2 000000007ba0591a 20 4 0 10 -1

    """
  private static let udp = """
       sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            \n\
     8465: 0100007F:AA8C 0100007F:C4A0 01 00000000:00000000 00:00000000 00000000     0        0 3843036 2 00000000e0b5f9c2 0       \n\
    15141: 0100007F:C4A0 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 3843035 2 000000007c23ffe3 0       \n
    """

  private static func sockets(_ text: String) throws -> [SocketTable.Socket] {
    try SocketTable.parse(Array(text.utf8))
  }

  private static func endpoints(_ texts: [String]) throws -> [Endpoint] {
    try texts.map { try #require(Endpoint(parsing: $0.utf8)) }
  }

  /// The words of the table are those of memory on a little-endian machine, where this was captured.
  private static let isLittleEndian = UInt16(1).littleEndian == 1

  @Test(.enabled(if: isLittleEndian)) func readsTCP() throws {
    let sockets = try Self.sockets(Self.tcp)
    #expect(
      try sockets.map(\.local)
        == Self.endpoints([
          "127.0.0.1:59783", "127.0.0.1:59783", "127.0.0.1:59783", "127.0.0.1:38186", "127.0.0.1:38198",
        ]))
    #expect(
      try sockets.map(\.remote)
        == Self.endpoints(["0.0.0.0:0", "127.0.0.1:38186", "127.0.0.1:38192", "127.0.0.1:59783", "127.0.0.1:59783"]))
    #expect(sockets.map(\.state) == [10, 1, 4, 1, 6])
    #expect(sockets.map(\.inode) == [3_843_028, 3_843_030, 0, 3_843_029, 0])
    #expect(sockets.map(\.isListening) == [true, false, false, false, false])
    #expect(sockets.map(\.isConnected) == [false, true, true, true, true])
  }

  @Test(.enabled(if: isLittleEndian)) func readsTCPOverIPv6() throws {
    let sockets = try Self.sockets(Self.tcp6)
    #expect(
      try sockets.map(\.local)
        == Self.endpoints(["[::]:60841", "[::1]:60224", "127.0.0.1:38192", "[2001:db8::1]:38192"]))
    #expect(
      try sockets.map(\.remote)
        == Self.endpoints(["[::]:0", "[::1]:60841", "127.0.0.1:59783", "[2001:db8:89ab:cdef:123:4567:1a22:3344]:443"]))
    #expect(sockets.map(\.state) == [10, 1, 8, 2])
    #expect(sockets.map(\.isConnected) == [false, true, true, true])
    #expect(sockets.map(\.inode) == [3_843_031, 3_843_032, 3_843_034, 3_843_035])
  }

  @Test(.enabled(if: isLittleEndian)) func readsUDP() throws {
    let sockets = try Self.sockets(Self.udp)
    #expect(try sockets.map(\.local) == Self.endpoints(["127.0.0.1:43660", "127.0.0.1:50336"]))
    #expect(try sockets.map(\.remote) == Self.endpoints(["127.0.0.1:50336", "0.0.0.0:0"]))
    #expect(sockets.map(\.isConnected) == [true, false])
    #expect(sockets.map(\.isListening) == [false, false])
  }

  @Test func aTableMayHaveNoSockets() throws {
    #expect(try Self.sockets("  sl  local_address\n") == [])
  }

  private static let good = "   0: 0100007F:E987 0100007F:952A 01 0:0 0:0 0  0  0 77 1"

  @Test func aLineMayGoOnBehindTheInodeOrNot() throws {
    #expect(try Self.sockets("  sl\n\(Self.good)").map(\.inode) == [77])
    #expect(
      try Self.sockets("  sl\n   0: 0100007F:E987 0100007F:952A 01 0:0 0:0 0 0 0 18446744073709551615").count == 1)
  }

  @Test(arguments: [
    "", " ", "0:", "   0 0100007F:E987 0100007F:952A 01 0:0 0:0 0 0 0 7", "   0: 0100007F:E987",
    "   0: 0100007F:E987 0100007F:952A", "   0: 0100007F:E987 0100007F:952A 01",
    "   0: 0100007F:E987 0100007F:952A 01 0:0 0:0 0 0 0", "   0: 0100007F:E987 0100007F:952A 01 0:0 0:0 0 0 0 ",
    "   0: 0100007F:E987 0100007F:952A 01 0:0 0:0 0 0 0 x", "   0: 0100007F:E987 0100007F:952A 01 0:0 0:0 0 0 0 -1",
    "   0: 0100007F:E987 0100007F:952A 01 0:0 0:0 0 0 0 18446744073709551616",
    "   0: 0100007:E987 0100007F:952A 01 0:0 0:0 0 0 0 7", "   0: 0100007F0:E987 0100007F:952A 01 0:0 0:0 0 0 0 7",
    "   0: 0100007F:E98 0100007F:952A 01 0:0 0:0 0 0 0 7", "   0: 0100007F:E9870 0100007F:952A 01 0:0 0:0 0 0 0 7",
    "   0: 0100007F:E987 0100007F:952A 100 0:0 0:0 0 0 0 7", "   0: 0100007F:E987 0100007F:952A -1 0:0 0:0 0 0 0 7",
    "   0: 000000000000000000000001000000:EDA9 0100007F:952A 01 0:0 0:0 0 0 0 7",
    "99999999999999999999: 0100007F:E987 0100007F:952A 01 0:0 0:0 0 0 0 7",
  ]) func aLineThatIsNoneIsNamed(line: String) {
    #expect(throws: MalformedText(line: 3)) { try Self.sockets("  sl\n\(Self.good)\n\(line)\n\(Self.good)\n") }
  }

  @Test(arguments: ["", "\n", "0", "slot", good]) func aTableBeginsWithItsTitles(text: String) {
    #expect(throws: MalformedText(line: 1)) { try Self.sockets(text) }
  }

  @Test(arguments: [tcp, tcp6, udp]) func neverTrapsOnBytes(text: String) throws {
    var generator = SeededGenerator(seed: 7)
    let source = Array(text.utf8)
    for end in 0...source.count {
      var bytes = Array(source[..<end])
      let count = try? SocketTable.parse(bytes).count
      #expect((count ?? 0) <= 5)
      if !bytes.isEmpty {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      _ = try? SocketTable.parse(bytes)
    }
  }
}
