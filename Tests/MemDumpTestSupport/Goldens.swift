import Glibc

/// Whether golden files are to be written anew.
public let updatesGoldens = getenv("MEMDUMP_UPDATE_GOLDENS") != nil

/// Writes a golden file.
public func writeGolden(_ text: String, _ path: String) throws { try writeGolden(Array(text.utf8), path) }

/// Writes a golden file of bytes.
public func writeGolden(_ bytes: [UInt8], _ path: String) throws {
  let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard file >= 0 else { throw TestFailure("\(path) cannot be written") }
  defer { close(file) }
  guard write(file, bytes, bytes.count) == bytes.count else { throw TestFailure("\(path) cannot be written") }
}
