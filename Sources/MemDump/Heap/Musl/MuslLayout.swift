/// The layout that tells the block in a slot of mallocng: the header before it says how far behind the start of the slot it
/// begins, and how many bytes of the slot were not asked for.
struct MuslLayout: BlockLayout {
  private let slots: SlotTable
  let live: any BlockLayout

  init(_ slots: SlotTable, secret: UInt64) {
    self.slots = slots
    live = MuslLiveLayout(secret: secret)
  }

  /// The block of the slot at an address. As a block can begin anywhere in its slot, any address in the slot stands for it.
  func block(at start: Address, in words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    guard let slot = slots.slot(holding: start) else { return nil }
    let group = slots.rows[slot.row].start
    return try Self.block(in: slot.range, number: slot.index, group: group, &words).block
  }

  /// The block of a slot, and whether its header agrees with the slot.
  ///
  /// - Parameters:
  ///   - slot: the memory of the slot.
  ///   - number: the number of the slot in its group.
  ///   - group: the address of the first slot of the group.
  static func block(
    in slot: Range<Address>, number: UInt64, group: Address, _ words: inout WordCache
  ) throws(MemDumpError) -> (block: HeapBlock, agrees: Bool) {
    // The last four bytes of a slot belong to the header of the next one.
    let end = slot.upperBound - 4
    let whole = HeapBlock(address: slot.lowerBound, byteCount: end - slot.lowerBound, footprint: slot)
    guard var header = try words.word(at: slot.lowerBound - 8) else { return (whole, false) }
    var start = slot.lowerBound
    if byte(5, header) == 0xe0 {
      // The block was moved on in the slot, by this many units.
      start = start + MuslGroup.unit * (header >> 48)
      guard start < end, let moved = try words.word(at: start - 8) else { return (whole, false) }
      header = moved
    }
    var spare = byte(5, header) >> 5
    if spare == 5 {
      guard let long = try words.word(at: slot.upperBound - 8) else { return (whole, false) }
      spare = long & 0xffff_ffff
    }
    let units = byte(4, header) == 0 ? header >> 48 : header & 0xffff_ffff
    guard byte(5, header) & 31 == number, byte(5, header) >> 5 <= 5, spare <= end - start,
      group + MuslGroup.unit * units == start
    else { return (whole, false) }
    return (HeapBlock(address: start, byteCount: end - start - spare, footprint: slot), true)
  }

  private static func byte(_ number: UInt64, _ word: UInt64) -> UInt64 { word >> (8 * number) & 0xff }
}

/// The layout that tells the block at an address, as the program got it, by the way that malloc itself goes: its header leads
/// to the group, which leads to the meta.
struct MuslLiveLayout: BlockLayout {
  /// The word that a meta area begins with.
  let secret: UInt64

  func block(at start: Address, in words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    guard start.rawValue & (MuslGroup.unit - 1) == 0, let header = try words.word(at: start - 8) else { return nil }
    let units = header >> 32 & 0xff == 0 ? header >> 48 : header & 0xffff_ffff
    let first = start - MuslGroup.unit * units
    guard let meta = try words.word(at: first - MuslGroup.unit), try words.word(at: Address(meta & ~4095)) == secret
    else { return nil }
    var isBroken = false
    let number = header >> 40 & 31
    guard let group = try MuslGroup(at: Address(meta), &words, isBroken: &isBroken), group.slots.start == first,
      number < group.slotCount
    else { return nil }
    let slot = Range(start: first + number * group.slotByteCount, byteCount: group.slotByteCount)
    let block = try MuslLayout.block(in: slot, number: number, group: first, &words)
    return block.agrees && block.block.address == start ? block.block : nil
  }
}
