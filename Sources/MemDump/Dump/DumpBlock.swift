/// A part of a dump on its way from the process to the file.
struct DumpBlock {
  /// A range of bytes that stand together in the file, and in the block's buffer or in memory that the source holds.
  struct Extent {
    var offset: UInt64
    var bytes: Range<Int>
    var isHeld: Bool
  }

  /// The place of the block among all blocks.
  let number: Int
  /// The extents of the block, in the order of the file. Between them are zeros.
  private(set) var extents: [Extent] = []
  /// The gaps: memory that was not read, in the order of addresses.
  private(set) var gaps: [Stretch<MemoryRun.Content>] = []
  /// The number of bytes that were read from the process.
  private(set) var byteCount: UInt64 = 0

  /// Makes an empty block.
  init(_ number: Int) { self.number = number }

  /// Adds bytes of the format's own.
  mutating func add(header bytes: Range<Int>, at offset: UInt64) { add(bytes, isHeld: false, at: offset) }

  /// Adds bytes of the process.
  mutating func add(memory bytes: Range<Int>, isHeld: Bool, at offset: UInt64) {
    byteCount += UInt64(bytes.count)
    add(bytes, isHeld: isHeld, at: offset)
  }

  /// Adds a gap: memory that was not read.
  mutating func add(gap: Stretch<MemoryRun.Content>) { gaps.join(gap) }

  private mutating func add(_ bytes: Range<Int>, isHeld: Bool, at offset: UInt64) {
    if let last = extents.last, last.isHeld == isHeld, last.bytes.upperBound == bytes.lowerBound,
      last.offset + UInt64(last.bytes.count) == offset
    {
      extents[extents.count - 1].bytes = last.bytes.lowerBound..<bytes.upperBound
    } else {
      extents.append(Extent(offset: offset, bytes: bytes, isHeld: isHeld))
    }
  }
}
