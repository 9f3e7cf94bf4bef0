/// A search for what holds the objects of a type of a Python program.
public struct PythonHolderSearch: ~Copyable {
  /// The number of objects of a type that are looked at.
  public static let sampleCount = 200

  /// The types that have objects, by name.
  public let objects: ObjectTypes
  /// Whether stacks were looked at, for which the registers of the threads are needed.
  public let hasStacks: Bool

  private let source: any MemorySource
  private let control: WorkControl
  private let written: [Range<Address>]
  private var census: PythonCensus
  private var places: PythonPlaces
  /// The module of each dictionary of names. Any function and any call leads to these too, but does not hold what is in them.
  private var globals: [Address: PythonReader.Object] = [:]
  private var words: WordCache

  /// The most levels of objects that are gone back, and the most objects of one.
  private static let (mostLevels, mostInLevel) = (10, 1 << 17)
  /// The words that lead to one object and are always looked at, the most that are in a level, and the most beyond
  /// the former in a whole search: where a thousand things lead to an object, the one that tells what holds it may be the last.
  private static let (sureWords, mostHits, mostFurther): (Int32, Int, Int) = (64, 1 << 20, 1 << 19)

  /// What a preparation comes to.
  public enum Preparation: ~Copyable {
    /// There are no pools of Python here.
    case none
    /// There are, and what is in them is not believed.
    case refused(Phrase)
    case ready(PythonHolderSearch)
  }

  /// Prepares a search.
  ///
  /// - Parameters:
  ///   - source: the memory: best a ``Capture``, all of one instant.
  ///   - heaps: the heaps that ``HeapWalk`` found in the memory.
  ///   - registers: the registers of the threads at that instant; nil for those that the source has.
  ///   - process: the process, where it still runs.
  ///   - control: is told how far the search is, and may end it.
  public static func prepare(
    _ source: any MemorySource, heaps: Heaps, registers: [ThreadRegisters]? = nil, process: TargetProcess? = nil,
    control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> Preparation {
    guard let taken = try PythonCensus.take(source, heaps, process, control) else { return .none }
    var census = taken
    if let refusal = census.refusal { return .refused(refusal) }
    let objects = try ObjectTypes(&census, source)
    let registers = registers ?? source.registers ?? []
    let map = PlaceMap(source.regions, heaps, registers) { ModuleSymbols.end(of: $0, process: process, source: source) }
    let written = OwnWriting.privateMemory.ranges(in: source.regions)
    let present = try PresentMemory(
      of: source, in: written.isEmpty ? source.regions.map(\.range) : written, step: 1 << 20)
    var words = try WordCache(source, .jumps)
    let frames = try PythonLiveFrames(source, &census.reader, &words)
    var search = PythonHolderSearch(
      objects, hasStacks: !registers.isEmpty, source, control, present.ranges, census,
      PythonPlaces(map, heaps, frames), words)
    try search.findGlobals()
    return .ready(search)
  }

  private init(
    _ objects: ObjectTypes, hasStacks: Bool, _ source: any MemorySource, _ control: WorkControl,
    _ written: [Range<Address>], _ census: consuming PythonCensus, _ places: PythonPlaces, _ words: consuming WordCache
  ) {
    (self.objects, self.hasStacks, self.source, self.control) = (objects, hasStacks, source, control)
    (self.written, self.places) = (written, places)
    self.census = census
    self.words = words
  }

  private mutating func findGlobals() throws(MemDumpError) {
    for module in census.modules {
      if let dictionary = try words.word(at: module.address + 16) { globals[Address(dictionary)] = module }
    }
  }

  /// The holders of the objects of a type; nil for a name that no type with objects has.
  public mutating func holders(ofType name: [UInt8]) throws(MemDumpError) -> ObjectHolders? {
    guard let row = objects.rows.first(where: { $0.name == name }) else { return nil }
    var holders = ObjectHolders(name: name, objects: row.objects, owned: row.owned)
    var (referrers, further) = (PythonReferrers(), Self.mostFurther)
    var samples: [PythonReferrers.Node] = []
    for object in try self.samples(ofType: name) {
      if let (node, isNew) = referrers.node(of: object), isNew { samples.append(node) }
    }
    holders.sampled = samples.count
    var front = samples
    for _ in 0..<Self.mostLevels where !front.isEmpty && !control.isStopped {
      front = try goBack(from: front, &referrers, further: &further)
    }
    for node in front { referrers.leaveOpen(node) }
    var rows: [String: ObjectHolders.Row] = [:]
    for sample in samples {
      guard let (end, steps) = referrers.way(from: sample) else {
        if !referrers.isFollowed(from: sample) { holders.notFollowed += 1 }
        continue
      }
      let example = referrers.objects[Int(sample)].address
      let row = ObjectHolders.Row(kind: end.kind, name: end.name, steps: steps, count: 0, example: example)
      rows[row.text, default: row].count += 1
    }
    holders.rows = rows.values.sorted { ($1.count, $0.text) < ($0.count, $1.text) }
    return holders
  }

  /// Some objects of the types of a name, spread over all of them.
  private mutating func samples(ofType name: [UInt8]) throws(MemDumpError) -> [PythonReader.Object] {
    var all: [PythonReader.Object] = []
    for number in census.tallies.indices where census.tallies[number].objects.count > 0 {
      guard try places.name(of: number, &census, &words) == name else { continue }
      all += census.tallies[number].samples.addresses.map { PythonReader.Object(type: number, address: $0) }
    }
    guard all.count > Self.sampleCount else { return all }
    return (0..<Self.sampleCount).map { all[$0 * all.count / Self.sampleCount] }
  }

  /// Finds what leads to some objects, and links them. Returns the objects among that which are new.
  private mutating func goBack(
    from front: [PythonReferrers.Node], _ referrers: inout PythonReferrers, further: inout Int
  ) throws(MemDumpError) -> [PythonReferrers.Node] {
    var next: [PythonReferrers.Node] = []
    var open: [PythonReferrers.Node] = []
    for node in front {
      if let module = globals[referrers.objects[Int(node)].address] {
        referrers.link(node, to: try census.end(.module, module, &words), step: nil)
      } else {
        open.append(node)
      }
    }
    for (place, node) in try hits(on: open, &referrers, further: &further) where !control.isStopped {
      let child = referrers.objects[Int(node)]
      guard let found = try places.holder(at: place, of: child, &census, &words) else { continue }
      switch found.what {
      case .end(let end): referrers.link(node, to: end, step: found.step)
      case .object(let object):
        guard let holder = referrers.link(node, to: object, step: found.step) else { continue }
        if next.count < Self.mostInLevel { next.append(holder) } else { referrers.leaveOpen(holder) }
      }
    }
    return next
  }

  /// The places of words that lead to some objects, with the objects.
  ///
  /// - Parameter further: how many words beyond those that are sure for each object are still looked at.
  private func hits(
    on front: [PythonReferrers.Node], _ referrers: inout PythonReferrers, further: inout Int
  ) throws(MemDumpError) -> [(place: Address, node: PythonReferrers.Node)] {
    var wanted = AddressNumbers()
    var bits = [UInt64](repeating: 0, count: 1 << 13)
    var (lowest, highest): (UInt64, UInt64) = (.max, 0)
    for (number, node) in front.enumerated() {
      let address = referrers.objects[Int(node)].address.rawValue
      wanted.insert(address, number)
      (lowest, highest) = (min(lowest, address), max(highest, address))
      let bit = address >> 4 & 0x7_ffff
      bits[Int(bit >> 6)] |= 1 << (bit & 63)
    }
    guard lowest <= highest else { return [] }
    var counts = [Int32](repeating: 0, count: front.count)
    var (isOpen, left) = (Bits(count: front.count), further)
    var hits: [(place: Address, node: PythonReferrers.Node)] = []
    try WordSpace.forEachWord(of: source, in: written, within: lowest...highest, control) { value, place in
      let bit = value >> 4 & 0x7_ffff
      guard bits[Int(truncatingIfNeeded: bit >> 6)] >> (bit & 63) & 1 == 1, let number = wanted[value] else { return }
      let isFurther = counts[number] >= Self.sureWords
      guard isFurther ? left > 0 : hits.count < Self.mostHits else { return isOpen.insert(number) }
      if isFurther { left -= 1 } else { counts[number] += 1 }
      hits.append((place, front[number]))
    }
    further = left
    for (number, node) in front.enumerated() where isOpen.contains(number) { referrers.leaveOpen(node) }
    return hits
  }
}
