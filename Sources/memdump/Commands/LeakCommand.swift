import ArgumentParser
import MemDump
import SystemPackage

/// The process that `memdump demo` looks at: a service discovery that keeps every upstream list it has ever seen.
struct LeakCommand: ParsableCommand {
  static let name = "demo-leak"
  static let configuration = CommandConfiguration(
    commandName: name, abstract: "The leaking process of the demo.", shouldDisplay: false)

  private static let serviceCount = 16
  private static let endpointsPerService = 120
  private static let recordByteCount = 96
  private static let arenaByteCount = 16 << 10
  /// The size of the process when the demo looks at it, in bytes.
  private static let startByteCount = 32 << 20

  func run() throws {
    Syscall.dieWithParent()
    Syscall.allowAnyReader()
    var discovery = Discovery()
    while discovery.byteCount < Self.startByteCount { discovery.refresh() }
    try MemDumpError.writeOutput(Array("ready\n".utf8))
    // Standard input ends when the demo does.
    while !Syscall.isReadable(.standardInput, within: 200_000_000) { discovery.refresh() }
  }

  /// Upstream lists, in arenas that nobody frees.
  @safe private struct Discovery {
    var byteCount = 0
    private var round = 0
    private var arena: UnsafeMutableRawBufferPointer
    private let answers = (0..<serviceCount).map { service in
      (0..<endpointsPerService).flatMap { endpoint in Self.kept(service: service, endpoint: endpoint) }
    }

    init() { unsafe arena = Self.newArena() }

    /// Asks for the lists of all services; one service in four answers twice as often.
    mutating func refresh() {
      round += 1
      for service in 0..<serviceCount where service % 4 == 0 || round % 2 == 0 { append(answers[service]) }
    }

    /// The bytes that such modules keep of an endpoint: its text, the socket address made of it, and counters.
    private static func kept(service: Int, endpoint: Int) -> [UInt8] {
      let host = [10, 0, UInt8(service * 4 + endpoint / 250), UInt8(endpoint % 250 + 1)]
      let port = UInt16(8000 + service)
      let text = Array("\(host[0]).\(host[1]).\(host[2]).\(host[3]):\(port)".utf8)
      // sockaddr_in: family 2 in host order, the port in network order, the address, eight zeros.
      let address = [2, 0, UInt8(port >> 8), UInt8(port & 0xff)] + host + [UInt8](repeating: 0, count: 8)
      let record = text + [UInt8](repeating: 0, count: 24 - text.count) + address
      return record + [UInt8](repeating: 0, count: recordByteCount - record.count)
    }

    private mutating func append(_ bytes: [UInt8]) {
      if unsafe bytes.count > arena.count {
        unsafe arena = Self.newArena()
        byteCount += arenaByteCount
      }
      unsafe arena.copyBytes(from: bytes)
      unsafe arena = UnsafeMutableRawBufferPointer(rebasing: arena[bytes.count...])
    }

    private static func newArena() -> UnsafeMutableRawBufferPointer {
      .allocate(byteCount: arenaByteCount, alignment: 16)
    }
  }
}
