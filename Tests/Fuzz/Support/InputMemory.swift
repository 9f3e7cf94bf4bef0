public import MemDump
public import ScanReferences

/// Memory made of an input: pieces of it at their addresses, in regions. What is in a region and in no piece was never written.
public final class InputMemory: MemorySource {
  /// The regions of the map.
  public let regions: [MemoryRegion]
  /// They are addresses.
  public let hasAddresses = true
  private let pieces: [(start: UInt64, bytes: [UInt8])]
  private let longestRead: Int

  /// Makes it of a map, as the kernel writes it, and pieces in ascending order; `longestRead` bounds what one read gives.
  public init(map: [UInt8], _ pieces: [(start: UInt64, bytes: [UInt8])], longestRead: Int = .max) {
    self.pieces = pieces
    self.longestRead = longestRead
    regions = (try? MapsParser.parse(map)) ?? []
  }

  /// Makes a region of each piece.
  public convenience init(_ pieces: [UInt64: [UInt8]], longestRead: Int) {
    self.init(pieces.map { (start: $0.key, bytes: $0.value, name: "", inode: 0) }, longestRead: longestRead)
  }

  /// Makes a region of each piece, with its name.
  public convenience init(_ pieces: [MimallocInput.Piece], longestRead: Int = .max) {
    let pieces = pieces.filter { !$0.bytes.isEmpty }.sorted { $0.start < $1.start }
    let lines = pieces.map { piece in
      "\(String(piece.start, radix: 16))-\(String(piece.start + UInt64(piece.bytes.count), radix: 16)) rw-p 0 "
        + (piece.inode == 0 ? "00:00" : "08:01") + " \(piece.inode) \(piece.name)\n"
    }
    self.init(map: Array(lines.joined().utf8), pieces.map { ($0.start, $0.bytes) }, longestRead: longestRead)
  }

  /// It is no file.
  public func fileOffset(of address: Address) -> UInt64? { nil }

  /// Gives the bytes of one piece, or says that there are none up to the next one.
  public func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard let region = regions.first(where: { $0.range.contains(address) }) else { return [] }
    let place = address.rawValue
    let next = pieces.first { $0.start + UInt64($0.bytes.count) > place }
    let end = region.range.upperBound.rawValue
    guard let next, next.start < end else { return absent(end - place, &buffer) }
    guard next.start <= place else { return absent(next.start - place, &buffer) }
    let offset = Int(place - next.start)
    let count = min(next.bytes.count - offset, buffer.byteCount, longestRead)
    buffer.withUnsafeMutableBytes { $0.copyBytes(from: next.bytes[offset..<offset + count]) }
    return [MemoryRun(.bytes, UInt64(count))]
  }

  private func absent(_ count: UInt64, _ buffer: inout MutableRawSpan) -> [MemoryRun] {
    buffer.withUnsafeMutableBytes { bytes in
      for index in 0..<min(bytes.count, Int(clamping: count)) { bytes[index] = 0 }
    }
    return [MemoryRun(.absent, count)]
  }
}
