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
    guard base == nil else { return try RawDump(dump, base: base) }
    let start = try Self.start(of: dump)
    if CoreParser.isCore(start) { return try CoreFile(dump) }
    let isEmpty = dump.byteCount == 0
    let raw = try RawDump(dump, base: nil)
    // A manifest tells that the file is a dump, whatever its bytes look like.
    guard raw.manifest == nil else { return raw }
    if isEmpty, !start.isEmpty { throw MemDumpError(.unknownLength(path)) }
    if let program = CompressedFile.program(for: start) { throw MemDumpError(.compressed(path, program: program)) }
    return raw
  }

  /// The first bytes of a file, as many as any of the formats is told by.
  private static func start(of dump: borrowing DumpFile) throws(MemDumpError) -> [UInt8] {
    do throws(Errno) { return try Syscall.bytes(dump.file, 0..<UInt64(ELFHeader.byteCount)) } catch {
      throw MemDumpError(.file(dump.path, .open, error))
    }
  }
}
