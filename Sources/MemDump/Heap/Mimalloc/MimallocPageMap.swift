/// The page map of mimalloc 3 (src/page-map.c): a table in two levels that leads from each 64 KiB of memory to the page that has
/// them. A variable of its module holds the table's address, and its first entry is what stands right behind the table itself, by
/// which it is known.
struct MimallocPageMap: Sendable {
  /// The address of the table.
  let root: Address
  /// The size of the first level, in bytes.
  let byteCount: UInt64
  /// The address of the variable that leads to the table.
  let variable: Address

  private static let sliceByteCount: UInt64 = 64 << 10
  /// The entries of a table of the second level.
  private static let partCount: UInt64 = 1 << 13
  /// The sizes of the first level: those of 48 bits of addresses, and of fewer.
  private static let byteCounts: ClosedRange<UInt64> = 1 << 12...1 << 23

  /// Finds the page map that has pages; nil without one.
  static func find(_ memory: AnonymousMemory, _ words: inout WordCache) throws(MemDumpError) -> MimallocPageMap? {
    var seen: Set<UInt64> = []
    var found: MimallocPageMap?
    try memory.forEachVariable(&words) { (word, address, _, words) throws(MemDumpError) in
      guard word & (pageSize - 1) == 0, memory.room(at: Address(word)) > 0, seen.insert(word).inserted,
        let first = try words.word(at: Address(word)), first > word
      else { return true }
      let byteCount = first - word
      guard byteCounts.contains(byteCount), byteCount & (byteCount - 1) == 0,
        memory.room(at: Address(word)) > byteCount
      else { return true }
      let map = MimallocPageMap(root: Address(word), byteCount: byteCount, variable: address)
      if try map.isTable(&words), try map.hasPages(in: memory.stretches, &words) { found = map }
      return found == nil
    }
    return found
  }

  /// A run of entries that lead to one page.
  private struct Run {
    var page: UInt64
    var range: Range<Address>
  }

  /// Whether each entry of the first level is empty or leads to the start of a page: other memory that begins with such a distance
  /// mostly does not, and to follow all of it takes long.
  private func isTable(_ words: inout WordCache) throws(MemDumpError) -> Bool {
    var address = root
    while address < root + byteCount {
      if let end = try words.emptyEnd(at: address) {
        address = end.alignedUp(to: 8)
        continue
      }
      if let part = try words.word(at: address), part & (pageSize - 1) != 0 { return false }
      address = address + 8
    }
    return true
  }

  private func hasPages(in memory: [Range<Address>], _ words: inout WordCache) throws(MemDumpError) -> Bool {
    var isOne = false
    try forEachRun(in: memory, &words) { (run, words) throws(MemDumpError) in
      if let page = try Self.page(run, in: memory, &words) { isOne = page.isPlausible }
      return !isOne
    }
    return isOne
  }

  /// The heap of mimalloc 3.
  func heap(
    _ memory: AnonymousMemory, _ regions: [MemoryRegion], _ words: inout WordCache
  ) throws(MemDumpError) -> MimallocHeap {
    let memory = memory.stretches
    let module = AnonymousMemory.module(of: variable, in: regions)
    var heap = MimallocHeap(
      versions: "3", place: "the page map of the variable at \(text: variable.description)\(module)")
    var known: Set<UInt64> = []
    heap.map = self
    heap.ownRanges.append(Range(start: root, byteCount: byteCount))
    try forEachRun(in: memory, &words) { (run, words) throws(MemDumpError) in
      guard known.insert(run.page).inserted, let page = try Self.page(run, in: memory, &words) else { return true }
      if page.isPlausible {
        heap.pages.append(page)
        heap.threads.insert(page.heap)
      } else if page.capacity > 0 {
        heap.implausibleCount += 1
      }
      return true
    }
    heap.sortPages()
    heap.stretches = heap.pages.map { $0.area }.union()
    return heap
  }

  /// Hands out the runs of entries, until `body` returns false.
  private func forEachRun(
    in memory: [Range<Address>], _ words: inout WordCache,
    _ body: (Run, inout WordCache) throws(MemDumpError) -> Bool
  ) throws(MemDumpError) {
    var parts: Set<UInt64> = []
    var last: Run?
    var address = root + 8
    while address < root + byteCount {
      if let end = try words.emptyEnd(at: address) {
        address = end.alignedUp(to: 8)
        continue
      }
      if let part = try words.word(at: address), part & (pageSize - 1) == 0, part != 0,
        let index = memory.index(holding: Address(part)),
        memory[index].upperBound - Address(part) >= 8 * Self.partCount, parts.insert(part).inserted
      {
        guard try forEachRun(of: Address(part), number: (address - root) / 8, &last, &words, body) else { return }
      }
      address = address + 8
    }
    if let last { _ = try body(last, &words) }
  }

  private func forEachRun(
    of part: Address, number: UInt64, _ last: inout Run?, _ words: inout WordCache,
    _ body: (Run, inout WordCache) throws(MemDumpError) -> Bool
  ) throws(MemDumpError) -> Bool {
    var address = part
    while address < part + 8 * Self.partCount {
      if let end = try words.emptyEnd(at: address) {
        address = end.alignedUp(to: 8)
        continue
      }
      if let page = try words.word(at: address), page != 0 {
        let slice = number &* Self.partCount &+ (address - part) / 8
        let range = Range(start: Address(slice &* Self.sliceByteCount), byteCount: Self.sliceByteCount)
        if let run = last, run.page == page, run.range.upperBound == range.lowerBound {
          last?.range = run.range.lowerBound..<range.upperBound
        } else {
          if let run = last, try !body(run, &words) { return false }
          last = Run(page: page, range: range)
        }
      }
      address = address + 8
    }
    return true
  }

  /// The page whose memory holds an address, as it is now; nil where there is none.
  func page(holding address: Address, _ words: inout WordCache) throws(MemDumpError) -> MimallocPage? {
    let slice = address.rawValue / Self.sliceByteCount
    let entry = root + slice / Self.partCount * 8
    guard entry < root + byteCount, let part = try words.word(at: entry), part != 0,
      let page = try words.word(at: Address(part) + slice % Self.partCount * 8), page != 0
    else { return nil }
    let range = Range(start: Address(slice * Self.sliceByteCount), byteCount: Self.sliceByteCount)
    guard var found = try Self.page(Run(page: page, range: range), in: [Address(0)..<Address(.max)], &words) else {
      return nil
    }
    // The slice need not be the first of the page.
    let area = found.area
    found.area = min(area.lowerBound, found.start)..<area.upperBound
    return found
  }

  /// Reads the page of a run; nil where it is not known, or never had a block.
  private static func page(
    _ run: Run, in memory: [Range<Address>], _ words: inout WordCache
  ) throws(MemDumpError) -> MimallocPage? {
    let page = Address(run.page)
    guard let thread = try words.word(at: page), let free = try words.word(at: page + 8),
      let counts = try words.word(at: page + 16), let localFree = try words.word(at: page + 24),
      let threadFree = try words.word(at: page + 32), let blockByteCount = try words.word(at: page + 40),
      let place = try words.word(at: page + 48), blockByteCount > 0, counts >> 16 & 0xffff > 0,
      let index = memory.index(holding: run.range.lowerBound)
    else { return nil }
    // Up to 3.3 the address of the first block; from 3.4 on how many words it is behind the page.
    let isAddress = run.range.contains(Address(place)) || (page..<page + 64 << 20).contains(Address(place))
    let start = isAddress ? Address(place) : page + 8 * (place & 0xffff_ffff)
    let reserved = counts >> 32 & 0xffff
    let (byteCount, overflow) = blockByteCount.multipliedReportingOverflow(by: reserved)
    // The map has no entry for what only the middle of a large block is in.
    let end = max(run.range.upperBound, start + (overflow ? 0 : byteCount))
    return MimallocPage(
      area: (run.range.lowerBound..<end).clamped(to: memory[index]), start: start, blockByteCount: blockByteCount,
      capacity: counts >> 16 & 0xffff, reserved: reserved, used: counts & 0xffff, free: free, localFree: localFree,
      threadFree: threadFree & ~3, heap: thread & ~7)
  }
}
