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
    let words = try WordCache(source, .jumps)
    var reader = Reader(structs: structs, words: words, regions: source.regions)
    guard let heap = try reader.heap() else { return nil }
    objects = try reader.objects(of: heap)
    code = try reader.code(most: Self.mostHeaps)
    classes = try reader.classes()
    cards = try reader.cards()
  }

  private struct Reader: ~Copyable {
    let structs: HotSpotStructs
    var words: WordCache
    let regions: [MemoryRegion]

    mutating func word(_ address: UInt64, _ member: String) throws(MemDumpError) -> UInt64? {
      guard let offset = structs.place(member), address & 7 == 0, address >> 47 == 0, offset < 1 << 20 else {
        return nil
      }
      return try words.word(at: Address(address &+ offset))
    }

    mutating func variable(_ name: String) throws(MemDumpError) -> UInt64? {
      guard let place = structs.place(name),
        structs.library.contains(where: { $0.contains(Address(place)) }) || isBSS(place)
      else { return nil }
      return try words.word(at: Address(place))
    }

    /// Variables that start as zeros lie behind the file.
    private func isBSS(_ place: UInt64) -> Bool {
      guard let end = structs.library.last?.upperBound else { return false }
      return Address(place) >= end && place - end.rawValue < 16 << 20
    }

    /// Whether an object of the runtime is of a class with virtual functions, which libjvm has the table of.
    private mutating func isObject(_ address: UInt64) throws(MemDumpError) -> Bool {
      guard address & 7 == 0, address >> 47 == 0, let table = try words.word(at: Address(address)) else { return false }
      return structs.library.contains { $0.contains(Address(table)) }
    }

    /// A range of memory that is the process's own.
    private func own(_ start: UInt64, _ end: UInt64, permitting permission: MemoryRegion.Permissions) -> Range<Address>?
    {
      guard start & (pageSize - 1) == 0, end > start, end >> 47 == 0,
        let index = regions.index(holding: Address(start)), regions[index].isPrivateAnonymous,
        regions[index].permissions.contains(permission)
      else { return nil }
      return Address(start)..<Address(end)
    }

    /// What manages the objects, of whatever collector.
    mutating func heap() throws(MemDumpError) -> UInt64? {
      guard let heap = try variable("Universe._collectedHeap"), try isObject(heap) else { return nil }
      return heap
    }

    /// The memory of the objects. ZGC has them in shared memory, which the map tells.
    mutating func objects(of heap: UInt64) throws(MemDumpError) -> [Range<Address>] {
      guard let reserved = structs.place("CollectedHeap._reserved"),
        let start = try word(heap &+ reserved, "MemRegion._start"),
        let count = try word(heap &+ reserved, "MemRegion._word_size"), count < 1 << 44
      else { return [] }
      return own(start, start &+ count * 8, permitting: []).map { [$0] } ?? []
    }

    mutating func code(most: UInt64) throws(MemDumpError) -> [Range<Address>] {
      guard let list = try variable("CodeCache._heaps"), let count = try word(list, "GrowableArrayBase._len"),
        let first = try word(list, "GrowableArray<int>._data")
      else { return [] }
      var ranges: [Range<Address>] = []
      for number in 0..<min(count & 0xffff_ffff, most) {
        guard first & 7 == 0, first >> 47 == 0, let heap = try words.word(at: Address(first &+ number * 8)) else {
          break
        }
        for member in ["CodeHeap._memory", "CodeHeap._segmap"] {
          guard let space = structs.place(member), let low = try word(heap &+ space, "VirtualSpace._low_boundary"),
            let high = try word(heap &+ space, "VirtualSpace._high_boundary"),
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
      var (loader, steps) = (try variable("ClassLoaderDataGraph._head") ?? 0, 0)
      while loader != 0, steps < HotSpotMemory.mostClasses {
        var klass = try word(loader, "ClassLoaderData._klasses") ?? 0
        while klass != 0, steps < HotSpotMemory.mostClasses {
          // Classes of arrays have no constants.
          if let constants = try word(klass, "InstanceKlass._constants"),
            try word(constants, "ConstantPool._pool_holder") == klass
          {
            chunks.insert(klass / HotSpotMemory.chunkByteCount)
            chunks.insert(constants / HotSpotMemory.chunkByteCount)
          }
          klass = try word(klass, "Klass._next_link") ?? 0
          steps += 1
        }
        loader = try word(loader, "ClassLoaderData._next") ?? 0
        steps += 1
      }
      let size = HotSpotMemory.chunkByteCount
      let ranges = chunks.map { Range(start: Address($0 * size), byteCount: size) }.union()
      return ranges.flatMap { regions.parts(of: $0) }.filter { $0.content?.isPrivateAnonymous ?? false }.map(\.range)
    }

    mutating func cards() throws(MemDumpError) -> [Range<Address>] {
      guard let barriers = try variable("BarrierSet._barrier_set"), try isObject(barriers),
        let table = try word(barriers, "CardTableBarrierSet._card_table"), try isObject(table),
        let map = try word(table, "CardTable._byte_map"), let count = try word(table, "CardTable._byte_map_size"),
        count < 1 << 40, let range = own(map, map &+ count, permitting: .write)
      else { return [] }
      return [range]
    }
  }
}
