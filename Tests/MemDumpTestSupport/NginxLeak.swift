import Glibc
import MemDump

/// An nginx with the module of Tests/Fixtures/nginx-leak: services whose replies are kept in a ring of pools each.
public final class NginxLeak {
  /// Where it listens, on 127.0.0.1.
  public let port: UInt16
  /// The number of its worker.
  public let worker: Int32
  /// The endpoints that there are.
  public let endpoints: Set<String>
  private let directory: TemporaryDirectory
  private let master: Child

  /// What the module says of itself.
  public struct Status: Sendable {
    /// How many refreshes there were.
    public let ticks: Int64
    /// Whether nothing changes any more.
    public let isOver: Bool
    /// The pools, by the module's own walk over them: pools, blocks, bytes, used, emptied_before_current, large.
    public let counts: [String: Int64]
  }

  /// Starts it, and builds the module before where that was not done. Waits until it answers.
  ///
  /// - Parameters:
  ///   - reclaim: how pools are made ready for the next reply.
  ///   - ticks: after how many refreshes nothing changes any more.
  ///   - options: more options of run.sh.
  public init(reclaim: String, ticks: Int, options: [String] = []) throws {
    directory = try TemporaryDirectory(mode: 0o755)
    port = try Nginx.freePort()
    let script = String(#filePath.dropLast("MemDumpTestSupport/NginxLeak.swift".count)) + "Fixtures/nginx-leak/run.sh"
    let build = try Child(script, ["--module"])
    let (_, errors) = try build.communicate(within: .seconds(600))
    guard try build.wait() == .status(0) else { throw TestFailure(String(decoding: errors, as: UTF8.self)) }
    let words = [
      "--foreground", "--reclaim", reclaim, "--ticks", "\(ticks)", "--port", "\(port)", "--directory", directory.path,
    ]
    let (started, port) = (try Child(script, words + options, keepsErrors: false), port)
    master = started
    var found: [Int32] = []
    guard
      waitUntil(
        within: .seconds(60),
        {
          found = children(of: started.id, named: "nginx")
          return found.count == 1 && Requests.answers(port)
        })
    else { throw TestFailure("nginx does not answer") }
    worker = found[0]
    let lines = (fileText(directory.file("endpoints")) ?? "").split(separator: "\n")
    endpoints = Set(lines.map(String.init))
  }

  deinit {
    master.send(signal: SIGTERM)
    _ = waitUntil { !processExists(worker) }
  }

  /// What the module says of itself now.
  public func status() throws -> Status {
    let answer = Requests.ask(port, "/svcring")
    guard let start = answer.firstIndex(of: UInt8(ascii: "{")),
      let value = JSONValue(parsing: Array(answer[start...])), let ticks = value["ticks"]?.number
    else { throw TestFailure("the module does not answer: \(String(decoding: answer, as: UTF8.self))") }
    let names = ["pools", "blocks", "bytes", "used", "emptied_before_current", "large"]
    let counts = names.map { ($0, value[$0]?.number ?? 0) }
    return Status(
      ticks: ticks, isOver: value["over"] == .boolean(true), counts: Dictionary(uniqueKeysWithValues: counts))
  }

  /// Waits until pools that are made ready as they should be have all the blocks that their replies need.
  public func waitUntilFull() throws {
    var before = try status()
    for _ in 0..<20 {
      try wait(forTick: before.ticks + 60)
      let after = try status()
      if after.counts["blocks"] == before.counts["blocks"] { return }
      before = after
    }
    throw TestFailure("the pools grow without an end")
  }

  /// Waits for a tick.
  public func wait(forTick tick: Int64) throws {
    guard try waitUntil(within: .seconds(120), { try status().ticks >= tick }) else {
      throw TestFailure("tick \(tick) did not come in time")
    }
  }

  /// Begins a request and does not end it. Returns the connection, to be closed.
  public func beginRequest() throws -> Int32 {
    let start = Array("GET / HTTP/1.1\r\nHo".utf8)
    guard let file = Requests.connect(port), write(file, start, start.count) == start.count else {
      throw TestFailure("nginx takes no connection")
    }
    return file
  }
}
