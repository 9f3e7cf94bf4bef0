/// Where the objects of HotSpot lie, one behind the other, and how one is told.
struct HotSpotHeap: Sendable {
  /// What a look comes to.
  enum Result: Sendable {
    /// There is no HotSpot here, or it does not tell of itself.
    case none
    /// There is, and its objects cannot be gone over, for this reason.
    case refused(Phrase)
    case found(HotSpotHeap)
  }

  /// How an object begins: a word of marks, then its class, and then the length of an array.
  enum Header: Sendable {
    /// The class as an address of 64 bits.
    case wide
    /// The class as a number of 32 bits.
    case narrow
    /// The class in the upper bits of the marks, from that bit on (JEP 450).
    case compact(UInt64)
  }

  /// The memory that has objects, in order.
  let used: [Range<Address>]
  /// What of it threads have set aside for their next objects (thread-local allocation buffers), in order.
  let unused: [Range<Address>]
  /// The size of a region in bytes, where a large object has its regions for itself.
  let regionByteCount: UInt64?
  let header: Header
  /// A class is at this address, and its number shifted.
  let (classBase, classShift): (UInt64, UInt64)
  /// Whether references within objects have 32 bits.
  let hasNarrowReferences: Bool
  /// The size of an object is a multiple of it, a power of two.
  let alignment: UInt64
  let structs: HotSpotStructs

  /// The bytes that have objects.
  var byteCount: UInt64 {
    used.reduce(0) { $0 + $1.byteCount } - unused.reduce(0) { $0 + $1.byteCount }
  }

  private static let types: Set<String> = [
    "Universe", "CollectedHeap", "MemRegion", "G1CollectedHeap", "G1HeapRegionManager", "HeapRegionManager",
    "G1HeapRegionTable", "G1HeapRegion", "HeapRegion", "G1ContiguousSpace", "ContiguousSpace", "Space", "MutableSpace",
    "ImmutableSpace", "GenCollectedHeap", "SerialHeap", "DefNewGeneration", "TenuredGeneration",
    "ParallelScavengeHeap", "PSYoungGen", "PSOldGen", "ShenandoahHeap", "ShenandoahHeapRegion", "ThreadsSMRSupport",
    "ThreadsList", "Threads", "JavaThread", "Thread", "ThreadLocalAllocBuffer", "CompressedKlassPointers", "Klass",
    "Symbol", "java_lang_Class", "JVMFlag",
  ]
  private static let flags = Set(HotSpotSpaces.Collector.allCases.map(\.rawValue)).union([
    "UseCompressedClassPointers", "UseCompressedOops", "UseCompactObjectHeaders", "ObjectAlignmentInBytes",
  ])

  /// Finds the objects.
  static func find(in source: any MemorySource, process: TargetProcess?) throws(MemDumpError) -> Result {
    if let structs = try HotSpotStructs(in: source, process: process, of: types, flags: flags) {
      return try find(structs, in: source)
    }
    guard HotSpotStructs.isThere(in: source) else { return .none }
    return .refused(
      "the libjvm.so that it runs is not there as a file to tell the layout of this build: it was replaced or removed, or is of another machine"
    )
  }

  /// Finds the objects by the layout of a build.
  static func find(_ structs: HotSpotStructs, in source: any MemorySource) throws(MemDumpError) -> Result {
    var reader = try HotSpotReader(structs, in: source)
    guard let heap = try reader.heap() else { return .none }
    if let isActive = try reader.word(heap, "CollectedHeap._is_stw_gc_active", "CollectedHeap._is_gc_active"),
      isActive & 0xff != 0
    {
      return .refused("a collection was moving them at that instant: look again")
    }
    guard let collector = HotSpotSpaces.collector(structs) else {
      return .refused(
        "its collector is none of G1, Serial, Parallel and Shenandoah, whose objects lie one behind the other")
    }
    guard let spaces = try HotSpotSpaces.find(heap, of: collector, &reader) else {
      return .refused(
        "where they are does not add up: it has just started, was at work on that, or is of a build that does not tell")
    }
    guard !spaces.isEmpty else { return .refused("there are none yet: look again") }
    guard let reserved = reader.place(heap, "CollectedHeap._reserved"),
      let start = try reader.word(reserved, "MemRegion._start"),
      let count = try reader.word(reserved, "MemRegion._word_size"), start >> 47 == 0, count < 1 << 44
    else { return .none }
    let bounds = Range(start: Address(start), byteCount: count * 8)
    if let odd = spaces.first(where: { $0.clamped(to: bounds) != $0 || $0.lowerBound.rawValue & 7 != 0 }) {
      return .refused("of its memory, the part at \(text: odd.lowerBound.description) is not where its heap is")
    }
    guard let layout = try classes(&reader) else { return .none }
    let used = spaces.sorted { $0.lowerBound < $1.lowerBound }.union()
    let buffers = try HotSpotSpaces.buffers(&reader).flatMap { buffer in
      used.index(holding: buffer.lowerBound).map { [buffer.clamped(to: used[$0])] } ?? []
    }
    let alignment = structs.number("ObjectAlignmentInBytes") ?? 8
    guard [8, 16, 32, 64, 128, 256].contains(alignment) else { return .none }
    return .found(
      HotSpotHeap(
        used: used, unused: buffers.sorted { $0.lowerBound < $1.lowerBound }.union(),
        regionByteCount: try HotSpotSpaces.regionByteCount(&reader), header: layout.header,
        classBase: layout.base, classShift: layout.shift,
        hasNarrowReferences: structs.isOn("UseCompressedOops") ?? true, alignment: alignment, structs: structs))
  }

  /// How classes are told.
  private static func classes(
    _ reader: inout HotSpotReader
  ) throws(MemDumpError) -> (header: Header, base: UInt64, shift: UInt64)? {
    // Later releases have no other form.
    guard reader.structs.isOn("UseCompressedClassPointers") ?? true else { return (.wide, 0, 0) }
    guard
      let base = try reader.variable(
        "CompressedKlassPointers._narrow_klass._base", "CompressedKlassPointers._base", "Universe._narrow_klass._base"),
      let shift = try reader.variable(
        "CompressedKlassPointers._narrow_klass._shift", "CompressedKlassPointers._shift",
        "Universe._narrow_klass._shift"),
      base >> 47 == 0, shift & 0xffff_ffff <= 16
    else { return nil }
    guard reader.structs.isOn("UseCompactObjectHeaders") == true else { return (.narrow, base, shift & 0xffff_ffff) }
    guard let bit = reader.structs.place("markWord::klass_shift"), (32...56).contains(bit) else { return nil }
    return (.compact(bit), base, shift & 0xffff_ffff)
  }
}
