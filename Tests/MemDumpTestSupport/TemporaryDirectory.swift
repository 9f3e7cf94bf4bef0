import Glibc

/// A directory that goes with its value, and all that is in it.
public final class TemporaryDirectory: Sendable {
  /// Its path.
  public let path: String

  /// Makes a directory of a new name.
  public init(mode: UInt32 = 0o700) throws {
    let place = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(place)/memdump-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TestFailure("no directory: \(String(cString: strerror(errno)))") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    chmod(path, mode)
  }

  deinit { Self.remove(path) }

  /// The path of a file in it.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// What is in it.
  public var names: [String] { fileNames(in: path) }

  /// Writes a file.
  @discardableResult
  public func write(_ bytes: [UInt8], to name: String, mode: UInt32 = 0o600) throws -> String {
    let path = file(name)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw TestFailure("\(path) cannot be written: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw TestFailure("\(path) cannot be written: \(String(cString: strerror(errno)))") }
      rest = rest.dropFirst(count)
    }
    fchmod(descriptor, mode)
    return path
  }

  /// Gives it to another user.
  public func give(to user: UInt32) { chown(path, user, user) }

  private static func remove(_ path: String) {
    if unlink(path) == 0 { return }
    for name in fileNames(in: path) { remove("\(path)/\(name)") }
    rmdir(path)
  }
}

/// The mode bits of a file; nil where there is none.
public func fileMode(_ path: String) -> UInt32? {
  var attributes = stat()
  return lstat(path, &attributes) == 0 ? attributes.st_mode & 0o7777 : nil
}

/// How many bytes of a file are on disk.
public func bytesOnDisk(_ path: String) -> Int {
  var attributes = stat()
  return lstat(path, &attributes) == 0 ? Int(attributes.st_blocks) * 512 : 0
}

/// How long a file is; -1 where there is none.
public func fileSize(_ path: String) -> Int {
  var attributes = stat()
  return lstat(path, &attributes) == 0 ? Int(attributes.st_size) : -1
}
