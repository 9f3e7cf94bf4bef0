public import SystemPackage

/// A file that holds memory, of whatever format.
public enum MemoryFile {
  /// Opens a file by its kind: an ELF core by its first bytes, and otherwise a raw dump.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - base: for a raw dump, the address of the first byte; nil to take that from the manifest.
  /// - Throws: ``MemDumpError/Code/file`` and ``MemDumpError/Code/malformed``.
  public static func open(_ path: FilePath, base: Address? = nil) throws(MemDumpError) -> any MemorySource {
    let dump = try DumpFile(path)
    guard base == nil, try isCore(dump) else { return try RawDump(dump, base: base) }
    return try CoreFile(dump)
  }

  private static func isCore(_ dump: borrowing DumpFile) throws(MemDumpError) -> Bool {
    do throws(Errno) {
      return CoreParser.isCore(try Syscall.bytes(dump.file, 0..<UInt64(ELFHeader.byteCount)))
    } catch { throw MemDumpError(.file(dump.path, .open, error)) }
  }
}
