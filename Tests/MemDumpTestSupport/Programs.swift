import Glibc
import Synchronization

/// The programs that were built beside the tests.
public enum Programs {
  private static let directory: String = {
    var bytes = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &bytes, bytes.count - 1)
    let path = String(decoding: bytes[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }()

  /// The user that stands for one without rights: `nobody`.
  public static let otherUser: UInt32 = 65534

  /// The path of a program.
  public static func path(_ name: String) -> String { "\(directory)/\(name)" }

  /// The path of a copy that other users may run; it lives as long as the tests.
  public static func publicPath(_ name: String) throws -> String {
    try copies.withLock { copies in
      if let path = copies.paths[name] { return path }
      let directory = try copies.directory ?? TemporaryDirectory(mode: 0o755)
      copies.directory = directory
      let path = directory.path + "/" + name
      guard let bytes = fileBytes(self.path(name)) else { throw TestFailure("\(name) has not been built") }
      try directory.write(bytes, to: name, mode: 0o755)
      copies.paths[name] = path
      return path
    }
  }

  private struct Copies: Sendable {
    var directory: TemporaryDirectory?
    var paths: [String: String] = [:]
  }

  private static let copies = Mutex(Copies())

  /// The words that start a program, as another user where one is given.
  static func words(_ name: String, _ arguments: [String], user: UInt32?) throws -> [String] {
    guard let user else { return [path(name)] + arguments }
    return ["setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups", try publicPath(name)] + arguments
  }

  /// Where a program of the system is; nil where it is not.
  public static func find(_ name: String) -> String? {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return (path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]).map { "\($0)/\(name)" }
      .first { access($0, X_OK) == 0 }
  }
}
