/// A search for what holds blocks of memory, in a look at a process, a core or a dump.
///
/// Made once, a search answers for any number of sizes and addresses. It takes no more than a third of the memory that
/// the process wrote itself, and while it looks, 300 MiB at most.
public struct ReferenceSearch: ~Copyable {
  /// The number of blocks that are sampled.
  public static let sampleCount = 300

  /// The paths of modules whose file on this machine is of another build, so that its names were not used.
  public private(set) var otherBuilds: [[UInt8]] = []
  /// The files of modules, or of their debug information, of which something could not be read: names may be missing.
  public var unreadFiles: [[UInt8]] { allowance.unread }
  /// Whether stacks were looked at, for which the registers of the threads are needed.
  public let hasStacks: Bool
  /// Whether there was more memory than the search looks at, which is 32 GiB.
  public var isCut: Bool { index.space.isCut }

  private let source: any MemorySource
  private let process: TargetProcess?
  private let heaps: Heaps
  private let map: PlaceMap
  private let index: ReferenceIndex
  private var words: WordCache
  private let control: WorkControl
  private var symbols: [Int: ModuleSymbols] = [:]
  private let allowance = SymbolAllowance()

  /// Goes over the memory, and notes where pointers are.
  ///
  /// - Parameters:
  ///   - source: the memory: best a ``Capture``, all of one instant.
  ///   - heaps: the heaps that ``HeapWalk`` found in the memory.
  ///   - registers: the registers of the threads at that instant; nil for those that the source has.
  ///   - process: the process with that memory, where it still runs: its files have the names of variables. nil for the
  ///     files of this machine, as far as their build-ids fit.
  ///   - control: is told how far the search is, and may end it.
  public init(
    _ source: any MemorySource, heaps: Heaps, registers: [ThreadRegisters]? = nil, process: TargetProcess? = nil,
    control: WorkControl = WorkControl()
  ) throws(MemDumpError) {
    let registers = registers ?? source.registers ?? []
    let regions = source.regions
    let map = PlaceMap(regions, heaps, registers) { ModuleSymbols.end(of: $0, process: process, source: source) }
    let written = OwnWriting.privateMemory.ranges(in: regions)
    let present = try PresentMemory(of: source, in: written.isEmpty ? regions.map(\.range) : written, step: 1 << 20)
    let space = WordSpace(present.ranges)
    let index = try ReferenceIndex(source, space, map, control)
    // All that can fail comes first: a part of what cannot be copied cannot be taken back.
    let words = try WordCache(source)
    (self.source, self.heaps, self.process, self.control) = (source, heaps, process, control)
    (self.map, self.index, hasStacks) = (map, index, !registers.isEmpty)
    self.words = words
  }

  /// The holders of the blocks in use of some sizes, of all heaps: a summary for each size, in their order; see
  /// ``references(toBlocksOf:)``.
  public mutating func references(toBlocksOfSizes sizes: [UInt64]) throws(MemDumpError) -> [ReferenceSummary] {
    try references(toBlocksOf: sizes.map { BlockClass(footprint: $0) })
  }

  /// The holders of the blocks in use of some classes: a summary for each, in their order. One pass over the heaps finds the
  /// blocks of all.
  ///
  /// - Parameter classes: the classes. The summary of one that no block in use has counts none.
  public mutating func references(toBlocksOf classes: [BlockClass]) throws(MemDumpError) -> [ReferenceSummary] {
    let counts = classes.map { heaps.count(of: $0) }
    var samples = classes.map { _ in [ReferenceTrace.Start]() }
    var seen = classes.map { _ in UInt64(0) }
    // By heap and size.
    let places = heaps.all.map { heap in
      let members = classes.enumerated().filter { $0.element.includes(heap.allocator) }
      return Dictionary(members.map { ($0.element.footprint, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }
    let layouts = heaps.all.map(\.layout)
    try heaps.forEachBlock { (start, heap) throws(MemDumpError) in
      guard let block = try layouts[heap].block(at: start, in: &words),
        let place = places[heap][block.footprint.byteCount]
      else { return !control.isStopped }
      if Self.isSample(seen[place], of: counts[place]) {
        samples[place].append(.block(block))
      }
      seen[place] += 1
      return !control.isStopped
    }
    var summaries: [ReferenceSummary] = []
    for (place, row) in classes.enumerated() {
      summaries.append(
        try summary(.size(row.footprint), samples[place], counts[place], counts[place] &* row.footprint))
    }
    return summaries
  }

  /// The holders of some blocks in use of one size.
  ///
  /// - Parameters:
  ///   - starts: the addresses where the footprints of the blocks begin.
  ///   - footprint: what each takes of the heap, in bytes; blocks of another size are left out.
  public mutating func references(
    toBlocksAt starts: [Address], footprint: UInt64
  ) throws(MemDumpError) -> ReferenceSummary {
    var blocks: [ReferenceTrace.Start] = []
    var words = try WordCache(source, .hops)
    for start in starts {
      let block = try heaps.block(holding: start, &words)
      if let block, block.footprint.lowerBound == start, block.footprint.byteCount == footprint {
        blocks.append(.block(block))
      }
    }
    let count = UInt64(blocks.count)
    return try summary(.size(footprint), sample(blocks), count, count &* footprint)
  }

  /// The holders of the block in use that an address lies in, or else of the address: by every word that leads there.
  public mutating func references(to address: Address) throws(MemDumpError) -> ReferenceSummary {
    let block = try map.block(holding: address, &words)
    let bounds =
      (block?.targets).flatMap { $0.isEmpty ? nil : $0.lowerBound.rawValue...($0.upperBound - 1).rawValue }
      ?? address.rawValue...address.rawValue
    var places: [Address] = []
    try WordSpace.forEachWord(of: source, in: index.space.ranges, within: bounds, control) { _, place in
      // What it says of itself does not count.
      if block?.content.contains(place) != true { places.append(place) }
    }
    let subject = block.map { ReferenceSummary.Subject.block(address, $0) } ?? .address(address)
    let byteCount = block?.footprint.byteCount ?? 0
    return try summary(subject, sample(places).map { .place($0) }, UInt64(places.count), byteCount)
  }

  /// The holders of the blocks in which a text of a template stands.
  ///
  /// - Parameters:
  ///   - template: the template as ``TextTemplate`` makes it.
  ///   - shortest: the length of the shortest text that counts, in characters.
  public mutating func references(toBlocksWithTemplate template: [UInt8], shortest: Int = 4) throws(MemDumpError)
    -> ReferenceSummary
  {
    var texts = TextPlaces(template)
    _ = try Strings(shortest: shortest).run(source, ranges: index.space.ranges, into: &texts, control: control)
    var starts: [ReferenceTrace.Start] = []
    var byteCount: UInt64 = 0
    // Each lookup goes to the start of the heap, too, and that must not evict where the texts are.
    var words = try WordCache(source, .hops)
    for text in texts.places {
      let block = try map.block(holding: text, &words)
      if let block, starts.last == .block(block) { continue }
      byteCount &+= block?.footprint.byteCount ?? 0
      starts.append(block.map { .block($0) } ?? .place(text))
    }
    return try summary(.template(template), sample(starts), UInt64(starts.count), byteCount)
  }

  /// A sink that keeps the places of texts of one template.
  private struct TextPlaces: FindingSink {
    private let template: [UInt8]
    /// The byte that such a text begins with; nil where that differs.
    private let first: UInt8?
    private var buffer = TemplateBuffer()
    private(set) var places: [Address] = []

    init(_ template: [UInt8]) {
      self.template = template
      first = template.first.flatMap { [UInt8(ascii: "#"), UInt8(ascii: "H")].contains($0) ? nil : $0 }
    }

    mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
      // A template is never longer than its text.
      guard text.byteCount >= template.count, text.byteCount > 0,
        first.map({ unsafe text.unsafeLoad(as: UInt8.self) == $0 }) ?? true
      else { return true }
      var isSuch = false
      buffer.withTemplate(of: text) { found, _ in
        isSuch = unsafe found.withUnsafeBytes { unsafe $0.elementsEqual(template) }
      }
      if isSuch { places.append(finding.address) }
      return true
    }
  }

  /// Whether one of `count` blocks belongs to the sample, which is evenly spread.
  private static func isSample(_ number: UInt64, of count: UInt64) -> Bool {
    let wanted = UInt64(sampleCount)
    guard count > wanted else { return true }
    return number < count && number &* wanted / count != (number &+ 1) &* wanted / count
  }

  private func sample<Element>(_ all: [Element]) -> [Element] {
    all.enumerated().filter { Self.isSample(UInt64($0.offset), of: UInt64(all.count)) }.map(\.element)
  }

  private mutating func summary(
    _ subject: ReferenceSummary.Subject, _ starts: [ReferenceTrace.Start], _ count: UInt64, _ byteCount: UInt64
  ) throws(MemDumpError) -> ReferenceSummary {
    var summary = ReferenceSummary(subject: subject, count: count, byteCount: byteCount, sampled: starts.count)
    var trace = try ReferenceTrace(source, map, index, control)
    try trace.find(from: starts)
    // Of each holder, the start whose way is the shortest.
    var shortest: [Int] = []
    let areUnsure = try Self.areUnsure(starts, &trace)
    let blocks = starts.compactMap { start in if case .block(let block) = start { block.address } else { nil } }
    let pools = try PoolMembers(of: blocks, in: source, control)
    summary.pools = pools.shares
    for number in starts.indices {
      guard var row = try row(starts[number], pools, trace.end(of: number)) else { continue }
      row.unsureCount = areUnsure[number] && row.kind != .pool ? 1 : 0
      if let index = summary.rows.firstIndex(where: { $0.isSameReference(as: row) }) {
        if row.chainLength < summary.rows[index].chainLength { shortest[index] = number }
        summary.rows[index].add(row)
      } else {
        summary.rows.append(row)
        shortest.append(number)
      }
    }
    for (index, start) in shortest.enumerated() {
      if summary.rows[index].kind == .pool { continue }
      summary.rows[index].chain = try trace.chain(of: start, limit: ReferenceSummary.longestChain)
    }
    summary.arrange()
    let lost = starts.indices.filter { trace.end(of: $0) == nil && pools.members[starts[$0].address]?.isHolder != true }
    summary.functions = try functions(nextTo: trace.places(nextTo: lost))
    return summary
  }

  /// The functions whose addresses stand in the blocks of some places.
  private mutating func functions(nextTo places: [Address]) throws(MemDumpError) -> [(name: String, count: Int)] {
    guard !places.isEmpty else { return [] }
    var pointers = try CodePointers(source, process: process)
    var seen: Set<Address> = []
    for place in places.prefix(Self.mostNext) {
      guard let block = try map.block(using: place, &words), seen.insert(block.address).inserted else { continue }
      try pointers.add(block)
    }
    return pointers.functions()
  }

  /// The most places next to blocks that are looked at.
  private static let mostNext = 1 << 14

  /// Whether each block is held by a word alone that may be left over: one that leads into the middle of the block. A
  /// program has such words too, as in lists whose links are in what they link, but then at one place of many blocks.
  private static func areUnsure(
    _ starts: [ReferenceTrace.Start], _ trace: inout ReferenceTrace
  ) throws(MemDumpError) -> [Bool] {
    var distances: [UInt64?] = []
    for (number, start) in starts.enumerated() {
      if case .block(let block) = start {
        distances.append(try trace.distance(of: number, in: block))
      } else {
        distances.append(nil)
      }
    }
    let counts = Dictionary(grouping: distances.compactMap(\.self)) { $0 }.mapValues(\.count)
    return distances.map { $0.map { counts[$0] ?? 0 < leastAlike } ?? false }
  }

  /// The number of blocks that are led into at one place where that is by intent.
  private static let leastAlike = 3

  /// The row for what holds one block: a pool of the program, or where its way ends; nil for nothing.
  private mutating func row(
    _ start: ReferenceTrace.Start, _ pools: PoolMembers, _ end: (place: Address, blockCount: Int)?
  ) throws(MemDumpError) -> ReferenceSummary.Row? {
    if case .block(let block) = start, let member = pools.members[block.address], member.isHolder {
      return ReferenceSummary.Row(
        kind: .pool, pool: [member.kind.name, member.role], address: member.pool, count: 1,
        chain: [block.footprint.byteCount], chainLength: 1, example: block.address)
    }
    guard let end else { return nil }
    return try row(start, heldBy: end.place, end.blockCount)
  }

  /// The row for what holds one block.
  private mutating func row(
    _ start: ReferenceTrace.Start, heldBy place: Address, _ blockCount: Int
  ) throws(MemDumpError) -> ReferenceSummary.Row? {
    guard let kind = try map.place(of: place, &words) else { return nil }
    var row = ReferenceSummary.Row(
      kind: .variable, address: place, count: 1, chain: [], chainLength: blockCount, example: start.address)
    switch kind {
    case .variable(let number):
      let module = map.modules[number]
      row.module = module.path
      if symbols[number] == nil {
        let found = ModuleSymbols(of: module, process: process, source: source, allowance)
        if found.isOtherBuild { otherBuilds.append(module.path) }
        symbols[number] = found
      }
      if let (name, offset) = symbols[number]?.name(of: place) {
        (row.symbol, row.offset) = (name, offset)
      } else {
        row.offset = place - module.start
      }
    case .stack(let thread): (row.kind, row.thread) = (.stack, thread)
    case .threadLocal(let thread): (row.kind, row.thread) = (.threadLocal, thread)
    case .goroutines: row.kind = .goroutines
    case .block, .memory: return nil
    }
    return row
  }
}

extension ReferenceTrace.Start {
  /// The address of the block, as the program got it, or of the place.
  var address: Address {
    switch self {
    case .block(let block): block.address
    case .place(let place): place
    }
  }
}

extension ReferenceSummary.Row {
  /// Whether two rows are of the same variable or thread. Without a symbol, only of the same place in a module.
  func isSameReference(as other: ReferenceSummary.Row) -> Bool {
    kind == other.kind && pool == other.pool && module == other.module && symbol == other.symbol
      && thread == other.thread
      && (kind != .variable || symbol != nil || offset == other.offset)
  }

  /// Counts another block of the same holder.
  mutating func add(_ other: ReferenceSummary.Row) {
    count += other.count
    unsureCount += other.unsureCount
    if offset != other.offset { offset = nil }
    guard other.chainLength < chainLength else { return }
    (address, chainLength, example) = (other.address, other.chainLength, other.example)
  }
}
