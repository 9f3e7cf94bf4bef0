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
    let key = chunk.rawValue >> Self.blockShift
    let block = key == currentKey ? current : blocks[key] ?? []
    let (word, bit) = Self.place(chunk)
    return chunk.rawValue & 15 == 0 && !block.isEmpty && block[word] & bit != 0
  }

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
}
