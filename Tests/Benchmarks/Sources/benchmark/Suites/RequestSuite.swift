import Foundation

/// How long the longest request to a loaded nginx takes while somebody looks at its memory.
struct RequestSuite {
  let contest: Contest
  private static let seconds = 3
  /// Servers of upstreams, 1.9 KiB each: a heap of 60 MiB.
  private static let upstreamCount = 660

  func report() throws -> String {
    guard Tool.nginx.isInstalled, Tool.wrk.isInstalled else { throw Failure("nginx and wrk are needed") }
    progress("requests: starting nginx")
    let workspace = contest.workspace
    let port = try Self.freePort()
    let nginx = try Companion(["nginx", "-e", "/dev/null", "-p", workspace.directory, "-c", try configuration(port)])
    try waitForAnswer(port)
    try Self.script.write(toFile: "\(workspace.directory)/max.lua", atomically: false, encoding: .utf8)
    let outcomes = contest.run(contenders(nginx.id).map { loaded($0.name, $0.command, port) })
    let heap = try ProcessMemory.heapByteCount(of: nginx.id)
    let comparison = Comparison(
      yardsticks: ["nothing"], reference: "memdump snapshot", quantity: "longest request", showsElapsed: true)
    let words = ["\(nginx.id)": "PID", "\(port)": "PORT"]
    return """
      The longest request of `wrk`, four connections for \(Self.seconds) s, during which the heap of nginx, \(sizeText(heap)) \
      in one worker, is dumped once (by gcore all of the process). `nothing` is what the machine does alone, and `memdump allocs` \
      watches the allocations for 1.5 s, for 1 % of a processor.

      \(comparison.text(outcomes))

      \(commandList(outcomes, workspace, words))
      """
  }

  private func contenders(_ id: pid_t) -> [(name: String, command: String)] {
    let file = "\(contest.workspace.memoryDirectory ?? contest.workspace.directory)/dump"
    func memdump(_ mode: String) -> String {
      "\(contest.workspace.memdump) dump \(id) --region heap --mode \(mode) --force --output \(file)"
    }
    var contenders = [
      ("nothing", "true"), ("memdump live", memdump("live")), ("memdump stop", memdump("stop")),
      ("memdump snapshot", memdump("snapshot")),
      // No growth is no failure: the status is 1.
      ("memdump allocs", "(\(contest.workspace.memdump) allocs \(id) --for 1500ms --budget 1% || [ $? = 1 ])"),
    ]
    if Tool.gdb.isInstalled {
      let range = "$(sed -n 's/^\\(.*\\)-\\(.*\\) rw-p.*\\[heap\\]$/0x\\1 0x\\2/p' /proc/\(id)/maps | head -1)"
      contenders.append(("gdb", "gdb -nx -batch -p \(id) -ex \"dump binary memory \(file) \(range)\""))
    }
    if Tool.gcore.isInstalled { contenders.append(("gcore", "gcore -o \(file) \(id)")) }
    return contenders
  }

  /// A command that runs in the middle of the load.
  private func loaded(_ name: String, _ command: String, _ port: UInt16) -> Contender {
    let directory = contest.workspace.directory
    let load = "wrk -t1 -c4 -d\(Self.seconds)s -s \(directory)/max.lua http://127.0.0.1:\(port)/"
    let script = "\(load) & sleep 1; \(command) >/dev/null 2>\(directory)/complaint || exit 1; wait"
    return Contender(name, ["sh", "-c", script], output: .counted) { child in
      let words = child.lastOutput.split(separator: "\n").last { $0.hasPrefix("longest ") }?.split(separator: " ")
      guard child.exitStatus == 0, let words, words.count == 3, let longest = UInt64(words[1]) else {
        throw Failure(
          "\(child.failure) \((try? String(contentsOfFile: "\(directory)/complaint", encoding: .utf8)) ?? "")")
      }
      var measurement = Measurement(child, result: "\(words[2]) requests")
      measurement.nanoseconds = longest * 1000
      return measurement
    }
  }

  private static let script = """
    done = function(summary, latency, requests)
      io.write(string.format("longest %d %d\\n", latency.max, summary.requests))
    end
    """

  private func configuration(_ port: UInt16) throws -> String {
    let directory = contest.workspace.directory
    var upstreams = ""
    for upstream in 0..<Self.upstreamCount {
      let servers = (1...100).map { "server 10.\(upstream >> 8).\(upstream & 255).\($0):8080;" }
      upstreams += "upstream service\(upstream) { \(servers.joined(separator: " ")) }\n"
    }
    let text = """
      daemon off; master_process off; pid \(directory)/requests.pid; error_log /dev/null;
      events { }
      http {
        access_log off; keepalive_requests 100000000;
        \(upstreams) server { listen 127.0.0.1:\(port); location / { return 200 "hello"; } }
      }
      """
    let path = "\(directory)/requests.conf"
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    return path
  }

  private func waitForAnswer(_ port: UInt16) throws {
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
