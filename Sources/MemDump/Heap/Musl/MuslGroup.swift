/// A group of mallocng: up to 32 slots of one size, with a `struct meta` in a meta area that says which of them are free. The
/// group itself is a mapping, or a slot of a group of larger slots.
struct MuslGroup: Hashable, Sendable {
  /// The number of sizes of slots.
  static let classCount: UInt64 = 48
  /// The size of a unit, in which slots are measured, and of the header of a group.
  static let unit: UInt64 = 16
  /// The most groups of a meta area, the size of a `struct meta`, and where the first is.
  static let (mostInArea, metaByteCount, metaOffset): (UInt64, UInt64, UInt64) = (101, 40, 24)

  /// The sizes of slots in units (`__malloc_size_classes`, src/malloc/mallocng/malloc.c).
  private static let sizes: [UInt64] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 20, 25, 31, 36, 42, 50, 63, 72, 84, 102, 127, 146, 170, 204, 255, 292,
    340,
    409, 511, 584, 682, 818, 1023, 1169, 1364, 1637, 2047, 2340, 2730, 3276, 4095, 4680, 5460, 6552, 8191,
  ]

  /// The address of the group.
  var address: Address
  /// The slots that are free, a bit each: those to be handed out next, and those that were given back since.
  var free: UInt64
  /// The number of slots.
  var slotCount: UInt64
  /// The number of the size of the slots; 63 for a single slot of any size.
  var sizeClass: UInt64
  /// The size of each slot, in bytes.
  var slotByteCount: UInt64

  /// Reads the group of a meta; nil without a group. Throws away what cannot be one.
  init?(at meta: Address, _ words: inout WordCache, isBroken: inout Bool) throws(MemDumpError) {
    guard let address = try words.word(at: meta + 16), address != 0 else { return nil }
    guard let masks = try words.word(at: meta + 24), let bits = try words.word(at: meta + 32),
      address & (Self.unit - 1) == 0, try words.word(at: Address(address)) == meta.rawValue
    else {
      isBroken = true
      return nil
    }
    let (last, pageCount) = (bits & 31, bits >> 12)
    sizeClass = bits >> 6 & 63
    self.address = Address(address)
    free = (masks | masks >> 32) & 0xffff_ffff
    slotCount = last + 1
    if last == 0, pageCount > 0, pageCount < 1 << 36 {
      slotByteCount = pageCount * 4096 - Self.unit
    } else if sizeClass < Self.classCount {
      slotByteCount = Self.sizes[Int(sizeClass)] * Self.unit
    } else {
      isBroken = true
      return nil
    }
  }

  /// The memory of the group, its header among it.
  var range: Range<Address> { Range(start: address, byteCount: Self.unit + slotCount * slotByteCount) }
  /// The slots.
  var slots: SlotTable.Row {
    SlotTable.Row(start: address + Self.unit, slotByteCount: slotByteCount, count: slotCount)
  }

  /// Whether memory begins where a slot does, and ends in it.
  func hasSlot(for memory: Range<Address>) -> Bool {
    guard memory.lowerBound >= slots.start else { return false }
    let offset = memory.lowerBound - slots.start
    return offset % slotByteCount == 0 && offset / slotByteCount < slotCount && memory.byteCount <= slotByteCount
  }

  /// Whether a slot is in use.
  func isUsed(_ slot: UInt64) -> Bool { free >> slot & 1 == 0 }
}
