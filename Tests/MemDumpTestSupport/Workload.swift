import Glibc

/// A program of Debian at work under load, and how one sees that it works as it should.
public final class Workload {
  /// The programs that tests try.
  public enum Kind: String, CaseIterable, Sendable {
    case python3, node, java, nginx, redis

    /// What has to be installed for it.
    public var programs: [String] {
      switch self {
      case .python3, .node, .java: [rawValue]
      case .nginx: ["nginx", "wrk"]
      case .redis: ["redis-server", "redis-benchmark"]
      }
    }

    /// Those whose programs are there.
    public static let installed = allCases.filter { $0.programs.allSatisfy { Programs.find($0) != nil } }
  }

  /// The process that is looked at.
  public let pid: Int32
  private let kind: Kind
  private let directory: TemporaryDirectory
  private var server: Child?
  private var nginx: Nginx?
  private var load: Child?

  /// Starts it and waits until it works.
  public init(_ kind: Kind) throws {
    self.kind = kind
    directory = try TemporaryDirectory(mode: 0o755)
    switch kind {
    case .python3, .node, .java:
      let (name, source) = Self.scripts[kind] ?? ("", "")
      let server = try Child(kind.rawValue, [try directory.write(Array(source.utf8), to: name, mode: 0o644)])
      pid = server.id
      self.server = server
      guard try server.readLine() == "ok" else { throw TestFailure("\(kind) does not work") }
    case .nginx:
      let nginx = try Nginx(upstreams: 20)
      pid = nginx.worker
      self.nginx = nginx
      load = try Child("wrk", ["-t1", "-c8", "-d600s", "http://127.0.0.1:\(nginx.port)/"])
    case .redis:
      let port = "\(try Nginx.freePort())"
      let words = ["--port", port, "--save", "", "--dir", directory.path, "--bind", "127.0.0.1"]
      let server = try Child("redis-server", words)
      pid = server.id
      self.server = server
      while try !server.readLine().contains("eady to accept connections") {}
      load = try Child("redis-benchmark", ["-p", port, "-c", "8", "-n", "100000000", "-t", "set,get", "-q"])
    }
  }

  /// What is wrong with it.
  public func complaints() throws -> [String] {
    if !processExists(pid) || threadStates(pid).isEmpty { return ["it has ended"] }
    var complaints: [String] = []
    if !waitUntil(within: .seconds(2), { stoppedThreadCount(pid) == 0 }) { complaints.append("threads stand still") }
    if !waitUntil(within: .seconds(2), { tracer(pid) == 0 }) { complaints.append("it is traced") }
    if load?.hasEnded == true { complaints.append("its load has ended") }
    guard load == nil, complaints.isEmpty, let server else { return complaints }
    for _ in 0..<2 {
      let line = try server.readLine(within: .seconds(10))
      if line != "ok" { complaints.append(line) }
    }
    return complaints
  }

  /// Ends the load, and tells what it has to complain about.
  public func end() throws -> [String] {
    guard let load else { return [] }
    load.send(signal: SIGINT)
    let (output, errors) = try load.communicate(within: .seconds(20))
    let text = String(decoding: output + errors, as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).map(String.init).filter {
      $0.contains("Socket errors") || $0.contains("Non-2xx") || $0.contains("rror:")
    }
  }

  /// Programs that compute the same over and over, and print `ok` as long as the result is the same.
  private static let scripts: [Kind: (String, String)] = [
    .python3: (
      "work.py",
      """
      import hashlib, threading, time
      def work():
          value, digest = 1.0, hashlib.sha256()
          for i in range(2000):
              value = value * 1.0000001 + 0.5
              digest.update(b"%r" % value)
          return value, digest.hexdigest()
      first = work()
      def background():
          while work() == first: pass
          print("bad", flush=True)
      for _ in range(2): threading.Thread(target=background, daemon=True).start()
      while True:
          print("ok" if work() == first else "bad", flush=True)
          time.sleep(0.02)
      """
    ),
    .node: (
      "work.js",
      """
      function work() {
        let value = 1.0, digest = 7;
        for (let i = 0; i < 20000; i++) {
          value = value * 1.0000001 + 0.5;
          digest = Math.imul(digest, 31) + i | 0;
        }
        return value + ':' + digest;
      }
      const first = work();
      setInterval(() => console.log(work() === first ? 'ok' : 'bad'), 20);
      """
    ),
    .java: (
      "Work.java",
      """
      public class Work {
        static String work() {
          double value = 1.0; int digest = 7;
          for (int i = 0; i < 20000; i++) { value = value * 1.0000001 + 0.5; digest = digest * 31 + i; }
          return value + ":" + digest;
        }
        public static void main(String[] arguments) throws Exception {
          String first = work();
          for (int i = 0; i < 2; i++) {
            Thread thread = new Thread(() -> { while (work().equals(first)) {} System.out.println("bad"); });
            thread.setDaemon(true);
            thread.start();
          }
          while (true) { System.out.println(work().equals(first) ? "ok" : "bad"); Thread.sleep(20); }
        }
      }
      """
    ),
  ]
}
