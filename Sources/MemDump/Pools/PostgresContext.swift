/// A memory context of PostgreSQL: the layout of its structures, and how to walk its blocks.
enum PostgresContext {
  /// The size of `MemoryContextData`, in bytes.
  static let headByteCount: UInt64 = 80
  /// The longest names and idents that are read, in bytes; PostgreSQL's own view cuts idents there.
  private static let textLimit = 1024
  /// The size from which the number of a context's bytes is none, in bytes.
  private static let sizeLimit: UInt64 = 1 << 48
  /// No structure of a context is as large, in bytes; and no context has another block so near.
  private static let mostContextBytes: UInt64 = 512
  /// The number of lists of free chunks of an AllocSet (ALLOCSET_NUM_FREELISTS), for chunks of 8, 16, … 8192 bytes.
  private static let listCount: UInt64 = 11

  /// The words that a context begins with.
  struct Head {
    var tag, byteCount, methods, parent, child, previous, next, name, ident: UInt64

    init(_ word: (Int) -> UInt64) {
      (tag, byteCount, methods, parent, child) = (word(0), word(1), word(2), word(3), word(4))
      (previous, next, name, ident) = (word(5), word(6), word(7), word(8))
    }

    init?(at address: Address, in memory: inout WordCache) throws(MemDumpError) {
      var words: [UInt64] = []
      for index in 0..<9 {
        guard let word = try memory.word(at: address + UInt64(index) * 8) else { return nil }
        words.append(word)
      }
      self.init { words[$0] }
    }

    /// Whether the words can be those of a context: the number of a type of node and two truth values, a size, and pointers.
    var fits: Bool {
      let flags = tag >> 32 & 0xffff
      return (1...4095).contains(tag & 0xffff_ffff) && flags & ~0x0101 == 0 && byteCount >= headByteCount
        && byteCount < sizeLimit && byteCount % 8 == 0 && isPointer(methods) && isBytePointer(name)
        && (ident == 0 || isBytePointer(ident))
        && [parent, child, previous, next].allSatisfy { $0 == 0 || isPointer($0) }
    }
  }

  private static func isBytePointer(_ word: UInt64) -> Bool { word >= 4096 && word < 1 << 56 }
  private static func isPointer(_ word: UInt64) -> Bool { isBytePointer(word) && word % 8 == 0 }

  /// The bytes of a text up to the 0 that ends it; nil where there is no text.
  static func text(at address: UInt64, in memory: inout WordCache) throws(MemDumpError) -> [UInt8]? {
    guard address != 0 else { return nil }
    var text: [UInt8] = []
    while text.count < textLimit {
      let bytes = try memory.bytes(at: Address(address) + UInt64(text.count), count: min(64, textLimit - text.count))
      if let end = bytes.firstIndex(of: 0) { return text + bytes[..<end] }
      if bytes.isEmpty { return text.isEmpty ? nil : text }
      text += bytes
    }
    return text
  }

  /// What is told of a context.
  ///
  /// - Parameters:
  ///   - address: where it begins.
  ///   - head: its first words, which fit.
  ///   - constants: the memory that the program cannot change, where names are.
  ///   - tell: is told each block that was asked of malloc.
  static func pool(
    at address: Address, _ head: Head, in memory: inout WordCache, _ constants: inout WordCache,
    _ tell: (Address) -> Void
  ) throws(MemDumpError) -> MemoryPool {
    let name = try text(at: head.name, in: &constants)
    var ident = try text(at: head.ident, in: &memory)
    if ident == nil { ident = try text(at: head.ident, in: &constants) }
    // Contexts whose names cannot be read are told apart by where the names are.
    var pool = MemoryPool(
      address: address, role: name.map { EscapedText($0).description } ?? "name at \(Address(head.name))")
    pool.ident = ident ?? []
    // As PostgreSQL's own view does: what a hash table is for is its ident.
    if name == Array("dynahash".utf8), let ident, !ident.isEmpty {
      (pool.role, pool.ident) = (EscapedText(ident).description, [])
    }
    pool.byteCount = head.byteCount
    var sum = try allocSet(address, head, in: &memory, tell)
    if sum == nil { sum = try ring(address, head, in: &memory, tell) }
    if let sum {
      pool.byteCount = sum.byteCount
      pool.blockCount = sum.blockCount
      pool.freeChunkCount = sum.freeChunkCount
      pool.usedByteCount = sum.byteCount - min(sum.byteCount, sum.freeByteCount)
      pool.brokenAt = sum.brokenAt
    } else {
      pool.isWalked = false
      pool.usedByteCount = head.byteCount
    }
    return pool
  }

  private struct BlockSum {
    var blockCount = 0
    /// The bytes of the blocks, and of the context itself.
    var byteCount: UInt64 = 0
    var freeChunkCount = 0
    var freeByteCount: UInt64 = 0
    var brokenAt: Address?
  }

  /// Walks an `AllocSetContext` (aset.c); nil where it is none. Its blocks name it as theirs, and are as large together as the
  /// context says.
  private static func allocSet(
    _ address: Address, _ head: Head, in memory: inout WordCache, _ tell: (Address) -> Void
  ) throws(MemDumpError) -> BlockSum? {
    var sum = BlockSum()
    guard var block = try memory.word(at: address + headByteCount), isPointer(block),
      try memory.word(at: Address(block)) == address.rawValue
    else { return nil }
    var previous: UInt64 = 0
    while block != 0 {
      guard isPointer(block), memory.step(), let owner = try memory.word(at: Address(block)),
        let before = try memory.word(at: Address(block) + 8), let next = try memory.word(at: Address(block) + 16),
        let free = try memory.word(at: Address(block) + 24), let end = try memory.word(at: Address(block) + 32),
        owner == address.rawValue, before == previous, free > block, free <= end, end - block < sizeLimit
      else {
        if sum.blockCount == 0 { return nil }
        sum.brokenAt = Address(block)
        break
      }
      sum.byteCount &+= size(ofBlock: Address(block), to: end, of: address, tell)
      sum.blockCount += 1
      sum.freeByteCount &+= end - free
      (previous, block) = (block, next)
    }
    if sum.brokenAt == nil, sum.byteCount != head.byteCount { sum.brokenAt = address }
    try countFree(address, &sum, in: &memory)
    return sum
  }

  /// Counts the free chunks of an AllocSet. Until PostgreSQL 15, such a chunk begins with its size, and the next one; from 16 on
  /// the next one stands behind a head of 8 bytes.
  private static func countFree(_ address: Address, _ sum: inout BlockSum, in memory: inout WordCache)
    throws(MemDumpError)
  {
    // No more chunks of 16 bytes and more than there is room for, so that a list that leads back into itself costs no other one.
    var left = sum.byteCount / 16
    for list in 0..<listCount {
      let size: UInt64 = 8 << list
      guard var chunk = try memory.word(at: address + headByteCount + 8 + 8 * list) else { return }
      while chunk != 0 {
        guard left > 0, isPointer(chunk), memory.step(), let first = try memory.word(at: Address(chunk)),
          let next = try memory.word(at: Address(chunk) + 8)
        else {
          sum.brokenAt = sum.brokenAt ?? Address(chunk)
          return
        }
        left -= 1
        sum.freeChunkCount += 1
        sum.freeByteCount &+= size &+ (first == size ? 16 : 8)
        chunk = next
      }
    }
  }

  /// Walks a `GenerationContext` (generation.c) or a `BumpContext` (bump.c, from PostgreSQL 17 on); nil where it is neither. Their
  /// blocks are in a ring with a pair of words among the first of the context: which ones differs, so that each pair is tried.
  private static func ring(
    _ address: Address, _ head: Head, in memory: inout WordCache, _ tell: (Address) -> Void
  ) throws(MemDumpError) -> BlockSum? {
    for index in 10..<20 as Range<UInt64> {
      let start = address + index * 8
      guard let first = try memory.word(at: start + 8), first != start.rawValue else { continue }
      for form in RingBlock.Form.allCases {
        if let sum = try ring(start, from: first, of: address, head, in: &memory, form, tell) { return sum }
      }
    }
    return nil
  }

  private static func ring(
    _ ring: Address, from first: UInt64, of address: Address, _ head: Head, in memory: inout WordCache,
    _ form: RingBlock.Form, _ tell: (Address) -> Void
  ) throws(MemDumpError) -> BlockSum? {
    var sum = BlockSum()
    var (node, previous): (UInt64, UInt64) = (first, ring.rawValue)
    var allocations: [Address] = []
    while node != ring.rawValue {
      guard isPointer(node), memory.step(), try memory.word(at: Address(node)) == previous,
        let next = try memory.word(at: Address(node) + 8),
        let block = try RingBlock(form, at: Address(node), of: address, in: &memory),
        block.free > node, block.free <= block.end, block.end - node < sizeLimit
      else { return nil }
      let size = Self.size(ofBlock: Address(node), to: block.end, of: address) { allocations.append($0) }
      // As PostgreSQL counts: of a Bump context, not the context itself.
      sum.byteCount &+= form == .bump ? block.end - node : size
      guard sum.byteCount <= head.byteCount &+ mostContextBytes else { return nil }
      sum.blockCount += 1
      sum.freeChunkCount += block.freeCount
      sum.freeByteCount &+= block.end - block.free
      (previous, node) = (node, next)
    }
    // What PostgreSQL keeps as the size has the context itself, or not, or twice.
    guard sum.byteCount &+ mostContextBytes >= head.byteCount else { return nil }
    for allocation in allocations { tell(allocation) }
    return sum
  }

  /// A block in a ring.
  private struct RingBlock {
    enum Form: CaseIterable {
      case generation, bump
    }

    var free, end: UInt64
    var freeCount = 0

    init?(
      _ form: Form, at node: Address, of context: Address, in memory: inout WordCache
    ) throws(MemDumpError) {
      var place = node + 16
      if form == .generation {
        // From PostgreSQL 16 on the context stands before the size and the numbers of chunks.
        if try memory.word(at: place) == context.rawValue { place = place + 8 }
        guard let size = try memory.word(at: place), let counts = try memory.word(at: place + 8),
          let end = try memory.word(at: place + 24), end &- node.rawValue == size
        else { return nil }
        freeCount = Int(counts >> 32 & 0x7fff_ffff)
        place = place + 16
      }
      guard let free = try memory.word(at: place), let end = try memory.word(at: place + 8) else { return nil }
      (self.free, self.end) = (free, end)
    }
  }

  /// The bytes that a block adds to a context. The block that is kept lies right behind the context, in one allocation with it.
  private static func size(
    ofBlock block: Address, to end: UInt64, of context: Address, _ tell: (Address) -> Void
  ) -> UInt64 {
    let isKept = block > context && block - context < mostContextBytes
    tell(isKept ? context : block)
    return end &- (isKept ? context : block).rawValue
  }
}
