/// The objects of PHP by class, with its strings and arrays: every block of zend_mm in use that begins as one of them does
/// (`zend_refcounted_h` of Zend/zend_types.h). Counts of references are not asked for, since a collection changes them.
enum PHPObjects {
  /// The least share of arrays whose elements are where they say, in thousandths: with another layout it is next to nothing.
  private static let leastThousandths: UInt64 = 800

  /// What a census comes to.
  enum Census {
    case none
    case refused(Phrase)
    /// The types, and some of the objects of each, spread over all of them.
    case found(ObjectTypes, [[UInt8]: [Address]])
  }

  /// See ``ObjectTypes/find(in:heaps:process:control:)``.
  static func find(
    in source: any MemorySource, heaps: Heaps, control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> ObjectTypes.Result {
    switch try census(of: source, heaps, control) {
    case .none: .none
    case .refused(let reason): .refused(reason)
    case .found(let types, _): .found(types)
    }
  }

  /// Takes the census of a heap of PHP.
  static func census(
    of source: any MemorySource, _ heaps: Heaps, _ control: WorkControl
  ) throws(MemDumpError) -> Census {
    guard let number = heaps.all.firstIndex(where: { $0.allocator is ZendMM }) else { return .none }
    var census = try PHPCensus(source, heaps, heap: number)
    try census.findArrays(control)
    let share = ObjectTypes.thousandths(census.agreeingCount, of: census.arrayCount)
    guard census.arrayCount == 0 || share >= leastThousandths else {
      return .refused(
        "of \(count: census.arrayCount, "array"), \(count: census.agreeingCount) lead to elements, and four fifths are expected"
      )
    }
    try census.count(control)
    return .found(ObjectTypes(.php, census.rows, of: heaps.all[number].used), census.samples)
  }
}

/// A census of the blocks of PHP's memory manager.
private struct PHPCensus: ~Copyable {
  private(set) var (arrayCount, agreeingCount): (UInt64, UInt64) = (0, 0)
  private let heaps: Heaps
  private let heap: Int
  private var words: WordCache
  private var jumps: WordCache
  /// The blocks with the elements of arrays.
  private var storages = BlockMap(granularity: 8)
  /// What has a type: strings, arrays, resources and references first, and then the classes.
  private var tallies: [(row: ObjectTypes.Row, samples: BlockSamples)]
  private var classes: [UInt64: Int?] = [:]
  private var named: [[UInt8]: Int] = [:]

  private static let arrayByteCount = PHPLayout.tableByteCount
  private static let (mostClasses, mostSamples): (Int, Int) = (1 << 16, 512)
  /// What a text has beside its bytes: 24 in front, and a zero.
  private static let stringExtra: UInt64 = 25

  init(_ source: any MemorySource, _ heaps: Heaps, heap: Int) throws(MemDumpError) {
    let words = try WordCache(source)
    let jumps = try WordCache(source, .jumps)
    (self.heaps, self.heap) = (heaps, heap)
    self.words = words
    self.jumps = jumps
    tallies = ["string", "array", "resource", "reference"].map {
      (ObjectTypes.Row(name: Array($0.utf8)), BlockSamples(limit: Self.mostSamples))
    }
  }

  var rows: [ObjectTypes.Row] { tallies.map(\.row) }
  var samples: [[UInt8]: [Address]] {
    Dictionary(tallies.map { ($0.row.name, $0.samples.addresses) }, uniquingKeysWith: { first, _ in first })
  }

  /// Finds the blocks that have the elements of arrays: these begin as nothing else does.
  mutating func findArrays(_ control: WorkControl) throws(MemDumpError) {
    let layout = heaps.all[heap].layout
    try heaps.all[heap].blocks.forEach { (start) throws(MemDumpError) in
      guard let block = try layout.block(at: start, in: &words), block.byteCount == Self.arrayByteCount,
        try kind(of: start) == .array, let place = try words.word(at: start + 16)
      else { return !control.isStopped }
      arrayCount += 1
      guard let masks = try words.word(at: start + 8) else { return true }
      // Behind the last of as many numbers of 32 bits as the mask says, which is negative, are the elements.
      let hashByteCount = UInt64(0 &- UInt32(truncatingIfNeeded: masks >> 32)) * 4
      if let storage = try heaps.block(holding: Address(place &- hashByteCount), &jumps) {
        if storage.address.rawValue == place &- hashByteCount {
          agreeingCount += 1
          storages.insert(storage.address)
          tallies[1].row.owned.add(1, storage.footprint.byteCount)
        }
      } else {
        // The elements of an empty one are PHP's own.
        agreeingCount += 1
      }
      return !control.isStopped
    }
  }

  private mutating func kind(of start: Address) throws(MemDumpError) -> PHPLayout.Kind? {
    try PHPLayout.kind(at: start, &words)
  }

  private mutating func add(_ object: Address, _ byteCount: UInt64, to number: Int) {
    tallies[number].row.objects.add(1, byteCount)
    tallies[number].samples.add(object)
  }

  /// Counts every block that is something.
  mutating func count(_ control: WorkControl) throws(MemDumpError) {
    let layout = heaps.all[heap].layout
    try heaps.all[heap].blocks.forEach { (start) throws(MemDumpError) in
      guard let kind = try kind(of: start), let block = try layout.block(at: start, in: &words) else { return true }
      if storages.contains(start) { return true }
      let byteCount = block.footprint.byteCount
      switch kind {
      case .string:
        guard let length = try words.word(at: start + 16), Self.isString(length, in: byteCount) else { break }
        add(start, byteCount, to: 0)
      case .array where byteCount == Self.arrayByteCount: add(start, byteCount, to: 1)
      case .resource where byteCount == 32: add(start, byteCount, to: 2)
      case .reference where byteCount == 32: add(start, byteCount, to: 3)
      case .object:
        if let number = try words.word(at: start + 16).flatMap({ place throws(MemDumpError) in try row(of: place) }) {
          add(start, byteCount, to: number)
        }
      default: break
      }
      return !control.isStopped
    }
  }

  /// Whether a text of a length has a block of that size, and would not have a smaller one.
  private static func isString(_ length: UInt64, in byteCount: UInt64) -> Bool {
    guard length < 1 << 40 else { return false }
    let needed = (length + stringExtra + 7) & ~7
    guard needed <= byteCount else { return false }
    if let bin = ZendChunk.bins.firstIndex(where: { $0.byteCount == byteCount }) {
      // What is made of parts asks for up to seven bytes more (zend_string_safe_alloc), and what grows may keep a little.
      return bin == 0 || byteCount <= 40 || needed + 7 > ZendChunk.bins[bin - 1].byteCount
    }
    return byteCount - needed < max(2 * ZendChunk.pageByteCount, byteCount / 2)
  }

  /// The number of the row of a class, by the address of its entry; nil where there is none.
  private mutating func row(of place: UInt64) throws(MemDumpError) -> Int? {
    if let known = classes[place] { return known }
    guard classes.count < Self.mostClasses else { return nil }
    var number: Int?
    if place & 7 == 0, let kind = try jumps.word(at: Address(place)), [1, 2].contains(kind & 0xff),
      let text = try jumps.word(at: Address(place) + 8), let name = try PHPLayout.name(at: Address(text), &jumps)
    {
      number = named[name] ?? tallies.count
      if named[name] == nil {
        named[name] = tallies.count
        tallies.append((ObjectTypes.Row(name: name, typeCount: 1), BlockSamples(limit: Self.mostSamples)))
      }
    }
    classes[place] = .some(number)
    return number
  }
}
