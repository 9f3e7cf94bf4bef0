import SystemPackage

/// A cache of blocks of a source, so that a walk over words asks the source once a block, and not once a word.
///
/// A word that is not known is nil: its memory is not mapped, or was not read. Untouched memory is 0, as the process
/// itself sees it. A word that is not known to its last byte is not known at all.
public struct WordCache: ~Copyable {
  /// The shape of a cache: the size of its blocks, and their number.
  public struct Shape: Sendable {
    let blockByteCount: Int
    let blockCount: Int

    /// Makes a shape from two powers of 2.
    init(blockByteCount: Int, blockCount: Int) {
      (self.blockByteCount, self.blockCount) = (blockByteCount, blockCount)
    }

    /// A few large blocks: for a walk along the addresses.
    public static let walk = Shape(blockByteCount: 1 << 18, blockCount: 2)
    /// Many small blocks: for pointers and lists that jump about.
    public static let jumps = Shape(blockByteCount: 1 << 12, blockCount: 1 << 9)
    /// Blocks in between: for what mostly lies together, and jumps at times.
    static let hops = Shape(blockByteCount: 1 << 14, blockCount: 1 << 7)
  }

  /// A stretch of memory in the cache.
  private struct Block {
    /// The address where the block starts; a number that is no start where nothing is cached.
    var start = Address(.max)
    /// The first stretch of the block that is known: all of the block, mostly.
    var known = 0..<0
    /// The other stretches that are known, in order.
    var others: [Range<Int>] = []
    /// The end of the untouched, unread or unmapped memory around the whole block; the block's start where bytes are.
    var emptyEnd = Address(0)

    mutating func add(_ range: Range<Int>) {
      if range.isEmpty { return }
      if known.isEmpty || known.upperBound == range.lowerBound, others.isEmpty {
        known = (known.isEmpty ? range.lowerBound : known.lowerBound)..<range.upperBound
      } else if let last = others.last, last.upperBound == range.lowerBound {
        others[others.count - 1] = last.lowerBound..<range.upperBound
      } else {
        others.append(range)
      }
    }

    /// The known stretch that a byte lies in; empty for none.
    @inline(__always)
    func stretch(holding offset: Int) -> Range<Int> {
      if known.lowerBound <= offset, offset < known.upperBound { return known }
      return others.isEmpty ? 0..<0 : others.first { $0.contains(offset) } ?? 0..<0
    }
  }

  private let source: any MemorySource
  private let regions: [MemoryRegion]
  private let blockByteCount: Int
  /// The bits of an address that are a place in a block, and the number of these bits.
  private let (placeMask, placeBitCount): (UInt64, UInt64)
  private let slotMask: Int
  private let buffer: PageBuffer
  private var blocks: [Block]
  private var stepsLeft: UInt64

  /// Prepares to read words.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - shape: the shape of the cache, by how the memory is gone over.
  ///   - steps: the most nodes of lists that there can be in the memory; see ``step()``.
  public init(
    _ source: any MemorySource, _ shape: Shape = .walk, steps: UInt64 = .max
  ) throws(MemDumpError) {
    (self.source, regions, blockByteCount, stepsLeft) = (source, source.regions, shape.blockByteCount, steps)
    (placeMask, placeBitCount) = (UInt64(blockByteCount - 1), UInt64(blockByteCount.trailingZeroBitCount))
    slotMask = shape.blockCount - 1
    blocks = Array(repeating: Block(), count: shape.blockCount)
    let byteCount = shape.blockByteCount * shape.blockCount
    do throws(Errno) { buffer = try PageBuffer(byteCount: byteCount) } catch {
      throw MemDumpError(.workMemory(needed: UInt64(byteCount)))
    }
  }

  /// Forgets what was read, so that memory that changes is read anew.
  mutating func forget() { for index in blocks.indices { blocks[index].start = Address(.max) } }

  /// Counts a step from one node of a list to the next. False after more steps than the memory has room for nodes,
  /// which only happens in lists that lead back into themselves or into each other.
  public mutating func step() -> Bool {
    guard stepsLeft > 0 else { return false }
    stepsLeft -= 1
    return true
  }

  /// Whether there are steps left, so that no list was cut short for want of them.
  var hasStepsLeft: Bool { stepsLeft > 0 }

  /// The word at a multiple of 8, low byte first; nil where the word is not known, or the address is no such multiple.
  @inline(__always)
  public mutating func word(at address: Address) throws(MemDumpError) -> UInt64? {
    guard address.rawValue & 7 == 0 else { return nil }
    let slot = try slot(of: address)
    let offset = Int(truncatingIfNeeded: address.rawValue & placeMask)
    guard blocks[slot].stretch(holding: offset).upperBound - offset >= 8 else { return nil }
    let place = slot * blockByteCount + offset
    return buffer.withBytes(place..<place + 8) {
      UInt64(littleEndian: unsafe $0.unsafeLoad(fromByteOffset: 0, as: UInt64.self))
    }
  }

  /// Hands out the words of a range that are known, in the order of their addresses. The range begins and ends at a multiple of 8.
  @inline(__always)
  mutating func forEachWord(in range: Range<Address>, _ body: (UInt64) -> Void) throws(MemDumpError) {
    var address = range.lowerBound
    while address < range.upperBound {
      let slot = try slot(of: address)
      let offset = Int(truncatingIfNeeded: address.rawValue & placeMask)
      let end = min(blockByteCount, offset + Int(clamping: range.upperBound - address))
      let known = (min(end, blocks[slot].stretch(holding: offset).upperBound) - offset) & ~7
      guard known > 0 else {
        address = address + 8
        continue
      }
      let start = slot * blockByteCount + offset
      buffer.withBytes(start..<start + known) { span in
        var place = 0
        while place < known {
          body(UInt64(littleEndian: unsafe span.unsafeLoad(fromByteOffset: place, as: UInt64.self)))
          place &+= 8
        }
      }
      address = address + UInt64(known)
    }
  }

  /// The bytes from an address on, as many of `count` as are known.
  public mutating func bytes(at address: Address, count: Int) throws(MemDumpError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let place = address + UInt64(bytes.count)
      let slot = try slot(of: place)
      let offset = Int(place.rawValue & placeMask)
      let stretch = blocks[slot].stretch(holding: offset)
      guard !stretch.isEmpty else { break }
      let end = min(stretch.upperBound, offset + count - bytes.count)
      let start = slot * blockByteCount
      buffer.withBytes(start + offset..<start + end) { span in
        unsafe span.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
      }
    }
    return bytes
  }

  /// The end of the stretch without a byte of the process's own that an address lies in; nil without such a stretch.
  public mutating func emptyEnd(at address: Address) throws(MemDumpError) -> Address? {
    let end = blocks[try slot(of: address)].emptyEnd
    return end > address ? end : nil
  }

  /// The place in the cache of the block that holds an address; reads a block that is not cached yet.
  @inline(__always)
  private mutating func slot(of address: Address) throws(MemDumpError) -> Int {
    let start = Address(address.rawValue & ~placeMask)
    let slot = Int(truncatingIfNeeded: address.rawValue &>> placeBitCount) & slotMask
    if blocks[slot].start != start { try read(start, into: slot) }
    return slot
  }

  @inline(never)
  private mutating func read(_ start: Address, into slot: Int) throws(MemDumpError) {
    var block = Block(start: start, emptyEnd: start)
    let end = start + UInt64(blockByteCount)
    var (address, isEmpty) = (start, true)
    while address < end {
      let offset = Int(address - start)
      let place = slot * blockByteCount
      let runs = try buffer.withMutableBytes(place + offset..<place + blockByteCount) {
        (span: inout MutableRawSpan) throws(MemDumpError) in try source.read(at: address, into: &span)
      }
      if runs.isEmpty {
        // Nothing is mapped here: on to where something is.
        let next = regions.firstIndex(endingAfter: address)
        guard next < regions.count else {
          if isEmpty { block.emptyEnd = Address(.max) }
          break
        }
        // A region that gives nothing is one that was not taken.
        let range = regions[next].range
        address = range.lowerBound > address ? range.lowerBound : range.upperBound
        if isEmpty { block.emptyEnd = address }
        continue
      }
      for run in runs where address < end {
        let from = Int(address - start)
        let to = Int(min(address + run.byteCount, end) - start)
        if case .unread = run.content {} else { block.add(from..<to) }
        if run.content == .bytes { isEmpty = false }
        address = address + run.byteCount
        if isEmpty { block.emptyEnd = address }
      }
    }
    if !isEmpty { block.emptyEnd = start }
    blocks[slot] = block
  }
}
