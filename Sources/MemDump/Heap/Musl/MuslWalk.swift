/// A walk over the heap of mallocng: every slot of every group that the meta areas tell.
struct MuslWalk: ~Copyable {
  private let source: any MemorySource
  private let control: WorkControl
  private var words: WordCache
  private var figures = MuslFigures()
  private var groups: [MuslGroup] = []

  private static let shape = WordCache.Shape(blockByteCount: 1 << 14, blockCount: 256)

  init(_ source: any MemorySource, _ control: WorkControl) throws(MemDumpError) {
    (self.source, self.control) = (source, control)
    words = try WordCache(source, Self.shape)
  }

  /// Walks the heap; nil without one, or where it contradicts itself.
  consuming func run(into record: inout HeapRecord) throws(MemDumpError) -> (any BlockLayout)? {
    guard let context = try MuslContext.find(AnonymousMemory(source.regions), &words) else { return nil }
    try findGroups(of: context, into: &record)
    let slots = SlotTable(groups.map(\.slots))
    let nested = Set(groups.map(\.address))
    for group in groups where !control.isStopped { try walk(group, nested, into: &record) }
    guard figures.isBelieved else {
      record.refusal = figures.refusal
      return nil
    }
    try figures.compare(groups, with: context, &words)
    for stretch in groups.map(\.range).union() { record.addStretch(stretch) }
    record.isComplete = figures.isComplete
    record.description = figures.description(
      at: context.address, AnonymousMemory.module(of: context.address, in: source.regions))
    return MuslLayout(slots, secret: context.secret)
  }

  private mutating func findGroups(of context: MuslContext, into record: inout HeapRecord) throws(MemDumpError) {
    let memory = source.regions.filter {
      $0.permissions.contains(.write) && !$0.permissions.contains(.shared) && !$0.isDevice
    }.map(\.range).union()
    let (areas, isWhole) = try context.areas(&words)
    figures.begin(areaCount: areas.count, isWhole: isWhole)
    for area in areas {
      record.ownRanges.append(Range(start: area, byteCount: 4096))
      let count = min(try words.word(at: area + 16).map { $0 & 0xffff_ffff } ?? 0, MuslGroup.mostInArea)
      for number in 0..<count {
        var isBroken = false
        let meta = area + (MuslGroup.metaOffset + number * MuslGroup.metaByteCount)
        if let group = try MuslGroup(at: meta, &words, isBroken: &isBroken) {
          if let index = memory.index(holding: group.address), group.range.upperBound <= memory[index].upperBound {
            groups.append(group)
          } else {
            isBroken = true
          }
        }
        if isBroken { figures.brokenGroupCount += 1 }
      }
    }
    dropOverlapping()
    figures.groupCount = UInt64(groups.count)
  }

  /// Puts the groups in the order of addresses, without those that lie across others: one lies in a slot of another, or apart.
  private mutating func dropOverlapping() {
    groups.sort { ($0.address, $1.slotCount) < ($1.address, $0.slotCount) }
    var kept: [MuslGroup] = []
    var open: [MuslGroup] = []
    for group in groups {
      while let last = open.last, last.range.upperBound <= group.address { open.removeLast() }
      if let outer = open.last, !outer.hasSlot(for: group.range) {
        figures.brokenGroupCount += 1
        continue
      }
      kept.append(group)
      open.append(group)
    }
    groups = kept
  }

  private mutating func walk(
    _ group: MuslGroup, _ nested: Set<Address>, into record: inout HeapRecord
  ) throws(MemDumpError) {
    let first = group.address + MuslGroup.unit
    for number in 0..<group.slotCount {
      let slot = Range(start: first + number * group.slotByteCount, byteCount: group.slotByteCount)
      guard group.isUsed(number) else {
        record.addFree(footprint: group.slotByteCount, .listed)
        continue
      }
      // A slot that holds a group of smaller slots is no block.
      if nested.contains(slot.lowerBound) { continue }
      let (block, agrees) = try MuslLayout.block(in: slot, number: number, group: first, &words)
      figures.add(block, agrees: agrees)
      record.addUsed(slot.lowerBound, footprint: group.slotByteCount)
    }
    control.add(group.range.byteCount)
  }
}
