import SystemPackage

/// An open ELF file whose parts are read when they are asked for.
final class ObjectFile {
  /// The headers of the file.
  let object: ELFObject
  private let file: ForeignFile
  private let allowance: SymbolAllowance
  /// The size of the largest file whose checksum is made, and of the pieces it is made of, in bytes.
  private static let (checksumLimit, pieceByteCount): (UInt64, UInt64) = (256 << 20, 1 << 20)

  /// Reads the headers of a file; nil without a file, or where the file is no 64-bit little-endian ELF file.
  init?(_ file: ForeignFile?, _ allowance: SymbolAllowance) {
    guard let file, let object = ELFObject({ allowance.bytes(file, $0) }) else { return nil }
    (self.object, self.file, self.allowance) = (object, file, allowance)
  }

  /// The variables, or the functions, of a table of symbols; nil where the file has no such table.
  func symbols(_ table: ELFObject.Table, of subject: SymbolTable.Subject = .variables) -> SymbolTable? {
    guard let table = object.symbols(table, of: subject, { allowance.bytes(file, $0) }) else { return nil }
    return allowance.keep(table.byteCount, of: file) ? table : nil
  }

  /// The bytes of a range of the file, as many as there are.
  func bytes(_ range: Range<UInt64>) -> [UInt8] { allowance.bytes(file, range) }

  /// Whether so many bytes more may be kept for the file.
  func keep(_ byteCount: UInt64) -> Bool { allowance.keep(byteCount, of: file) }

  /// The bytes from an address on, from the load bias on, up to the last one that the file has; zeros where no segment of
  /// memory is in between. Nil where the file has none there.
  func bytes(atAddress address: UInt64, count: UInt64) -> [UInt8]? {
    var bytes: [UInt8] = []
    for segment in object.segments where segment.kind == .memory {
      // What comes before a segment in its first page is mapped, too.
      let lead = min(segment.address % pageSize, segment.offset)
      let start = max(address, segment.address &- lead)
      let end = min(address &+ count, segment.address &+ segment.fileByteCount)
      guard start < end, start >= address, end - address <= count else { continue }
      let offset = segment.offset &+ (start &- segment.address)
      let found = allowance.bytes(file, offset..<max(offset, offset &+ (end - start)))
      let place = Int(start - address)
      bytes += [UInt8](repeating: 0, count: max(0, place + found.count - bytes.count))
      bytes.replaceSubrange(place..<place + found.count, with: found)
    }
    return bytes.isEmpty ? nil : bytes
  }

  /// The CRC-32 of the whole file; nil where the file is too large for that, or cannot be read to its end.
  var checksum: UInt32? {
    guard file.byteCount <= Self.checksumLimit else { return nil }
    var checksum = Checksum()
    for start in stride(from: 0, to: file.byteCount, by: Int(Self.pieceByteCount)) {
      let piece = start..<min(file.byteCount, start + Self.pieceByteCount)
      let bytes = allowance.bytes(file, piece)
      guard bytes.count == piece.count else { return nil }
      checksum.add(bytes)
    }
    return checksum.value
  }
}
