import Foundation
import MemDump
import SystemPackage

/// A directory of its own for a test, removed with all that is in it.
final class TemporaryDirectory {
  let path: FilePath

  init() throws { path = try Syscall.makeTemporaryDirectory("memdump-tests-") }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  /// The path of a name in it.
  subscript(_ name: String) -> FilePath { path.appending(name) }

  /// The names in it, sorted; those that start with a dot too.
  var names: [String] {
    get throws { try Syscall.directoryEntries(path).sorted() }
  }

  /// Writes a file.
  @discardableResult func write(_ name: String, _ bytes: [UInt8]) throws -> FilePath {
    try Data(bytes).write(to: URL(filePath: self[name].string))
    return self[name]
  }

  /// Reads a file.
  func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: self[name].string))) }

  /// How many bytes a file takes up on the disk.
  func byteCountOnDisk(_ name: String) throws -> Int {
    let values = try URL(filePath: self[name].string).resourceValues(forKeys: [.fileAllocatedSizeKey])
    return values.fileAllocatedSize ?? 0
  }

  /// The permissions of a file.
  func mode(_ name: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: self[name].string)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
  }
}
