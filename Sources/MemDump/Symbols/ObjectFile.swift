import SystemPackage

/// An open ELF file whose parts are read when they are asked for.
final class ObjectFile {
  /// The headers of the file.
  let object: ELFObject
  private let file: Descriptor
  private let byteCount: UInt64
  /// The size of the largest file whose checksum is made, in bytes.
  private static let checksumLimit: UInt64 = 256 << 20

  /// Reads the headers of a file; nil without a file, or where the file is no 64-bit little-endian ELF file.
  init?(_ file: consuming Descriptor?) {
    guard let file, let byteCount = try? Syscall.attributes(file.file).byteCount,
      let object = ELFObject({ Self.bytes(file.file, $0, byteCount) })
    else { return nil }
    self.object = object
    self.byteCount = byteCount
    self.file = file
  }

  /// The variables of a table of symbols; nil where the file has no such table.
  func symbols(_ table: ELFObject.Table) -> SymbolTable? {
    object.symbols(table) { Self.bytes(file.file, $0, byteCount) }
  }

  /// The CRC-32 of the whole file; nil where the file is too large for that.
  var checksum: UInt32? {
    byteCount <= Self.checksumLimit ? Checksum.crc32(Self.bytes(file.file, 0..<byteCount, byteCount)) : nil
  }

  /// The bytes of a range; none of one that lies in a hole, however large the file says that it is.
  private static func bytes(_ file: FileDescriptor, _ range: Range<UInt64>, _ byteCount: UInt64) -> [UInt8] {
    let range = range.clamped(to: 0..<byteCount)
    guard !range.isEmpty, Syscall.holeByteCount(file, at: range.lowerBound) < range.upperBound - range.lowerBound
    else { return [] }
    return (try? Syscall.bytes(file, range)) ?? []
  }
}
