public import MemDump

/// Memory made of bytes at addresses, for tests of whoever reads memory: `TestMemory([0x1000: Array("10.1.2.3:80".utf8)])`.
public final class TestMemory: MemorySource {
  /// A region for each piece.
  public let regions: [MemoryRegion]
  /// They are addresses.
  public let hasAddresses = true
  private let contents: [(start: UInt64, bytes: [UInt8])]
  private let longestRead: Int

  /// Each piece is a region of its own. `longestRead` bounds what one read gives.
  public init(_ pieces: [UInt64: [UInt8]], longestRead: Int = .max) throws {
    contents = pieces.sorted { $0.key < $1.key }.map { (start: $0.key, bytes: $0.value) }
    let lines = contents.map { piece in
      String(piece.start, radix: 16) + "-" + String(piece.start + UInt64(piece.bytes.count), radix: 16)
        + " rw-p 00000000 00:00 0\n"
    }
    regions = try MapsParser.parse(Array(lines.joined().utf8))
    self.longestRead = longestRead
  }

  /// It is no file.
  public func fileOffset(of address: Address) -> UInt64? { nil }

  /// Gives the bytes of one piece.
  public func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard let index = regions.firstIndex(where: { $0.range.contains(address) }) else { return [] }
    let piece = contents[index]
    let offset = Int(address.rawValue - piece.start)
    let count = min(piece.bytes.count - offset, buffer.byteCount, longestRead)
    for place in 0..<count { buffer.storeBytes(of: piece.bytes[offset + place], toByteOffset: place, as: UInt8.self) }
    return [MemoryRun(.bytes, UInt64(count))]
  }
}
