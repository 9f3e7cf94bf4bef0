/// A parser of the socket tables of a network namespace: /proc/PID/net/tcp, tcp6, udp and udp6; see proc_pid_net(5).
public enum SocketTable {
  /// A socket: a line of a table.
  public struct Socket: Hashable, Sendable {
    /// The local end of the socket.
    public var local: Endpoint
    /// The remote end of the socket; all zeros where there is none.
    public var remote: Endpoint
    /// The state by its number in include/net/tcp_states.h, for UDP too: 1 for connected, 7 for not connected.
    public var state: UInt8
    /// The inode by which descriptors name the socket; 0 where no process has it, as in TIME_WAIT or before accept(2).
    public var inode: UInt64

    /// Whether the socket waits for connections (LISTEN).
    public var isListening: Bool { state == 10 }
    /// Whether the socket has a remote end: it neither waits for connections nor is closed.
    public var isConnected: Bool { !isListening && state != 7 }
  }

  /// The sockets of a table. Throws ``MalformedText`` with the number of the first bad line.
  public static func parse(_ bytes: [UInt8]) throws(MalformedText) -> [Socket] {
    var lines = ByteReader(bytes)
    guard let titles = lines.takeLine(), isTitles(bytes, titles) else { throw MalformedText(line: 1) }
    var sockets: [Socket] = []
    while let line = lines.takeLine() {
      guard let socket = socket(bytes, line) else { throw MalformedText(line: sockets.count + 2) }
      sockets.append(socket)
    }
    return sockets
  }

  /// Whether a line has the titles of a table: `  sl  local_address rem_address   st …`
  private static func isTitles(_ bytes: [UInt8], _ line: Range<Int>) -> Bool {
    var reader = ByteReader(bytes, line)
    reader.skipBlanks()
    return reader.take(upTo: UInt8(ascii: " ")).elementsEqual("sl".utf8)
  }

  /// The socket of a line: `SLOT: LOCAL REMOTE STATE QUEUES TIMER RETRANSMITS OWNER TIMEOUT INODE …`
  private static func socket(_ bytes: [UInt8], _ line: Range<Int>) -> Socket? {
    var reader = ByteReader(bytes, line)
    reader.skipBlanks()
    guard reader.number() != nil, reader.take(UInt8(ascii: ":")), let local = endpoint(&reader),
      let remote = endpoint(&reader), reader.take(UInt8(ascii: " ")),
      let state = reader.number(radix: 16).flatMap({ UInt8(exactly: $0) }), reader.take(UInt8(ascii: " "))
    else { return nil }
    for _ in 0..<5 {
      reader.skipBlanks()
      _ = reader.take(upTo: UInt8(ascii: " "))
    }
    reader.skipBlanks()
    return reader.number().map { Socket(local: local, remote: remote, state: state, inode: $0) }
  }

  /// An address of one word or four, and a port. The words are the address in memory, read as numbers of this machine;
  /// the port is a number by itself.
  private static func endpoint(_ reader: inout ByteReader) -> Endpoint? {
    func word() -> UInt32? { reader.hexadecimal(digitCount: 8).map { UInt32(bigEndian: UInt32($0)) } }
    func port() -> UInt16? {
      reader.take(UInt8(ascii: ":")) ? reader.hexadecimal(digitCount: 4).map { UInt16($0) } : nil
    }
    reader.skipBlanks()
    guard let first = word() else { return nil }
    if let port = port() { return Endpoint(ipv4: first, port: port) }
    guard let second = word(), let third = word(), let fourth = word(), let port = port() else { return nil }
    return Endpoint(
      high: UInt64(first) << 32 | UInt64(second), low: UInt64(third) << 32 | UInt64(fourth), port: port)
  }
}
