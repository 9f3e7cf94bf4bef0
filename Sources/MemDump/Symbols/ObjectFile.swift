import SystemPackage

/// An open ELF file of which parts are read when they are asked for.
final class ObjectFile {
  /// Its headers.
  let object: ELFObject
  private let file: Descriptor
  private let byteCount: UInt64
  /// What is read of a file to make its checksum at most.
  private static let checksumLimit: UInt64 = 256 << 20

  /// Reads the headers; nil where there is no file, or it is none.
  init?(_ file: consuming Descriptor?) {
    guard let file, let byteCount = try? Syscall.attributes(file.file).byteCount,
      let object = ELFObject({ Self.bytes(file.file, $0, byteCount) })
    else { return nil }
    self.object = object
    self.byteCount = byteCount
    self.file = file
  }

  /// The variables of one of its tables of symbols; nil where it has none.
  func symbols(_ table: ELFObject.Table) -> SymbolTable? {
    object.symbols(table) { Self.bytes(file.file, $0, byteCount) }
  }

  /// The CRC-32 of all of it; nil where it is too large for that.
  var checksum: UInt32? {
    byteCount <= Self.checksumLimit ? Checksum.crc32(Self.bytes(file.file, 0..<byteCount, byteCount)) : nil
  }

  private static func bytes(_ file: FileDescriptor, _ range: Range<UInt64>, _ byteCount: UInt64) -> [UInt8] {
    (try? Syscall.bytes(file, range.clamped(to: 0..<byteCount))) ?? []
  }
}
