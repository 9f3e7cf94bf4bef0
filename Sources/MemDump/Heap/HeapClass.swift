/// The chunks of one size.
public struct HeapClass: Hashable, Sendable {
  /// How many bytes a chunk spans, its header of 16 bytes included, of which 8 belong to the chunk behind it.
  public var chunkByteCount: UInt64
  /// How many are in use.
  public var count: UInt64 = 0
  /// How many are free, and kept for the next one who asks.
  public var freeCount: UInt64 = 0
  /// How many bytes those in use span.
  public var byteCount: UInt64 { chunkByteCount.multipliedReportingOverflow(by: count).partialValue }
  /// Some of those in use, spread over all of them.
  var samples = ChunkSamples()

  init(_ chunkByteCount: UInt64) { self.chunkByteCount = chunkByteCount }
}

/// A few addresses out of many, evenly spread over them, in the order in which they came.
struct ChunkSamples: Hashable, Sendable {
  private static let limit = 64
  private(set) var addresses: [Address] = []
  private var seen: UInt64 = 0
  private var stride: UInt64 = 1

  mutating func add(_ address: Address) {
    defer { seen += 1 }
    guard seen & (stride - 1) == 0 else { return }
    if addresses.count == Self.limit {
      addresses = addresses.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
      stride *= 2
      guard seen & (stride - 1) == 0 else { return }
    }
    addresses.append(address)
  }
}

/// The classes of a heap, found by their size.
struct HeapClassTable: Sendable {
  /// Sizes below it are found by their place, others by their hash.
  private static let smallLimit: UInt64 = 1 << 16
  private var small = Array(repeating: Int32(-1), count: Int(smallLimit / Chunk.alignment))
  private var large: [UInt64: Int] = [:]
  private(set) var classes: [HeapClass] = []

  mutating func addUsed(_ chunk: Address, _ byteCount: UInt64) {
    let index = index(byteCount)
    classes[index].count += 1
    classes[index].samples.add(chunk)
  }

  mutating func addFree(_ byteCount: UInt64) { classes[index(byteCount)].freeCount += 1 }

  /// A chunk that was counted as in use turned out to be free.
  mutating func free(_ byteCount: UInt64) {
    let index = index(byteCount)
    classes[index].count -= min(1, classes[index].count)
    classes[index].freeCount += 1
  }

  private mutating func index(_ byteCount: UInt64) -> Int {
    if byteCount < Self.smallLimit {
      let place = Int(byteCount / Chunk.alignment)
      if small[place] < 0 { small[place] = Int32(append(byteCount)) }
      return Int(small[place])
    }
    if let index = large[byteCount] { return index }
    let index = append(byteCount)
    large[byteCount] = index
    return index
  }

  private mutating func append(_ byteCount: UInt64) -> Int {
    classes.append(HeapClass(byteCount))
    return classes.count - 1
  }
}
