import MemDumpTestSupport
import ScanReferences

@testable import MemDump

/// Memory that is written word by word, laid out as an input of a fuzz target.
struct InputImage {
  private let layout: [(start: UInt64, count: Int)]
  private(set) var input: [UInt8]

  init(_ layout: [(start: UInt64, count: Int)]) {
    self.layout = layout
    input = [UInt8](repeating: 0, count: layout.reduce(0) { $0 + $1.count })
  }

  /// Writes a number.
  mutating func put<Number: FixedWidthInteger>(_ number: Number, at address: UInt64) {
    var offset = 0
    for (start, count) in layout {
      if address >= start, address + UInt64(Number.bitWidth / 8) <= start + UInt64(count) {
        let place = offset + Int(address - start)
        input.replaceSubrange(place..<place + Number.bitWidth / 8, with: CoreBuilder.bytes(number))
        return
      }
      offset += count
    }
    preconditionFailure("\(address) is in no part of the input")
  }

  /// Writes the links of a list of free blocks, and returns its first one.
  mutating func link(_ blocks: [UInt64]) -> UInt64 {
    for (block, next) in zip(blocks, blocks.dropFirst() + [0]) { put(next, at: block) }
    return blocks.first ?? 0
  }
}

/// A heap of mimalloc, as its versions lay it out.
struct MimallocImage {
  enum Version: CaseIterable { case v2_0_9, v2_1_2, v2_1_9, v3_1, v3_4 }

  private static let cookie: UInt64 = 0x8a5c_4f2e_91d3_7765
  private static let thread: UInt64 = 0x7f00_0000_0740
  /// The size of each block, and the numbers of blocks.
  static let (blockByteCount, capacity, reserved): (UInt64, UInt64, UInt64) = (64, 24, 30)
  /// The blocks that are free: in the page's own list, in that of its thread, given back by others, and to the heap.
  static let (free, local, others, delayed): ([UInt64], [UInt64], [UInt64], [UInt64]) = (
    [20, 22, 21, 23], [3, 1], [7], [9]
  )

  private(set) var image = InputImage(MimallocInput.layout)
  /// The address of the first block.
  private(set) var start: UInt64 = 0
  let version: Version

  init(_ version: Version) {
    self.version = version
    switch version {
    case .v2_0_9, .v2_1_2: makeSegment(gap: 8, entryByteCount: 80)
    case .v2_1_9: makeSegment(gap: 24, entryByteCount: 96)
    case .v3_1, .v3_4: makeMap()
    }
  }

  /// The memory of the process.
  func memory() throws -> NamedMemory { try NamedMemory(MimallocInput.memory(image.input)) }

  /// The address of a block.
  func block(_ number: UInt64) -> UInt64 { start + number * Self.blockByteCount }

  /// The numbers of the blocks in use.
  var used: [UInt64] {
    let free = Self.free + Self.local + Self.others + (version == .v3_1 || version == .v3_4 ? [] : Self.delayed)
    return (0..<Self.capacity).filter { !free.contains($0) }
  }

  /// Writes a word.
  mutating func put(_ word: UInt64, at address: UInt64) { image.put(word, at: address) }

  private mutating func link(_ numbers: [UInt64]) -> UInt64 { image.link(numbers.map(block)) }

  /// A segment of four slices: its header, a page of one slice, a free span of two.
  private mutating func makeSegment(gap: UInt64, entryByteCount: UInt64) {
    switch version {
    case .v2_0_9: start = MimallocInput.blocks + 384
    case .v2_1_2: start = MimallocInput.blocks + 3 * Self.blockByteCount
    default: start = MimallocInput.blocks + 128
    }
    let segment = MimallocInput.segment
    let cookie = segment + 216
    image.put(Self.cookie ^ segment, at: cookie)
    for (index, word) in [4, 1, 0, 4, Self.thread].enumerated() {
      image.put(word, at: cookie + gap + 8 * UInt64(index))
    }
    let entries = cookie + gap + 40
    image.put(UInt32(1), at: entries)
    image.put(UInt32(2), at: entries + 2 * entryByteCount)
    let page = entries + entryByteCount
    image.put(UInt32(1), at: page)
    image.put(UInt16(Self.capacity), at: page + 10)
    image.put(UInt16(Self.reserved), at: page + 12)
    // The list of the thread's heap is in the data of the library, where the cookie is, too.
    let (list, isEarly) = (MimallocInput.data + 72, entryByteCount == 80)
    let heap = list - (isEarly ? 2840 : 8)
    image.put(Self.cookie, at: MimallocInput.data + 32)
    image.put(link(Self.delayed), at: list)
    image.put(Self.thread, at: list + 8)
    let used = UInt64(self.used.count + Self.others.count + Self.delayed.count)
    let (free, local, threadFree) = (link(Self.free), link(Self.local), link(Self.others) | 1)
    image.put(free, at: page + 16)
    if isEarly {
      image.put(UInt32(used), at: page + 24)
      image.put(UInt32(Self.blockByteCount), at: page + 28)
      image.put(local, at: page + 32)
      image.put(threadFree, at: page + 40)
      image.put(heap, at: page + 48)
    } else {
      image.put(local, at: page + 24)
      image.put(UInt16(used), at: page + 32)
      image.put(Self.blockByteCount, at: page + 40)
      image.put(start, at: page + 48)
      image.put(threadFree, at: page + 56)
      image.put(heap, at: page + 64)
    }
  }

  /// A page map whose second entry has a part with a page.
  private mutating func makeMap() {
    image.put(MimallocInput.map, at: MimallocInput.data + 32)
    image.put(MimallocInput.map + MimallocInput.mapByteCount, at: MimallocInput.map)
    image.put(MimallocInput.part, at: MimallocInput.map + 8)
    let page = MimallocInput.page
    image.put(page, at: MimallocInput.part)
    start = page + 128
    image.put(Self.thread, at: page)
    let (free, local, threadFree) = (link(Self.free), link(Self.local), link(Self.others) | 1)
    let used = UInt64(self.used.count + Self.others.count)
    image.put(free, at: page + 8)
    image.put(used | Self.capacity << 16 | Self.reserved << 32, at: page + 16)
    image.put(local, at: page + 24)
    image.put(threadFree, at: page + 32)
    image.put(Self.blockByteCount, at: page + 40)
    image.put(version == .v3_1 ? start : (start - page) / 8, at: page + 48)
  }
}

/// A heap of mallocng with one group of slots, one of which holds a group of smaller ones.
struct MuslImage {
  private static let secret: UInt64 = 0x9e1b_77aa_30c4_5521
  /// The size of each slot of the large group in bytes, and the number of the slot that holds the small group.
  static let (slotByteCount, holder): (UInt64, UInt64) = (25 * 16, 2)
  /// The slots of the small group.
  static let small: UInt64 = 48

  private(set) var image = InputImage(MuslInput.layout)

  /// The addresses of the blocks, with the bytes asked for, in order.
  private(set) var blocks: [(address: UInt64, byteCount: UInt64)] = []

  init(distance: UInt64 = 56) {
    let (data, area) = (MuslInput.data + 64, MuslInput.area)
    image.put(Self.secret, at: data)
    image.put(area, at: data + distance)
    image.put(area, at: data + distance + 8)
    let counts = data + distance + 24 + 8 * 48
    image.put(UInt64(5), at: counts + 8 * 14)
    image.put(UInt64(4), at: counts + 8 * 2)
    image.put(Self.secret, at: area)
    image.put(UInt32(3), at: area + 16)
    // Of five slots number 1 was given back, and number 4 is to be handed out.
    let large = MuslInput.group
    addMeta(0, large, available: 1 << 4, freed: 1 << 1, last: 4, sizeClass: 14)
    // Of four slots number 3 is free.
    let nested = large + 16 + Self.holder * Self.slotByteCount
    addMeta(1, nested, available: 1 << 3, freed: 0, last: 3, sizeClass: 2)
    addBlock(in: large, 0, Self.slotByteCount, byteCount: 380, moved: 0)
    addBlock(in: nested, 0, Self.small, byteCount: 44, moved: 0)
    addBlock(in: nested, 1, Self.small, byteCount: 20, moved: 1)
    addBlock(in: nested, 2, Self.small, byteCount: 41, moved: 0)
    addBlock(in: large, 3, Self.slotByteCount, byteCount: 300, moved: 3)
  }

  /// The memory of the process.
  func memory() throws -> NamedMemory { try NamedMemory(MuslInput.memory(image.input)) }

  /// Writes a word.
  mutating func put(_ word: UInt64, at address: UInt64) { image.put(word, at: address) }

  private mutating func addMeta(
    _ number: UInt64, _ group: UInt64, available: UInt32, freed: UInt32, last: UInt64, sizeClass: UInt64
  ) {
    let meta = MuslInput.area + 24 + 40 * number
    image.put(group, at: meta + 16)
    image.put(available, at: meta + 24)
    image.put(freed, at: meta + 28)
    image.put(last | sizeClass << 6, at: meta + 32)
    image.put(meta, at: group)
  }

  private mutating func addBlock(
    in group: UInt64, _ number: UInt64, _ slotByteCount: UInt64, byteCount: UInt64, moved: UInt64
  ) {
    let slot = group + 16 + number * slotByteCount
    let (start, end) = (slot + 16 * moved, slot + slotByteCount - 4)
    if moved > 0 {
      image.put(UInt8(7 << 5), at: slot - 3)
      image.put(UInt16(moved), at: slot - 2)
    }
    let spare = end - start - byteCount
    image.put(UInt8(number | min(spare, 5) << 5), at: start - 3)
    image.put(UInt16((start - group - 16) / 16), at: start - 2)
    if spare >= 5 { image.put(UInt32(spare), at: end - 4) }
    blocks.append((start, byteCount))
  }
}
