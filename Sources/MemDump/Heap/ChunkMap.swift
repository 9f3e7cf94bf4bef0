/// Where chunks in use begin: a bit for each 16 bytes of memory, in blocks that exist only where there are chunks. So 2 GiB
/// of heap take 16 MiB, however many chunks they hold.
struct ChunkMap: Sendable {
  private static let blockShift: UInt64 = 20
  private static let wordCount = (1 << 20) / 16 / 64

  private var blocks: [UInt64: [UInt64]] = [:]
  /// The block that was used last, taken out of `blocks`: a walk stays in one for long.
  private var current: [UInt64] = []
  private var currentKey: UInt64?

  /// Takes note of a chunk.
  mutating func insert(_ chunk: Address) {
    open(chunk)
    if current.isEmpty { current = Array(repeating: 0, count: Self.wordCount) }
    let (word, bit) = Self.place(chunk)
    current[word] |= bit
  }

  /// Forgets a chunk. Returns whether it was there.
  mutating func remove(_ chunk: Address) -> Bool {
    open(chunk)
    let (word, bit) = Self.place(chunk)
    guard chunk.rawValue & 15 == 0, !current.isEmpty, current[word] & bit != 0 else { return false }
    current[word] &= ~bit
    return true
  }

  /// Whether a chunk in use begins there.
  func contains(_ chunk: Address) -> Bool {
    let block = block(chunk.rawValue >> Self.blockShift)
    let (word, bit) = Self.place(chunk)
    return chunk.rawValue & 15 == 0 && !block.isEmpty && block[word] & bit != 0
  }

  /// More blocks than this without a chunk are not gone over: only one with a mapping of its own is that large.
  private static let mostEmptyBlocks: UInt64 = 4096

  /// The last chunk that begins at an address or before it, though not before `start`, nor 4 GiB before the address.
  func last(upTo address: Address, from start: Address) -> Address? {
    var key = address.rawValue >> Self.blockShift
    var (word, bit) = Self.place(address)
    // All bits up to that of the address.
    var mask = bit | (bit &- 1)
    let first = max(start.rawValue >> Self.blockShift, key - min(key, Self.mostEmptyBlocks))
    while key >= first {
      let block = self.block(key)
      if !block.isEmpty {
        while true {
          let bits = block[word] & mask
          if bits != 0 {
            let chunk = Self.chunk(key, word, 63 - bits.leadingZeroBitCount)
            return chunk >= start ? chunk : nil
          }
          guard word > 0 else { break }
          (word, mask) = (word - 1, .max)
        }
      }
      guard key > 0 else { break }
      (key, word, mask) = (key - 1, Self.wordCount - 1, .max)
    }
    return nil
  }

  /// Hands out every chunk, in order, until `body` says false.
  func forEach(_ body: (Address) throws(MemDumpError) -> Bool) throws(MemDumpError) {
    for key in (Array(blocks.keys) + (current.isEmpty ? [] : [currentKey ?? 0])).sorted() {
      let block = self.block(key)
      for (word, bits) in block.enumerated() {
        var bits = bits
        while bits != 0 {
          guard try body(Self.chunk(key, word, bits.trailingZeroBitCount)) else { return }
          bits &= bits - 1
        }
      }
    }
  }

  private func block(_ key: UInt64) -> [UInt64] { key == currentKey ? current : blocks[key] ?? [] }

  private mutating func open(_ chunk: Address) {
    let key = chunk.rawValue >> Self.blockShift
    guard key != currentKey else { return }
    if let currentKey, !current.isEmpty { blocks[currentKey] = current }
    current = blocks.removeValue(forKey: key) ?? []
    currentKey = key
  }

  private static func place(_ chunk: Address) -> (word: Int, bit: UInt64) {
    let index = Int((chunk.rawValue & ((1 << blockShift) - 1)) >> 4)
    return (index >> 6, 1 << UInt64(index & 63))
  }

  private static func chunk(_ key: UInt64, _ word: Int, _ bit: Int) -> Address {
    Address(key << blockShift | UInt64(word * 64 + bit) << 4)
  }
}
