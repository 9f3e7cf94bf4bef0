import SystemPackage

/// Reads words of a source through a cache of blocks, so that a walk asks the source once a block, and not once a word.
///
/// For a walk along the addresses, a few large blocks; for lists that jump about, many small ones.
struct WordReader: ~Copyable {
  /// A stretch of memory in the cache.
  private struct Block {
    /// Where it starts; nil where nothing is cached.
    var start: Address?
    /// What of it is known, in order.
    var readable: [Range<Int>] = []
    /// Where all that is known to be untouched, unread or unmapped ends; the start where there are bytes.
    var emptyEnd = Address(0)

    mutating func add(_ range: Range<Int>) {
      if let last = readable.last, last.upperBound == range.lowerBound {
        readable[readable.count - 1] = last.lowerBound..<range.upperBound
      } else if !range.isEmpty {
        readable.append(range)
      }
    }
  }

  private let source: any MemorySource
  private let regions: [MemoryRegion]
  private let blockByteCount: Int
  private let buffer: PageBuffer
  private var blocks: [Block]

  /// Both numbers are powers of 2.
  init(_ source: any MemorySource, blockByteCount: Int = 1 << 18, blockCount: Int = 2) throws(MemDumpError) {
    (self.source, regions, self.blockByteCount) = (source, source.regions, blockByteCount)
    blocks = Array(repeating: Block(), count: blockCount)
    do throws(Errno) { buffer = try PageBuffer(byteCount: blockByteCount * blockCount) } catch {
      throw MemDumpError(.memory(needed: UInt64(blockByteCount * blockCount)))
    }
  }

  /// A reader for lists that jump about.
  static func scattered(_ source: any MemorySource) throws(MemDumpError) -> WordReader {
    try WordReader(source, blockByteCount: 1 << 12, blockCount: 1 << 9)
  }

  /// The word at a multiple of 8; nil where nothing is known of it. Untouched memory is 0, as the process itself sees it.
  mutating func word(at address: Address) throws(MemDumpError) -> UInt64? {
    guard address.rawValue & 7 == 0 else { return nil }
    let slot = try slot(of: address)
    let offset = Int(address.rawValue & UInt64(blockByteCount - 1))
    guard blocks[slot].readable.contains(where: { $0.contains(offset) && $0.upperBound - offset >= 8 }) else {
      return nil
    }
    let place = slot * blockByteCount + offset
    return buffer.withBytes(place..<place + 8) { unsafe $0.unsafeLoad(as: UInt64.self) }
  }

  /// Up to `count` bytes from an address on, as far as they are known.
  mutating func bytes(at address: Address, count: Int) throws(MemDumpError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let place = address + UInt64(bytes.count)
      let slot = try slot(of: place)
      let offset = Int(place.rawValue & UInt64(blockByteCount - 1))
      guard let range = blocks[slot].readable.first(where: { $0.contains(offset) }) else { break }
      let end = min(range.upperBound, offset + count - bytes.count)
      let start = slot * blockByteCount
      buffer.withBytes(start + offset..<start + end) { span in
        unsafe span.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
      }
    }
    return bytes
  }

  /// Where the stretch without a byte of the process's own ends that an address lies in; nil where there is none.
  mutating func emptyEnd(at address: Address) throws(MemDumpError) -> Address? {
    let end = blocks[try slot(of: address)].emptyEnd
    return end > address ? end : nil
  }

  /// The place in the cache of the block that holds an address, which is read where it is not there yet.
  private mutating func slot(of address: Address) throws(MemDumpError) -> Int {
    let start = Address(address.rawValue & ~UInt64(blockByteCount - 1))
    let slot = Int(truncatingIfNeeded: start.rawValue / UInt64(blockByteCount)) & (blocks.count - 1)
    if blocks[slot].start != start { try read(start, into: slot) }
    return slot
  }

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
