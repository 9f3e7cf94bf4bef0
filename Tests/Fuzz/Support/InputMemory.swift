public import MemDump

/// Memory made of an input: pieces of it at their addresses, a region each.
public final class InputMemory: MemorySource {
  /// A region for each piece.
  public let regions: [MemoryRegion]
  /// They are addresses.
  public let hasAddresses = true
  private let pieces: [(start: UInt64, bytes: [UInt8])]
  private let longestRead: Int

  /// `longestRead` bounds what one read gives.
  public init(_ pieces: [UInt64: [UInt8]], longestRead: Int) {
    self.pieces = pieces.sorted { $0.key < $1.key }.map { (start: $0.key, bytes: $0.value) }
    self.longestRead = longestRead
    let lines = self.pieces.map { start, bytes in
      "\(String(start, radix: 16))-\(String(start + UInt64(bytes.count), radix: 16)) rw-p 0 0:0 0\n"
    }
    regions = (try? MapsParser.parse(Array(lines.joined().utf8))) ?? []
  }

  /// It is no file.
  public func fileOffset(of address: Address) -> UInt64? { nil }

  /// Gives the bytes of one piece.
  public func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard let index = regions.firstIndex(where: { $0.range.contains(address) }) else { return [] }
    let (start, bytes) = pieces[index]
    let offset = Int(address.rawValue - start)
    let count = min(bytes.count - offset, buffer.byteCount, longestRead)
    buffer.withUnsafeMutableBytes { $0.copyBytes(from: bytes[offset..<offset + count]) }
    return [MemoryRun(.bytes, UInt64(count))]
  }
}
