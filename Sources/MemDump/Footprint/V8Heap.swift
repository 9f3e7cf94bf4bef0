/// The heap of V8, the engine of Node.js, by the headers of its chunks (`MemoryChunk`, V8 8 to 12).
///
/// Each chunk of 256 KiB, or a large one, begins with its size, flags, the heap that it is of, and where its objects begin
/// and end. No other memory has many such places that agree on the heap.
struct V8Heap {
  /// The chunks, in order.
  let ranges: [Range<Address>]

  /// The alignment of chunks, in bytes.
  private static let alignment: UInt64 = 256 << 10
  /// The largest distance from where a chunk begins to its first object, in bytes.
  private static let headerByteCount: UInt64 = 16 << 10
  /// The fewest chunks of one heap that are believed.
  private static let leastChunks = 4

  /// Finds the chunks.
  init(in source: any MemorySource) throws(MemDumpError) {
    var words = try WordCache(source, .jumps)
    var chunks: [UInt64: [Range<Address>]] = [:]
    for region in source.regions
    where region.kind == .anonymous && region.permissions.contains(.read) && !region.permissions.contains(.shared) {
      var address = region.range.lowerBound.alignedUp(to: Self.alignment)
      while address < region.range.upperBound {
        var next = address + Self.alignment
        if let (range, heap) = try Self.chunk(at: address, in: region.range, &words) {
          chunks[heap, default: []].append(range)
          next = max(next, range.upperBound.alignedUp(to: Self.alignment))
        } else if let end = try words.emptyEnd(at: address) {
          next = max(next, end.alignedUp(to: Self.alignment))
        }
        guard next > address else { break }
        address = next
      }
    }
    ranges = chunks.values.filter { $0.count >= Self.leastChunks }.flatMap(\.self).union()
  }

  private static func chunk(
    at address: Address, in region: Range<Address>, _ words: inout WordCache
  ) throws(MemDumpError) -> (Range<Address>, heap: UInt64)? {
    guard let size = try words.word(at: address), size >= headerByteCount, size & (pageSize - 1) == 0,
      let heap = try words.word(at: address + 16), heap & 7 == 0, heap > 1 << 16,
      let start = try words.word(at: address + 24), let end = try words.word(at: address + 32),
      (address + 40..<address + headerByteCount).contains(Address(start)), end > start,
      Address(end) <= address + size, Address(end) > address + size - min(size, alignment)
    else { return nil }
    // Of a chunk whose end is protected, or not there, the mapping ends before.
    return (address..<min(address + size, region.upperBound), heap)
  }
}
