/// The parts of HotSpot's heap that have objects from their start to where the next one goes, by collector: a line each.
enum HotSpotSpaces {
  private static let (mostRegions, mostThreads): (UInt64, UInt64) = (1 << 20, 1 << 16)

  /// The collectors, by the flag that chooses each.
  enum Collector: String, CaseIterable {
    case g1 = "UseG1GC"
    case serial = "UseSerialGC"
    case parallel = "UseParallelGC"
    case shenandoah = "UseShenandoahGC"
  }

  /// The collector that a process has; nil for another one.
  static func collector(_ structs: HotSpotStructs) -> Collector? {
    Collector.allCases.first { structs.isOn($0.rawValue) == true }
  }

  /// The parts; nil where what is told of them is not so, or not all is told.
  static func find(
    _ heap: UInt64, of collector: Collector, _ reader: inout HotSpotReader
  ) throws(MemDumpError) -> [Range<Address>]? {
    switch collector {
    case .g1: try g1(heap, &reader)
    case .serial: try serial(heap, &reader)
    case .parallel: try parallel(&reader)
    case .shenandoah: try shenandoah(heap, &reader)
    }
  }

  private static func g1(_ heap: UInt64, _ reader: inout HotSpotReader) throws(MemDumpError) -> [Range<Address>]? {
    guard let manager = reader.place(heap, "G1CollectedHeap._hrm"),
      let table = reader.place(manager, "G1HeapRegionManager._regions", "HeapRegionManager._regions"),
      let list = try reader.word(table, "G1HeapRegionTable._base"),
      let count = try reader.word(table, "G1HeapRegionTable._length")
    else { return nil }
    return try regions(list, count, &reader) { (region, reader) throws(MemDumpError) in
      guard let bottom = try reader.word(region, "G1HeapRegion._bottom", "HeapRegion._bottom", "Space._bottom"),
        let top = try reader.word(
          region, "G1HeapRegion._top", "HeapRegion._top", "G1ContiguousSpace._top", "ContiguousSpace._top")
      else { return nil }
      return (bottom, top)
    }
  }

  private static func shenandoah(
    _ heap: UInt64, _ reader: inout HotSpotReader
  ) throws(MemDumpError) -> [Range<Address>]? {
    guard let list = try reader.word(heap, "ShenandoahHeap._regions"),
      let count = try reader.word(heap, "ShenandoahHeap._num_regions")
    else { return nil }
    return try regions(list, count, &reader) { (region, reader) throws(MemDumpError) in
      guard let bottom = try reader.word(region, "ShenandoahHeapRegion._bottom"),
        let top = try reader.word(region, "ShenandoahHeapRegion._top")
      else { return nil }
      return (bottom, top)
    }
  }

  /// The parts of an array of regions.
  private static func regions(
    _ list: UInt64, _ count: UInt64, _ reader: inout HotSpotReader,
    _ edges: (UInt64, inout HotSpotReader) throws(MemDumpError) -> (UInt64, UInt64)?
  ) throws(MemDumpError) -> [Range<Address>]? {
    guard list & 7 == 0, list >> 47 == 0 else { return nil }
    var parts: [Range<Address>] = []
    for number in 0..<min(count, mostRegions) {
      guard let region = try reader.words.word(at: Address(list &+ number * 8)) else { return nil }
      // Of memory that was never needed there is none.
      guard region != 0, let (bottom, top) = try edges(region, &reader) else { continue }
      guard add(bottom, top, to: &parts) else { return nil }
    }
    return parts
  }

  /// Takes a part in; false where it ends before it begins.
  private static func add(_ bottom: UInt64, _ top: UInt64, to parts: inout [Range<Address>]) -> Bool {
    guard bottom <= top, top >> 47 == 0 else { return false }
    if bottom < top { parts.append(Address(bottom)..<Address(top)) }
    return true
  }

  private static func serial(_ heap: UInt64, _ reader: inout HotSpotReader) throws(MemDumpError) -> [Range<Address>]? {
    guard let young = try reader.word(heap, "SerialHeap._young_gen", "GenCollectedHeap._young_gen"),
      let old = try reader.word(heap, "SerialHeap._old_gen", "GenCollectedHeap._old_gen")
    else { return nil }
    return try parts(
      [
        reader.word(young, "DefNewGeneration._eden_space"), reader.word(young, "DefNewGeneration._from_space"),
        reader.word(old, "TenuredGeneration._the_space"),
      ], from: ("ContiguousSpace._bottom", "Space._bottom"), to: "ContiguousSpace._top", &reader)
  }

  private static func parallel(_ reader: inout HotSpotReader) throws(MemDumpError) -> [Range<Address>]? {
    guard let young = try reader.variable("ParallelScavengeHeap._young_gen"),
      let old = try reader.variable("ParallelScavengeHeap._old_gen")
    else { return nil }
    return try parts(
      [
        reader.word(young, "PSYoungGen._eden_space"), reader.word(young, "PSYoungGen._from_space"),
        reader.word(old, "PSOldGen._object_space"),
      ], from: ("MutableSpace._bottom", "ImmutableSpace._bottom"), to: "MutableSpace._top", &reader)
  }

  /// What is used of spaces that are filled from the bottom; nil where one of them cannot be read.
  private static func parts(
    _ spaces: [UInt64?], from bottom: (String, String), to top: String, _ reader: inout HotSpotReader
  ) throws(MemDumpError) -> [Range<Address>]? {
    var parts: [Range<Address>] = []
    for space in spaces {
      guard let space, let bottom = try reader.word(space, bottom.0, bottom.1), let top = try reader.word(space, top),
        add(bottom, top, to: &parts)
      else { return nil }
    }
    return parts
  }

  /// The size of the regions of G1 in bytes, which a large object has for itself; nil for other collectors.
  static func regionByteCount(_ reader: inout HotSpotReader) throws(MemDumpError) -> UInt64? {
    guard collector(reader.structs) == .g1 else { return nil }
    return try reader.variable("G1HeapRegion.GrainBytes", "HeapRegion.GrainBytes").flatMap {
      $0 >= 1 << 16 && $0 <= 1 << 40 && $0 & ($0 - 1) == 0 ? $0 : nil
    }
  }

  /// What threads of Java have set aside and not used yet. Behind the end is what they may fetch beforehand (`end_reserve` in
  /// threadLocalAllocBuffer.cpp): left-over objects of former times.
  static func buffers(_ reader: inout HotSpotReader) throws(MemDumpError) -> [Range<Address>] {
    var buffers: [Range<Address>] = []
    let fetched = try reader.variable("ThreadLocalAllocBuffer._reserve_for_allocation_prefetch") ?? 0
    let aligned = try reader.variable("CollectedHeap._lab_alignment_reserve") ?? 2
    let reserve = min(max(fetched & 0xffff_ffff, aligned, 2), 1 << 10) * 8
    for thread in try threads(&reader) {
      guard let buffer = reader.place(thread, "Thread._tlab"),
        let top = try reader.word(buffer, "ThreadLocalAllocBuffer._top"),
        let end = try reader.word(buffer, "ThreadLocalAllocBuffer._end"), top < end, end >> 47 == 0
      else { continue }
      buffers.append(Address(top)..<Address(end + reserve))
    }
    return buffers
  }

  private static func threads(_ reader: inout HotSpotReader) throws(MemDumpError) -> [UInt64] {
    var threads: [UInt64] = []
    if let list = try reader.variable("ThreadsSMRSupport._java_thread_list") {
      guard let count = try reader.word(list, "ThreadsList._length"),
        let first = try reader.word(list, "ThreadsList._threads"), first & 7 == 0, first >> 47 == 0
      else { return [] }
      for number in 0..<min(count & 0xffff_ffff, mostThreads) {
        guard let thread = try reader.words.word(at: Address(first &+ number * 8)) else { break }
        threads.append(thread)
      }
    } else {
      // Until 11 they are in a list.
      var thread = try reader.variable("Threads._thread_list") ?? 0
      while thread != 0, threads.count < mostThreads {
        threads.append(thread)
        thread = try reader.word(thread, "JavaThread._next") ?? 0
      }
    }
    return threads
  }
}
