/// The objects of HotSpot by class, garbage included: they lie one behind the other, so that each tells where the next one is.
enum HotSpotObjects {
  /// The least share of the memory that objects have to take, in thousandths: with another layout one gets lost at once.
  private static let leastThousandths: UInt64 = 990

  /// See ``ObjectTypes/find(in:heaps:process:onlyReached:control:)``.
  static func find(
    in source: any MemorySource, process: TargetProcess?, control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> ObjectTypes.Result {
    switch try HotSpotHeap.find(in: source, process: process) {
    case .none: return .none
    case .refused(let reason): return .refused(reason)
    case .found(let heap): return try count(heap, in: source, control)
    }
  }

  /// Counts the objects of a heap.
  static func count(
    _ heap: HotSpotHeap, in source: any MemorySource, _ control: WorkControl
  ) throws(MemDumpError) -> ObjectTypes.Result {
    var census = try HotSpotCensus(heap, in: source)
    try census.run(control)
    let total = heap.byteCount &- min(heap.byteCount, census.restByteCount)
    guard ObjectTypes.thousandths(census.sum.byteCount, of: total) >= leastThousandths || total == 0 else {
      return .refused(
        "of \(bytes: total) with objects, \(bytes: census.sum.byteCount) could be told, and 99 % are expected: one may have been in the making, so look again"
      )
    }
    return .found(ObjectTypes(.hotSpot, census.rows, of: .init(count: census.sum.count, byteCount: total)))
  }
}

/// A walk from object to object.
private struct HotSpotCensus: ~Copyable {
  /// All that was told.
  private(set) var sum = HeapSummary.Sum()
  /// What is left of regions behind large objects.
  private(set) var restByteCount: UInt64 = 0
  private var tallies: [HeapSummary.Sum] = []
  private let heap: HotSpotHeap
  private let source: any MemorySource
  private var classes: HotSpotClasses
  private var words: WordCache
  /// Where an object that is a class tells its size, and where the stack of a virtual thread does, once that is known.
  private let mirrorSizeOffset: UInt64?
  private var stackSizeOffset: UInt64?

  /// The bytes that tell what an object is and how large.
  private static let headerByteCount = 24
  private static let longestStack: UInt64 = 1 << 24

  init(_ heap: HotSpotHeap, in source: any MemorySource) throws(MemDumpError) {
    let classes = try HotSpotClasses(heap, in: source)
    var reader = try HotSpotReader(heap.structs, in: source)
    let offset = try reader.variable("java_lang_Class._oop_size_offset").map { $0 & 0xffff_ffff }
    let words = try WordCache(source, .jumps)
    mirrorSizeOffset = offset
    self.words = words
    (self.heap, self.source) = (heap, source)
    self.classes = classes
  }

  var rows: [ObjectTypes.Row] {
    zip(classes.names, zip(tallies, classes.counts)).map { name, row in
      ObjectTypes.Row(name: name, objects: row.0, typeCount: row.1)
    }
  }

  mutating func run(_ control: WorkControl) throws(MemDumpError) {
    var walk = try ChunkWalk(source, margin: Self.headerByteCount)
    // The part that is gone over, where the next object begins, and the next memory without objects.
    var (part, next, gap) = (0, UInt64(0), 0)
    try walk.walk(heap.used) { (bytes, window) throws(MemDumpError) in
      let start = window.base + UInt64(window.owned.lowerBound)
      while part < heap.used.count - 1, heap.used[part].upperBound <= start { part += 1 }
      // What could not be read is passed over.
      next = max(next, start.rawValue)
      let end = min(window.base + UInt64(window.owned.upperBound), heap.used[part].upperBound)
      try walkOn(
        bytes, from: window.base.rawValue, &next, to: end.rawValue, of: heap.used[part].upperBound.rawValue, &gap)
      control.add(UInt64(window.owned.count))
      return !control.isStopped
    }
  }

  /// Goes from object to object up to the end of a window.
  private mutating func walkOn(
    _ bytes: RawSpan, from base: UInt64, _ next: inout UInt64, to end: UInt64, of partEnd: UInt64, _ gap: inout Int
  ) throws(MemDumpError) {
    while next < end {
      while gap < heap.unused.count, heap.unused[gap].upperBound.rawValue <= next { gap += 1 }
      if gap < heap.unused.count, heap.unused[gap].lowerBound.rawValue <= next {
        next = heap.unused[gap].upperBound.rawValue
        continue
      }
      let offset = Int(next &- base)
      // The last object may have no more bytes than that.
      guard offset + 16 <= bytes.byteCount else { return }
      let (number, length) = header(
        bytes.word(0, behind: offset), bytes.word(1, behind: offset),
        offset + 24 <= bytes.byteCount ? bytes.word(2, behind: offset) : 0)
      let found = try classes.named(number)
      guard let row = found.row, let size = try size(of: next, found.size, length, end: partEnd), size >= 8,
        size <= partEnd &- next
      else {
        next &+= 8
        continue
      }
      while tallies.count <= row { tallies.append(HeapSummary.Sum()) }
      tallies[row].add(1, size)
      sum.add(1, size)
      let start = next
      next &+= size
      if let region = heap.regionByteCount, start & (region - 1) == 0, size > region / 2 {
        let after = min((next &+ region &- 1) & ~(region - 1), partEnd)
        restByteCount &+= after &- next
        next = after
      }
    }
  }

  /// What an object names its class by, and the length of an array.
  @inline(__always)
  private func header(_ marks: UInt64, _ second: UInt64, _ third: UInt64) -> (number: UInt64, length: UInt64) {
    switch heap.header {
    case .narrow: (second & 0xffff_ffff, second >> 32)
    case .wide: (second, third & 0xffff_ffff)
    case .compact(let bit): (marks >> bit, second & 0xffff_ffff)
    }
  }

  /// The bytes that an object takes; nil where it does not tell.
  @inline(__always)
  private mutating func size(
    of object: UInt64, _ size: HotSpotClasses.Size, _ length: UInt64, end: UInt64
  ) throws(MemDumpError) -> UInt64? {
    switch size {
    case .fixed(let byteCount): return byteCount
    case .array(let header, let shift): return aligned(header &+ length << shift)
    case .mirror(let least):
      guard let offset = mirrorSizeOffset, let count = try number(at: object &+ offset) else { return nil }
      return max(least, count &* 8)
    case .stack(let least): return try stackSize(of: object, least, end)
    }
  }

  private func aligned(_ byteCount: UInt64) -> UInt64 { (byteCount &+ heap.alignment &- 1) & ~(heap.alignment &- 1) }

  /// A number of 32 bits.
  private mutating func number(at address: UInt64) throws(MemDumpError) -> UInt64? {
    guard address & 3 == 0, address >> 47 == 0, let word = try words.word(at: Address(address & ~7)) else { return nil }
    return word >> ((address & 7) * 8) & 0xffff_ffff
  }

  /// The bytes of a stack of a virtual thread (instanceStackChunkKlass.inline.hpp): where it has its size is not published, and
  /// is seen from the first one by what lies behind it.
  private mutating func stackSize(of object: UInt64, _ least: UInt64, _ end: UInt64) throws(MemDumpError) -> UInt64? {
    for offset in stackSizeOffset.map({ [$0] }) ?? Array(stride(from: 8, to: min(least, 256), by: 4)) {
      guard let count = try number(at: object &+ offset), count < Self.longestStack else { continue }
      // Behind the stack is a bit for each reference that it may hold.
      let bits = count &* (heap.hasNarrowReferences ? 2 : 1)
      let size = aligned(least &+ (count &+ (bits &+ 63) / 64) &* 8)
      guard stackSizeOffset == nil else { return size }
      if try isStart(object &+ size, end) {
        stackSizeOffset = offset
        return size
      }
    }
    return nil
  }

  /// Whether an object, or memory without one, begins somewhere.
  private mutating func isStart(_ place: UInt64, _ end: UInt64) throws(MemDumpError) -> Bool {
    if place == end || heap.unused.contains(where: { $0.lowerBound.rawValue == place }) { return true }
    guard place < end, let marks = try words.word(at: Address(place)),
      let second = try words.word(at: Address(place &+ 8))
    else { return false }
    return try classes.named(header(marks, second, try words.word(at: Address(place &+ 16)) ?? 0).number).row != nil
  }
}
