/// Memory in which contexts of PostgreSQL lie, built as PostgreSQL 15 or 16 builds them.
public struct ContextImage {
  /// A context that was added.
  public struct Context {
    /// Where it begins.
    public var address: UInt64
    /// Its blocks, the one that is kept first.
    public var blocks: [UInt64]
  }

  /// The address of the first byte.
  public let base: UInt64
  /// The bytes.
  public private(set) var bytes: [UInt8] = []
  private let version: Int
  private var lastChild: [UInt64: UInt64] = [:]

  /// The bytes of an AllocSet's own structure, and of a Generation context's.
  private static let (setByteCount, generationByteCount): (UInt64, UInt64) = (224, 152)

  /// Begins without a context.
  public init(base: UInt64, version: Int = 15) {
    (self.base, self.version) = (base, version)
    bytes = [UInt8](repeating: 0, count: 64)
  }

  /// Writes words.
  public mutating func set(_ address: UInt64, _ words: UInt64...) {
    for (index, word) in words.enumerated() {
      for place in 0..<8 {
        bytes[Int(address - base) + index * 8 + place] = UInt8(truncatingIfNeeded: word >> (place * 8))
      }
    }
  }

  private mutating func allocate(_ byteCount: UInt64) -> UInt64 {
    let address = base + UInt64(bytes.count)
    bytes += [UInt8](repeating: 0, count: Int(byteCount + 7) & ~7 + 64)
    return address
  }

  private mutating func text(_ text: String) -> UInt64 {
    let address = allocate(UInt64(text.utf8.count + 1))
    for (place, byte) in text.utf8.enumerated() { bytes[Int(address - base) + place] = byte }
    return address
  }

  /// Writes what any context begins with, as the last of its siblings.
  private mutating func begin(
    _ address: UInt64, tag: UInt64, byteCount: UInt64, name: String, ident: String?, parent: UInt64?
  ) {
    let name = text(name)
    let ident = ident.map { text($0) } ?? 0
    set(address, tag, byteCount, 0x40_0000, parent ?? 0, 0, 0, 0, name)
    set(address + 64, ident)
    guard let parent else { return }
    if let last = lastChild[parent] {
      set(last + 48, address)
      set(address + 40, last)
    } else {
      set(parent + 32, address)
    }
    lastChild[parent] = address
  }

  /// Adds an AllocSet.
  ///
  /// - Parameters:
  ///   - free: the bytes that are free at the end of each block of 1 KiB; the first is the one that is kept.
  ///   - chunks: the numbers of the lists of free chunks, a chunk each.
  @discardableResult
  public mutating func addSet(
    _ name: String, ident: String? = nil, in parent: UInt64? = nil, free: [UInt64] = [100], chunks: [Int] = []
  ) -> Context {
    let address = allocate(Self.setByteCount + 1024)
    var blocks = [address + Self.setByteCount]
    for _ in free.dropFirst() { blocks.append(allocate(1024)) }
    for (place, block) in blocks.enumerated() {
      let end = block + 1024
      set(block, address, place == 0 ? 0 : blocks[place - 1], place + 1 < blocks.count ? blocks[place + 1] : 0)
      set(block + 24, end - free[place], end)
    }
    begin(
      address, tag: 601, byteCount: Self.setByteCount + 1024 * UInt64(free.count), name: name, ident: ident,
      parent: parent)
    set(address + 80, blocks[0])
    var heads: [Int: UInt64] = [:]
    for (place, list) in chunks.enumerated() {
      let chunk = blocks[0] + 64 + UInt64(place) * 32
      let size: UInt64 = 8 << UInt64(list)
      set(chunk, version < 16 ? size : UInt64(list) << 32 | 3, heads[list] ?? 0)
      heads[list] = chunk
    }
    for (list, head) in heads { set(address + 88 + UInt64(list) * 8, head) }
    return Context(address: address, blocks: blocks)
  }

  /// Adds a Generation context, with blocks of 2 KiB that are full but for some bytes and have some free chunks.
  @discardableResult
  public mutating func addGeneration(
    _ name: String, in parent: UInt64, free: [UInt64], freeChunks: Int
  ) -> Context {
    let address = allocate(Self.generationByteCount + 2048)
    var blocks = [address + Self.generationByteCount]
    for _ in free.dropFirst() { blocks.append(allocate(2048)) }
    let ring = address + 136
    for (place, block) in blocks.enumerated() {
      set(block, place == 0 ? ring : blocks[place - 1], place + 1 < blocks.count ? blocks[place + 1] : ring)
      let rest = version < 16 ? block + 16 : block + 24
      if version >= 16 { set(block + 16, address) }
      set(rest, 2048, UInt64(freeChunks) << 32 | 7, block + 2048 - free[place], block + 2048)
    }
    begin(address, tag: 602, byteCount: 2048 * UInt64(free.count), name: name, ident: nil, parent: parent)
    set(address + 112, blocks[0])
    set(ring, blocks[blocks.count - 1], blocks[0])
    return Context(address: address, blocks: blocks)
  }

  /// Adds a Bump context of PostgreSQL 17 and later, with blocks of 2 KiB.
  @discardableResult
  public mutating func addBump(_ name: String, in parent: UInt64, free: [UInt64]) -> Context {
    let address = allocate(112 + 2048)
    var blocks = [address + 112]
    for _ in free.dropFirst() { blocks.append(allocate(2048)) }
    let ring = address + 96
    for (place, block) in blocks.enumerated() {
      set(block, place == 0 ? ring : blocks[place - 1], place + 1 < blocks.count ? blocks[place + 1] : ring)
      set(block + 16, block + 2048 - free[place], block + 2048)
    }
    begin(address, tag: 604, byteCount: 112 + 2048 * UInt64(free.count), name: name, ident: nil, parent: parent)
    set(ring, blocks[blocks.count - 1], blocks[0])
    return Context(address: address, blocks: blocks)
  }

  /// Adds a context of a kind that nobody knows.
  @discardableResult
  public mutating func addOther(_ name: String, in parent: UInt64, byteCount: UInt64) -> Context {
    let address = allocate(byteCount)
    begin(address, tag: 603, byteCount: byteCount, name: name, ident: nil, parent: parent)
    return Context(address: address, blocks: [])
  }
}
