import SystemPackage

/// An open ELF file whose parts are read when they are asked for.
final class ObjectFile {
  /// The headers of the file.
  let object: ELFObject
  private let file: ForeignFile
  /// The size of the largest file whose checksum is made, and of the pieces it is made of, in bytes.
  private static let (checksumLimit, pieceByteCount): (UInt64, UInt64) = (256 << 20, 1 << 20)

  /// Reads the headers of a file; nil without a file, or where the file is no 64-bit little-endian ELF file.
  init?(_ file: ForeignFile?) {
    guard let file, let object = ELFObject({ file.bytes($0) }) else { return nil }
    (self.object, self.file) = (object, file)
  }

  /// The variables of a table of symbols; nil where the file has no such table.
  func symbols(_ table: ELFObject.Table) -> SymbolTable? { object.symbols(table) { file.bytes($0) } }

  /// The CRC-32 of the whole file; nil where the file is too large for that, or cannot be read to its end.
  var checksum: UInt32? {
    guard file.byteCount <= Self.checksumLimit else { return nil }
    var checksum = Checksum()
    for start in stride(from: 0, to: file.byteCount, by: Int(Self.pieceByteCount)) {
      let piece = start..<min(file.byteCount, start + Self.pieceByteCount)
      let bytes = file.bytes(piece)
      guard bytes.count == piece.count else { return nil }
      checksum.add(bytes)
    }
    return checksum.value
  }
}
