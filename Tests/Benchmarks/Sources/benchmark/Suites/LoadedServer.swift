import Foundation

/// An nginx with one process, which answers requests on a port of its own, and the load of `wrk` that it is under.
final class LoadedServer {
  let port: UInt16
  private let nginx: Companion
  private let workspace: Workspace

  var id: pid_t { nginx.id }

  /// Starts one, with as many upstreams of 100 servers, which are memory that it keeps, and waits for its first answer.
  init(_ workspace: Workspace, upstreamCount: Int) throws {
    guard Tool.nginx.isInstalled, Tool.wrk.isInstalled else { throw Failure("nginx and wrk are needed") }
    self.workspace = workspace
    port = try Self.freePort()
    let path = "\(workspace.directory)/requests.conf"
    try Self.configuration(workspace.directory, port, upstreamCount)
      .write(toFile: path, atomically: false, encoding: .utf8)
    try Self.script.write(toFile: "\(workspace.directory)/max.lua", atomically: false, encoding: .utf8)
    nginx = try Companion(["nginx", "-e", "/dev/null", "-p", workspace.directory, "-c", path])
    try waitForAnswer()
  }

  /// The command that loads it, and prints `longest MICROSECONDS REQUESTS` at its end.
  func load(seconds: Int, connections: Int = 4) -> String {
    "wrk -t1 -c\(connections) -d\(seconds)s -s \(workspace.directory)/max.lua http://127.0.0.1:\(port)/"
  }

  private static let script = """
    done = function(summary, latency, requests)
      io.write(string.format("longest %d %d\\n", latency.max, summary.requests))
    end
    """

  private static func configuration(_ directory: String, _ port: UInt16, _ upstreamCount: Int) -> String {
    var upstreams = ""
    for upstream in 0..<upstreamCount {
      let servers = (1...100).map { "server 10.\(upstream >> 8).\(upstream & 255).\($0):8080;" }
      upstreams += "upstream service\(upstream) { \(servers.joined(separator: " ")) }\n"
    }
    return """
      daemon off; master_process off; pid \(directory)/requests.pid; error_log /dev/null;
      events { }
      http {
        access_log off; keepalive_requests 100000000;
        \(upstreams) server { listen 127.0.0.1:\(port); location / { return 200 "hello"; } }
      }
      """
  }

  private func waitForAnswer() throws {
    for _ in 0..<1000 {
      let connection = try Self.socket(port) { connect($0, $1, $2) }
      defer { close(connection.file) }
      if connection.status == 0 { return }
      usleep(10_000)
    }
    throw Failure("nginx did not listen within 10 s")
  }

  /// A port that nobody listens on.
  private static func freePort() throws -> UInt16 {
    let bound = try socket(0) { bind($0, $1, $2) }
    defer { close(bound.file) }
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutableBytes(of: &address) {
      getsockname(bound.file, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &size)
    }
    guard bound.status == 0, status == 0 else { throw Failure("there is no free port") }
    return UInt16(bigEndian: address.sin_port)
  }

  private static func socket(
    _ port: UInt16, _ use: (CInt, UnsafePointer<sockaddr>?, socklen_t) -> CInt
  ) throws -> (file: CInt, status: CInt) {
    let file = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    guard file >= 0 else { throw Failure("no socket") }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let status = withUnsafeBytes(of: &address) {
      use(file, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(MemoryLayout<sockaddr_in>.size))
    }
    return (file, status)
  }
}
