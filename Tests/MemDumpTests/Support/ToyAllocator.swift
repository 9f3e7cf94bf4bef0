import MemDump

/// An allocator of the tests: an arena begins with a magic word and its size; then come blocks, each behind a word with its
/// size and two flags, at every multiple of 8; a word of 0 is the top.
struct ToyAllocator: Allocator {
  static let magic: UInt64 = 0x414e_4552_4159_4f54
  static let (isUsed, isCached): (UInt64, UInt64) = (1, 2)

  let name = "toy"
  let title = "the toy"
  let isWalked = true
  let granularity: UInt64 = 8
  let signs = AllocatorSigns(libraries: ["libtoy"])
  let factNames: [AllocatorFact.Name] = ["toy_arenas", "walked_bytes", "toy_top_bytes"]

  func recognise(in source: any MemorySource, sign: String?) throws(MemDumpError) -> AllocatorRecognition? {
    var words = try WordCache(source)
    guard let arena = try arenas(of: source, &words).first else { return nil }
    return AllocatorRecognition(self, evidence: sign ?? "there is an arena at \(arena.lowerBound)")
  }

  private func arenas(
    of source: any MemorySource, _ words: inout WordCache
  ) throws(MemDumpError) -> [Range<Address>] {
    var arenas: [Range<Address>] = []
    for region in source.regions where try words.word(at: region.range.lowerBound) == Self.magic {
      guard let byteCount = try words.word(at: region.range.lowerBound + 8) else { continue }
      arenas.append(Range(start: region.range.lowerBound, byteCount: min(byteCount, region.range.byteCount)))
    }
    return arenas
  }

  func walk(
    _ source: any MemorySource, into record: inout HeapRecord, _ control: WorkControl
  ) throws(MemDumpError) -> (any BlockLayout)? {
    var words = try WordCache(source)
    let arenas = try arenas(of: source, &words)
    guard !arenas.isEmpty else { return nil }
    var topByteCount: UInt64 = 0
    for arena in arenas {
      var (address, breaks): (Address, [HeapSummary.Break]) = (arena.lowerBound + 16, [])
      while address < arena.upperBound, let head = try words.word(at: address), head != 0 {
        let footprint = (head & ~7) + 8
        guard footprint > 8, footprint <= arena.upperBound - address else {
          breaks.append(.init(address: address, reason: .size, resumedAt: nil))
          break
        }
        if head & Self.isUsed != 0 {
          record.addUsed(address, footprint: footprint)
        } else {
          record.addFree(footprint: footprint, head & Self.isCached != 0 ? .cached : .listed)
        }
        address = address + footprint
      }
      let rest = arena.upperBound - address
      record.addStretch(
        arena, skipped: breaks.isEmpty ? 0 : rest, breaks: breaks, breakCount: UInt64(breaks.count))
      record.ownRanges.append(Range(start: arena.lowerBound, byteCount: 16))
      if breaks.isEmpty { topByteCount += rest }
    }
    record.description.facts = [
      AllocatorFact("toy_arenas", UInt64(arenas.count)), AllocatorFact("toy_top_bytes", topByteCount),
    ]
    record.description.lines = [.init("toys", "\(count: UInt64(arenas.count), "arena")")]
    return HeadLayout()
  }

  func state(
    of address: Address, byteCount: UInt64, in words: inout WordCache
  ) throws(MemDumpError) -> HeapBlock.State? {
    guard let head = try words.word(at: address - 8), head & ~7 == (byteCount + 7) & ~7, head & 4 == 0 else {
      return nil
    }
    return head & Self.isUsed != 0 ? .used : .free(head & Self.isCached != 0 ? .cached : .listed)
  }

  /// Tells the size of a block by the word before it.
  private struct HeadLayout: BlockLayout {
    func block(at start: Address, in words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
      guard let head = try words.word(at: start) else { return nil }
      return HeapBlock(
        address: start + 8, byteCount: head & ~7, footprint: Range(start: start, byteCount: (head & ~7) + 8))
    }
  }
}

/// Makes an arena of the toy byte by byte.
struct ToyArena {
  static let start: UInt64 = 0x7a00_0000_0000
  private static let byteCount = 1 << 16
  private(set) var bytes = CoreBuilder.bytes(ToyAllocator.magic) + CoreBuilder.bytes(UInt64(byteCount))

  /// Adds a block and returns its address, as a program gets it.
  @discardableResult
  mutating func add(_ byteCount: UInt64, flags: UInt64 = ToyAllocator.isUsed, content: [UInt8] = []) -> UInt64 {
    bytes += CoreBuilder.bytes(byteCount | flags)
    let address = Self.start + UInt64(bytes.count)
    bytes += content + [UInt8](repeating: 0, count: Int(byteCount) - content.count)
    return address
  }

  /// Writes a word into what is there.
  mutating func put(_ word: UInt64, at address: UInt64) {
    let offset = Int(address - Self.start)
    bytes.replaceSubrange(offset..<offset + 8, with: CoreBuilder.bytes(word))
  }

  /// The arena as a mapping without a name.
  var mapping: (start: UInt64, bytes: [UInt8], name: String, inode: Int) {
    (Self.start, bytes + [UInt8](repeating: 0, count: Self.byteCount - bytes.count), "", 0)
  }
}
