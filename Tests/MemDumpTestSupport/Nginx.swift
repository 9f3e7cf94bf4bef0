import Glibc
import Synchronization

/// An nginx of Debian with one worker, on a port of its own, that knows a list of upstreams.
public final class Nginx {
  /// Where it listens, on 127.0.0.1.
  public let port: UInt16
  /// The number of its worker.
  public let worker: Int32
  /// The upstreams that its configuration names.
  public let upstreams: [String]
  private let directory: TemporaryDirectory
  private let master: Child

  /// Starts it and waits until it answers.
  public init(upstreams count: Int) throws {
    directory = try TemporaryDirectory(mode: 0o755)
    port = try Self.freePort()
    let upstreams = (0..<count).map { "10.77.\($0 / 250).\($0 % 250 + 1):\(8000 + $0 % 50)" }
    self.upstreams = upstreams
    let (port, directory) = (port, directory)
    let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path \(directory.path)/\($0);" }.joined(separator: " ")
    let configuration = """
      daemon off; worker_processes 1; pid \(directory.path)/pid; error_log \(directory.path)/errors;
      events { worker_connections 64; }
      http {
        access_log off; \(places)
        upstream service { \(upstreams.map { "server \($0);" }.joined(separator: " ")) }
        server {
          listen 127.0.0.1:\(port);
          location / { return 200 "ok"; }
          location /service/ { proxy_pass http://service; }
        }
      }
      """
    let file = try directory.write(Array(configuration.utf8), to: "conf", mode: 0o644)
    guard let program = Programs.find("nginx") else { throw TestFailure("there is no nginx") }
    let started = try Child(program, ["-p", directory.path, "-c", file], keepsErrors: false)
    master = started
    var found: [Int32] = []
    guard
      waitUntil({
        found = children(of: started.id, named: "nginx")
        return found.count == 1 && Requests.answers(port)
      })
    else { throw TestFailure("nginx does not answer") }
    worker = found[0]
  }

  deinit {
    // A quick stop, so that the worker goes with its master.
    master.send(signal: SIGTERM)
    _ = waitUntil { !processExists(worker) }
  }

  static func freePort() throws -> UInt16 {
    let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(file) }
    var address = Requests.address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let error = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(file, $0, length) | getsockname(file, $0, &length)
      }
    }
    guard error == 0 else { throw TestFailure("there is no free port") }
    return UInt16(bigEndian: address.sin_port)
  }
}

/// Requests to a server on 127.0.0.1, one after the other, until it is told to end.
public final class Requests: Sendable {
  private final class Counts: Sendable {
    let values = Mutex<(answered: Int, failed: Int, isEnding: Bool)>((0, 0, false))
  }

  private let counts = Counts()
  private let thread: InBackground

  /// Starts asking.
  public init(port: UInt16) {
    thread = InBackground { [counts] in
      while !counts.values.withLock({ $0.isEnding }) {
        let answers = Self.answers(port)
        counts.values.withLock { if answers { $0.answered += 1 } else { $0.failed += 1 } }
      }
    }
  }

  /// Ends, and tells how many requests were answered and how many were not.
  public func end() -> (answered: Int, failed: Int) {
    counts.values.withLock { $0.isEnding = true }
    thread.join()
    return counts.values.withLock { ($0.answered, $0.failed) }
  }

  /// Asks once.
  static func answers(_ port: UInt16) -> Bool {
    let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
    guard file >= 0 else { return false }
    defer { close(file) }
    var address = address(port)
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    let request = Array("GET / HTTP/1.0\r\n\r\n".utf8)
    guard connected == 0, write(file, request, request.count) == request.count else { return false }
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(file, &chunk, chunk.count)
      if count <= 0 { break }
      answer += chunk[..<count]
    }
    return answer.starts(with: Array("HTTP/1.1 200".utf8)) && answer.suffix(2).elementsEqual("ok".utf8)
  }

  static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }
}
