internal import SystemPackage

/// The connections that processes have open now, by the endpoint at the other end.
///
/// What counts is a TCP or UDP socket with a remote end that a process has a descriptor of: for TCP in every state but
/// LISTEN, so that a connection which the other side has closed counts until the process closes it too; for UDP a
/// connected socket. A socket counts once, however many descriptors and processes have it. Sockets that no process has
/// any more (TIME_WAIT), or has not accepted yet, are not open.
///
/// The tables are those of the network namespace of the process. Sockets from another namespace are not seen (1), and
/// the process runs on while descriptors and tables are read, one after the other (2).
public struct OpenConnections: Sendable {
  /// The remote end of each socket, by inode.
  private var peers: [UInt64: Endpoint] = [:]
  private var counts: [Endpoint: Int] = [:]
  private var listeners: Set<Endpoint> = []

  /// Makes an empty set of connections.
  public init() {}

  /// Reads the open connections of a process.
  ///
  /// Throws ``MemDumpError/Code/accessDenied`` where we may not see the descriptors of the process, and
  /// ``MemDumpError/Code/processEnded``.
  public init(of target: TargetProcess) throws(MemDumpError) {
    let held = try Self.sockets(of: target)
    for entry in [ProcFS.Entry.tcp, .tcp6, .udp, .udp6] {
      for socket in try Self.table(entry, of: target) where held.contains(socket.inode) {
        if socket.isListening { listeners.insert(socket.local) }
        if socket.isConnected { add(socket.remote, inode: socket.inode) }
      }
    }
    try target.checkIdentity()
  }

  /// The number of open connections.
  public var count: Int { peers.count }

  /// The endpoints at the remote ends.
  public var endpoints: some Collection<Endpoint> { counts.keys }

  /// The number of open connections to an endpoint.
  public func count(to endpoint: Endpoint) -> Int { counts[endpoint] ?? 0 }

  /// Whether a process waits for connections at an endpoint.
  public func isListening(at endpoint: Endpoint) -> Bool { listeners.contains(endpoint) }

  /// Adds the connections of other processes.
  public mutating func formUnion(_ other: OpenConnections) {
    for (inode, endpoint) in other.peers { add(endpoint, inode: inode) }
    listeners.formUnion(other.listeners)
  }

  /// Adds a socket once: a table that changes while it is read can list a socket twice.
  private mutating func add(_ endpoint: Endpoint, inode: UInt64) {
    if peers.updateValue(endpoint, forKey: inode) == nil { counts[endpoint, default: 0] += 1 }
  }

  /// The inodes of the sockets that the target has descriptors of: links to `socket:[INODE]`.
  private static func sockets(of target: TargetProcess) throws(MemDumpError) -> Set<UInt64> {
    do throws(Errno) {
      var inodes: Set<UInt64> = []
      let directory = target.path(.descriptors)
      for name in try Syscall.directoryEntries(directory) {
        var link: ByteReader
        do throws(Errno) { link = ByteReader(try Syscall.readLink(directory.appending(name))) } catch {
          // The descriptor was closed meanwhile.
          if error == .noSuchFileOrDirectory { continue }
          throw error
        }
        guard link.take(upTo: UInt8(ascii: "[")).elementsEqual("socket:".utf8), let inode = link.number() else {
          continue
        }
        inodes.insert(inode)
      }
      return inodes
    } catch { throw target.gone(error, .descriptors) }
  }

  private static func table(
    _ entry: ProcFS.Entry, of target: TargetProcess
  ) throws(MemDumpError) -> [SocketTable.Socket] {
    let bytes: [UInt8]
    do throws(Errno) { bytes = try ProcFS.read(target.path(entry)) } catch {
      // A kernel without IPv6 has no tables for it.
      if error == .noSuchFileOrDirectory, entry == .tcp6 || entry == .udp6 { return [] }
      throw target.gone(error, entry)
    }
    do throws(MalformedText) { return try SocketTable.parse(bytes) } catch {
      throw MemDumpError(.malformed(target.path(entry).string, line: error.line))
    }
  }
}
