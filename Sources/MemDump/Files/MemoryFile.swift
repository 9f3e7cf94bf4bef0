public import SystemPackage

/// A file that holds memory, of whatever format.
public enum MemoryFile {
  /// Opens a file as what it is: an ELF core by its first bytes, and otherwise a raw dump.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - base: for a raw dump, the address of its first byte; nil to take it from the manifest.
  /// - Throws: ``MemDumpError/Code/file`` and ``MemDumpError/Code/malformed``.
  public static func open(_ path: FilePath, base: Address? = nil) throws(MemDumpError) -> any MemorySource {
    guard base == nil, try isCore(path) else { return try RawDump(path, base: base) }
    return try CoreFile(path)
  }

  private static func isCore(_ path: FilePath) throws(MemDumpError) -> Bool {
    do throws(Errno) {
      // Opening a pipe would wait for its writer. That it is not a regular file is for the dump to say.
      guard try Syscall.attributes(path).isRegular else { return false }
      let file = try Descriptor(opening: path)
      return CoreParser.isCore(try Syscall.bytes(file.file, 0..<UInt64(CoreParser.headerByteCount)))
    } catch { throw MemDumpError(.file(path, .open, error)) }
  }
}
