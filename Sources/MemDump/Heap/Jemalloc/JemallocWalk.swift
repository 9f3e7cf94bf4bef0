/// A walk over the heap of jemalloc: every extent that its tree leads to, with the bitmaps of slabs, and what threads keep.
struct JemallocWalk: ~Copyable {
  private let source: any MemorySource
  private let control: WorkControl
  private let memory: AnonymousMemory
  private let tree: JemallocTree
  private var words: WordCache
  private var structures: WordCache
  private var figures = JemallocFigures()
  private var table = ExtentTable()
  /// The pages of all extents, and the leaves.
  private var taken: [Range<Address>] = []
  private var leaves: [Range<Address>] = []
  private var structureBlocks: Set<UInt64> = []
  /// Where the extents that were walked end.
  private var end = Address(0)

  /// The shape of the cache for leaves, of which little is present.
  private static let shape = WordCache.Shape(blockByteCount: 1 << 15, blockCount: 8)
  /// The slabs by which the places of bits are told.
  private static let sampleCount = 2000
  /// The part of slabs and entries that has to agree with itself.
  private static let leastAgreement = 0.99
  /// A large block of so many bytes is a stretch of its own, so that pointers into its middle find its start.
  private static let stretchByteCount: UInt64 = 64 << 20

  init(
    _ source: any MemorySource, _ memory: AnonymousMemory, _ tree: JemallocTree, _ control: WorkControl
  ) throws(MemDumpError) {
    // All that can fail comes first: a part of what cannot be copied cannot be taken back.
    let words = try WordCache(source, Self.shape)
    let structures = try WordCache(source)
    (self.source, self.control, self.memory, self.tree) = (source, control, memory, tree)
    self.words = words
    self.structures = structures
  }

  /// Walks the heap. Returns the layout of its blocks; nil where it contradicts itself, which `record.refusal` tells.
  consuming func run(into record: inout HeapRecord) throws(MemDumpError) -> ExtentLayout? {
    let units = memory.units(shift: tree.unitShift)
    guard let bits = try bits(units, &record) else { return nil }
    figures.bits = bits
    for unit in units where !control.isStopped {
      guard let leaf = try leaf(unit) else { continue }
      try walk(tree.entries(of: leaf, unit, &words), bits, into: &record)
    }
    guard isCoherent(&record) else { return nil }
    table.arrange()
    record.ownRanges = try ownRanges()
    taken = (taken + record.ownRanges).union()
    try takeCaches(bits, in: &record)
    record.isComplete = figures.isComplete
    record.description = figures.description(tree, variables: source.regions)
    return ExtentLayout(table: table, live: JemallocLayout(tree: tree, bits: bits))
  }

  /// The leaf of a unit, where that is memory that no other leaf has.
  private mutating func leaf(_ unit: UInt64) throws(MemDumpError) -> Address? {
    guard let leaf = try tree.leaf(unit, &words) else { return nil }
    let range = Range(start: leaf, byteCount: tree.leafByteCount)
    guard memory.contains(range), !leaves.contains(where: { $0.overlaps(range) }) else { return nil }
    leaves.append(range)
    return leaf
  }

  /// The places of bits under which the slabs of a sample agree with their bitmaps.
  private mutating func bits(_ units: [UInt64], _ record: inout HeapRecord) throws(MemDumpError) -> JemallocBits? {
    var sample: [JemallocExtent] = []
    for unit in units where sample.count < Self.sampleCount {
      guard let leaf = try tree.leaf(unit, &words), memory.room(at: leaf) >= tree.leafByteCount else { continue }
      for entry in try tree.entries(of: leaf, unit, &words) where sample.count < Self.sampleCount {
        guard let extent = try JemallocExtent(at: Address(entry.extent), &structures), extent.isSlab,
          extent.start.rawValue >> 12 == entry.page
        else { continue }
        sample.append(extent)
      }
    }
    var best: (bits: JemallocBits, agreeing: Int, count: Int)?
    for bits in JemallocBits.all {
      // What was a slab, and is free, may still say that it is one.
      let used = sample.filter { bits.state($0) == .used }
      var agreeing = 0
      for extent in used where try bits.slab(extent, &structures) != nil { agreeing += 1 }
      if agreeing > best?.agreeing ?? 0 { best = (bits, agreeing, used.count) }
    }
    guard let best, Self.agrees(best.agreeing, of: best.count) else {
      record.refusal = Self.refusal(UInt64(best?.agreeing ?? 0), of: UInt64(best?.count ?? sample.count))
      return nil
    }
    return best.bits
  }

  private static func agrees(_ count: Int, of all: Int) -> Bool { Double(count) >= Double(all) * leastAgreement }

  private static func refusal(_ count: UInt64, of all: UInt64) -> Phrase {
    if all == 0 { return "but it has no slab to tell its version by" }
    return
      "expected as 5.0 to 5.3 have it: \(count: count * 100 / all) % of \(count: all, "slab") agree with their bitmaps"
  }

  /// Whether what was found agrees with itself.
  private func isCoherent(_ record: inout HeapRecord) -> Bool {
    guard Self.agrees(figures.agreeingSlabCount, of: figures.slabCount) else {
      record.refusal = Self.refusal(UInt64(figures.agreeingSlabCount), of: UInt64(figures.slabCount))
      return false
    }
    guard Self.agrees(figures.agreeingEntryCount, of: figures.entryCount) else {
      let share = UInt64(figures.agreeingEntryCount * 100 / max(1, figures.entryCount))
      record.refusal =
        "but \(count: share) % of \(count: UInt64(figures.entryCount), "entry") of its tree lead to an extent with their page"
      return false
    }
    return true
  }

  /// Goes over the extents of a leaf.
  private mutating func walk(
    _ entries: [JemallocTree.Entry], _ bits: JemallocBits, into record: inout HeapRecord
  ) throws(MemDumpError) {
    // In the order of the structures: they lie side by side.
    let entries = entries.sorted { ($0.extent, $0.page) < ($1.extent, $1.page) }
    var extents: [(extent: JemallocExtent, pageCount: UInt64)] = []
    for entry in entries where !control.isStopped {
      figures.entryCount += 1
      guard let extent = try JemallocExtent(at: Address(entry.extent), &structures),
        extent.holds(page: entry.page)
      else { continue }
      let state = bits.state(extent)
      // What is retained may have no memory that can be written to.
      guard state == .retained || memory.contains(extent.range) else { continue }
      figures.agreeingEntryCount += 1
      // A large one has an entry for its last page, too, and each may be in two leaves.
      guard extent.start.rawValue >> 12 == entry.page else { continue }
      extents.append((extent, entry.count))
    }
    extents.sort { $0.extent.start < $1.extent.start }
    var stretches: [Range<Address>] = []
    for (extent, pageCount) in extents where !control.isStopped {
      // No two have a page in common.
      guard extent.range.lowerBound >= end else {
        figures.agreeingEntryCount -= 1
        continue
      }
      end = extent.range.upperBound
      structureBlocks.insert(extent.address.rawValue >> 21)
      figures.extentCount += 1
      taken.append(extent.range)
      switch bits.state(extent) {
      case .used where extent.isSlab:
        try addSlab(extent, pageCount, bits, &stretches, into: &record)
      case .used: addLarge(extent, bits, &stretches, into: &record)
      case .dirty:
        figures.dirtyByteCount += extent.byteCount
        record.returnableRanges.append(extent.range)
      case .muzzy:
        figures.muzzyByteCount += extent.byteCount
        record.returnableRanges.append(extent.range)
      case .retained: figures.retainedByteCount += extent.byteCount
      case .transition, .merging, nil: break
      }
    }
    for stretch in stretches.union() {
      record.addStretch(stretch)
      control.add(stretch.byteCount)
    }
    taken = taken.union()
  }

  private mutating func addSlab(
    _ extent: JemallocExtent, _ pageCount: UInt64, _ bits: JemallocBits, _ stretches: inout [Range<Address>],
    into record: inout HeapRecord
  ) throws(MemDumpError) {
    figures.slabCount += 1
    // Every page of a slab is in the tree.
    let first = extent.start.rawValue >> 12
    let isCut = (first + extent.byteCount >> 12) & ~UInt64(tree.pageCount - 1) != first & ~UInt64(tree.pageCount - 1)
    guard let slab = try bits.slab(extent, &structures), isCut || pageCount == extent.byteCount >> 12 else { return }
    figures.agreeingSlabCount += 1
    let each = slab.blocks.blockByteCount
    stretches.append(extent.range)
    table.add(slab.blocks)
    for index in slab.free.indices {
      let count = min(64, slab.blockCount - index * 64)
      guard count > 0 else { break }
      var used = ~slab.free[index]
      if count < 64 { used &= (1 << UInt64(count)) - 1 }
      let base = extent.start.rawValue &+ UInt64(index) * 64 &* each
      while used != 0 {
        record.addUsed(Address(base &+ UInt64(used.trailingZeroBitCount) &* each), footprint: each)
        used &= used - 1
      }
    }
    for _ in 0..<slab.freeCount { record.addFree(footprint: each, .listed) }
  }

  private mutating func addLarge(
    _ extent: JemallocExtent, _ bits: JemallocBits, _ stretches: inout [Range<Address>],
    into record: inout HeapRecord
  ) {
    guard let block = extent.blocks(bits) else { return }
    figures.largeCount += 1
    table.add(block)
    record.addUsed(block.start, footprint: block.byteCount)
    if extent.byteCount >= Self.stretchByteCount {
      record.addStretch(extent.start..<extent.range.upperBound)
    } else {
      stretches.append(extent.range)
    }
  }

  /// Takes what threads keep away from what is in use.
  private mutating func takeCaches(_ bits: JemallocBits, in record: inout HeapRecord) throws(MemDumpError) {
    var caches = try JemallocCaches(source, memory, taken: taken, isPacked: bits.isPacked)
    let found = try caches.find(from: tree.variables)
    figures.cacheCount = UInt64(found.count)
    // What notes the blocks of a cache is a block itself.
    for rows in found.values {
      guard let first = rows.first, let block = table.block(holding: first.items),
        record.own(block.address, footprint: block.byteCount)
      else { continue }
      figures.ownByteCount &+= block.byteCount
      if block.byteCount > JemallocSizes.largestInSlab { figures.largeCount -= 1 }
    }
    for (_, rows) in found.sorted(by: { $0.key < $1.key }) where !control.isStopped {
      for row in rows where row.count > 0 {
        for block in try caches.blocks(of: row) {
          guard let byteCount = table.byteCount(at: block), record.free(block, footprint: byteCount, .cached) else {
            figures.strayCount += 1
            continue
          }
          figures.cachedCount += 1
          figures.cachedByteCount &+= byteCount
          if byteCount > JemallocSizes.largestInSlab { figures.largeCount -= 1 }
        }
      }
    }
  }

  /// The memory that jemalloc keeps its own structures in: blocks of 2 MiB or more, which begin with their size and lead to the
  /// next (`base_block_t`); and the leaves, where those are not in them.
  private mutating func ownRanges() throws(MemDumpError) -> [Range<Address>] {
    let unit: UInt64 = 1 << 21
    for leaf in leaves { structureBlocks.insert(leaf.lowerBound.rawValue >> 21) }
    var ranges: [Range<Address>] = []
    for number in structureBlocks.sorted() {
      let place = Address(number << 21)
      if let last = ranges.last, last.upperBound > place { continue }
      for step in 0..<Self.mostBaseUnits {
        let start = place - step * unit
        guard let byteCount = try words.word(at: start), let next = try words.word(at: start + 8) else { continue }
        guard byteCount > step * unit, byteCount & (unit - 1) == 0, next & (unit - 1) == 0,
          memory.contains(Range(start: start, byteCount: byteCount))
        else { continue }
        ranges.append(Range(start: start, byteCount: byteCount))
        break
      }
    }
    return (ranges + leaves).union()
  }

  /// The longest way back from a structure to where its block begins, in units of 2 MiB.
  private static let mostBaseUnits: UInt64 = 64
}
