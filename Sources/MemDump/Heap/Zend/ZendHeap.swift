/// A heap of PHP's memory manager (`zend_mm_heap`), which lies in the first of its chunks. Which members there are is told by how
/// PHP was built, so they are found by the one that leads to that chunk.
struct ZendHeap: Sendable {
  /// The address of the first chunk.
  let mainChunk: Address
  /// The chunks in use, the first one first, and those kept for later.
  let (chunks, cachedChunks): ([Address], [Address])
  /// Where each chunk has the map of its pages, in bytes.
  let mapOffset: UInt64
  /// The first free block of each size; 0 for none.
  let free: [UInt64]
  /// The bytes in use by PHP's own count, and those of all chunks and huge blocks.
  let (usedByteCount, realByteCount): (UInt64, UInt64)
  /// The blocks with mappings of their own.
  let huge: [Range<Address>]

  /// The words of a heap that are looked at.
  private static let wordCount = 56

  /// Its memory: no part of it twice.
  private var ranges: [Range<Address>] {
    (chunks + cachedChunks).map { Range(start: $0, byteCount: ZendChunk.byteCount) } + huge
  }

  /// How many chunks and blocks with mappings of their own there can be, each of which begins at 2 MiB.
  private static func most(in memory: AnonymousMemory) -> Int {
    Int(memory.stretches.reduce(0) { $0 + $1.byteCount } / ZendChunk.byteCount) + memory.stretches.count
  }

  /// The heaps in some memory.
  ///
  /// - Parameter most: the most heaps that are looked for.
  static func all(
    in memory: AnonymousMemory, most: Int = 1 << 10, _ words: inout WordCache
  ) throws(MemDumpError) -> [ZendHeap] {
    var heaps: [ZendHeap] = []
    var taken: [Range<Address>] = []
    for stretch in memory.stretches {
      var chunk = stretch.lowerBound.alignedUp(to: ZendChunk.byteCount)
      while chunk < stretch.upperBound, heaps.count < most {
        if let end = try words.emptyEnd(at: chunk) {
          chunk = max(chunk + ZendChunk.byteCount, end.alignedUp(to: ZendChunk.byteCount))
          continue
        }
        if try words.word(at: chunk) == (chunk + ZendChunk.heapOffset).rawValue,
          let heap = try ZendHeap(at: chunk, memory, &words),
          !heap.ranges.contains(where: { $0.overlapsOne(of: taken) })
        {
          heaps.append(heap)
          taken = (taken + heap.ranges).union()
        }
        chunk = chunk + ZendChunk.byteCount
      }
    }
    return heaps
  }

  /// Reads the heap of a first chunk; nil where there is none.
  private init?(
    at chunk: Address, _ memory: AnonymousMemory, _ words: inout WordCache
  ) throws(MemDumpError) {
    guard let mapOffset = try ZendChunk.mapOffset(of: chunk, &words),
      let ring = try Self.ring(from: chunk, mapOffset, memory, &words)
    else { return nil }
    var head: [UInt64] = []
    for number in 0..<Self.wordCount {
      head.append(try words.word(at: chunk + ZendChunk.heapOffset + UInt64(number) * 8) ?? 0)
    }
    // …, size, peak, (a key), the lists, real_size, real_peak, limit, overflow, huge_list, main_chunk, cached_chunks
    let binCount = ZendChunk.bins.count
    guard let place = head[(binCount + 8)...].firstIndex(of: chunk.rawValue), place + 1 < head.count else { return nil }
    let huge = try Self.huge(from: head[place - 1], memory, &words)
    let cached = try Self.cached(from: head[place + 1], memory, &words)
    let real = UInt64(ring.count + cached.count) * ZendChunk.byteCount + huge.reduce(0) { $0 + $1.byteCount }
    guard let realPlace = (place - 7..<place - 2).first(where: { head[$0] == real && head[$0 + 1] >= real }),
      realPlace >= binCount + 2
    else { return nil }
    let lists = realPlace - binCount
    let all = Set((ring + cached).map(\.rawValue))
    guard head[lists..<realPlace].allSatisfy({ $0 == 0 || all.contains($0 & ~(ZendChunk.byteCount - 1)) }),
      // From PHP 8.4 on, a key stands between the lists and the counts. A worker between two requests has no block at all.
      let sizePlace = [lists - 2, lists - 3].first(where: {
        $0 >= 0 && head[$0] <= min(head[$0 + 1], real) && head[$0 + 1] <= head[realPlace + 1]
      })
    else { return nil }
    self.mapOffset = mapOffset
    (mainChunk, chunks, cachedChunks, self.huge) = (chunk, ring, cached, huge)
    (free, usedByteCount, realByteCount) = (Array(head[lists..<realPlace]), head[sizePlace], real)
    let inOrder = ranges.sorted { $0.lowerBound < $1.lowerBound }
    guard zip(inOrder, inOrder.dropFirst()).allSatisfy({ $0.upperBound <= $1.lowerBound }) else { return nil }
  }

  /// The chunks that lead to each other, from the first one on; nil where one is none, or none leads back.
  private static func ring(
    from first: Address, _ mapOffset: UInt64, _ memory: AnonymousMemory, _ words: inout WordCache
  ) throws(MemDumpError) -> [Address]? {
    let (heap, limit) = ((first + ZendChunk.heapOffset).rawValue, most(in: memory))
    var (chunks, chunk): ([Address], Address) = ([], first)
    repeat {
      guard chunks.count < limit, isChunk(chunk, memory), try words.word(at: chunk) == heap,
        try ZendChunk.page(0, of: chunk, mapOffset, &words) == .large(1),
        let next = try words.word(at: chunk + 8), try words.word(at: Address(next) + 16) == chunk.rawValue
      else { return nil }
      chunks.append(chunk)
      chunk = Address(next)
    } while chunk != first
    return chunks
  }

  private static func isChunk(_ chunk: Address, _ memory: AnonymousMemory) -> Bool {
    chunk.rawValue & (ZendChunk.byteCount - 1) == 0 && memory.room(at: chunk) >= ZendChunk.byteCount
  }

  /// The chunks that are kept for later, each of which leads to the next.
  private static func cached(
    from first: UInt64, _ memory: AnonymousMemory, _ words: inout WordCache
  ) throws(MemDumpError) -> [Address] {
    let limit = most(in: memory)
    var (chunks, chunk): ([Address], UInt64) = ([], first)
    while chunk != 0, chunks.count < limit, isChunk(Address(chunk), memory) {
      chunks.append(Address(chunk))
      chunk = try words.word(at: Address(chunk) + 8) ?? 0
    }
    return chunks
  }

  /// The blocks of a list of {block, bytes, next}.
  private static func huge(
    from first: UInt64, _ memory: AnonymousMemory, _ words: inout WordCache
  ) throws(MemDumpError) -> [Range<Address>] {
    let limit = most(in: memory)
    var (blocks, node): ([Range<Address>], UInt64) = ([], first)
    while node != 0, blocks.count < limit {
      guard let block = try words.word(at: Address(node)), let byteCount = try words.word(at: Address(node) + 8),
        block & (ZendChunk.byteCount - 1) == 0, byteCount > 0, byteCount & (ZendChunk.pageByteCount - 1) == 0,
        byteCount <= memory.room(at: Address(block)), let next = try words.word(at: Address(node) + 16)
      else { break }
      blocks.append(Range(start: Address(block), byteCount: byteCount))
      node = next
    }
    return blocks
  }
}

extension Range<Address> {
  /// Whether it has a byte in common with one of some ranges, which are in order.
  fileprivate func overlapsOne(of ranges: [Range<Address>]) -> Bool {
    let index = ranges.partitionIndex { $0.upperBound > lowerBound }
    return index < ranges.count && ranges[index].lowerBound < upperBound
  }
}
