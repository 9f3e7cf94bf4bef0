/// Where HotSpot, the usual runtime of Java, keeps its objects, its compiled code, its classes and its card table, by what it
/// publishes of itself.
struct HotSpotMemory: Sendable {
  /// The memory set aside for the objects.
  private(set) var objects: [Range<Address>] = []
  /// That of compiled code, with what tells its blocks.
  private(set) var code: [Range<Address>] = []
  /// What it knows of classes (metaspace).
  private(set) var classes: [Range<Address>] = []
  /// A byte for each 512 bytes of the objects.
  private(set) var cards: [Range<Address>] = []

  private static let types: Set<String> = [
    "Universe", "CollectedHeap", "MemRegion", "CodeCache", "CodeHeap", "VirtualSpace", "GrowableArrayBase",
    "GrowableArray<int>", "BarrierSet", "CardTableBarrierSet", "CardTable", "ClassLoaderDataGraph", "ClassLoaderData",
    "Klass", "InstanceKlass", "ConstantPool",
  ]
  private static let mostHeaps: UInt64 = 64
  /// The most classes and loaders that are gone over, and the bytes of the largest chunk of metaspace, aligned to them.
  private static let (mostClasses, chunkByteCount): (Int, UInt64) = (1 << 20, 4 << 20)

  /// Finds it; nil where there is no libjvm, or what it tells is not so.
  init?(in source: any MemorySource, process: TargetProcess?) throws(MemDumpError) {
    guard let structs = try HotSpotStructs(in: source, process: process, of: Self.types) else { return nil }
    try self.init(structs, in: source)
  }

  /// Finds it by the layout of a build; nil where what that tells is not so.
  init?(_ structs: HotSpotStructs, in source: any MemorySource) throws(MemDumpError) {
    let reader = try HotSpotReader(structs, in: source)
    var finder = Finder(reader: reader, regions: source.regions)
    guard let heap = try finder.reader.heap() else { return nil }
    objects = try finder.objects(of: heap)
    code = try finder.code(most: Self.mostHeaps)
    classes = try finder.classes()
    cards = try finder.cards()
  }

  private struct Finder: ~Copyable {
    var reader: HotSpotReader
    let regions: [MemoryRegion]

    /// A range of memory that is the process's own.
    private func own(_ start: UInt64, _ end: UInt64, permitting permission: MemoryRegion.Permissions) -> Range<Address>?
    {
      guard start & (pageSize - 1) == 0, end > start, end >> 47 == 0,
        let index = regions.index(holding: Address(start)), regions[index].isPrivateAnonymous,
        regions[index].permissions.contains(permission)
      else { return nil }
      return Address(start)..<Address(end)
    }

    /// The memory of the objects. ZGC has them in shared memory, which the map tells.
    mutating func objects(of heap: UInt64) throws(MemDumpError) -> [Range<Address>] {
      guard let reserved = reader.structs.place("CollectedHeap._reserved"),
        let start = try reader.word(heap &+ reserved, "MemRegion._start"),
        let count = try reader.word(heap &+ reserved, "MemRegion._word_size"), count < 1 << 44
      else { return [] }
      return own(start, start &+ count * 8, permitting: []).map { [$0] } ?? []
    }

    mutating func code(most: UInt64) throws(MemDumpError) -> [Range<Address>] {
      guard let list = try reader.variable("CodeCache._heaps"),
        let count = try reader.word(list, "GrowableArrayBase._len"),
        let first = try reader.word(list, "GrowableArray<int>._data")
      else { return [] }
      var ranges: [Range<Address>] = []
      for number in 0..<min(count & 0xffff_ffff, most) {
        guard first & 7 == 0, first >> 47 == 0, let heap = try reader.words.word(at: Address(first &+ number * 8))
        else {
          break
        }
        for member in ["CodeHeap._memory", "CodeHeap._segmap"] {
          guard let space = reader.structs.place(member),
            let low = try reader.word(heap &+ space, "VirtualSpace._low_boundary"),
            let high = try reader.word(heap &+ space, "VirtualSpace._high_boundary"),
            let range = own(low, high, permitting: member == "CodeHeap._memory" ? .execute : .write)
          else { continue }
          ranges.append(range)
        }
      }
      return ranges
    }

    /// The chunks of metaspace in which a class or its constants lie: whoever loaded a class has a list of his.
    mutating func classes() throws(MemDumpError) -> [Range<Address>] {
      var chunks: Set<UInt64> = []
      var (loader, steps) = (try reader.variable("ClassLoaderDataGraph._head") ?? 0, 0)
      while loader != 0, steps < HotSpotMemory.mostClasses {
        var klass = try reader.word(loader, "ClassLoaderData._klasses") ?? 0
        while klass != 0, steps < HotSpotMemory.mostClasses {
          // Classes of arrays have no constants.
          if let constants = try reader.word(klass, "InstanceKlass._constants"),
            try reader.word(constants, "ConstantPool._pool_holder") == klass
          {
            chunks.insert(klass / HotSpotMemory.chunkByteCount)
            chunks.insert(constants / HotSpotMemory.chunkByteCount)
          }
          klass = try reader.word(klass, "Klass._next_link") ?? 0
          steps += 1
        }
        loader = try reader.word(loader, "ClassLoaderData._next") ?? 0
        steps += 1
      }
      let size = HotSpotMemory.chunkByteCount
      let ranges = chunks.map { Range(start: Address($0 * size), byteCount: size) }.union()
      return ranges.flatMap { regions.parts(of: $0) }.filter { $0.content?.isPrivateAnonymous ?? false }.map(\.range)
    }

    mutating func cards() throws(MemDumpError) -> [Range<Address>] {
      guard let barriers = try reader.variable("BarrierSet._barrier_set"), try reader.isObject(barriers),
        let table = try reader.word(barriers, "CardTableBarrierSet._card_table"), try reader.isObject(table),
        let map = try reader.word(table, "CardTable._byte_map"),
        let count = try reader.word(table, "CardTable._byte_map_size"),
        count < 1 << 40, let range = own(map, map &+ count, permitting: .write)
      else { return [] }
      return [range]
    }
  }
}
