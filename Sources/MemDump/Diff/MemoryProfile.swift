/// A profile of memory: what there is, counted in four ways, to compare with a later look.
public struct MemoryProfile: Sendable {
  /// The heaps that can be walked.
  public let heaps: Heaps
  /// Whether texts or addresses were forgotten, because there were too many.
  public let isApproximate: Bool
  /// The amount of all socket addresses together.
  public let addresses: Growth.Amount
  /// The number of distinct socket addresses.
  public let distinctAddressCount: UInt64
  private let singleAddresses: Amounts
  private let templates: Amounts
  /// The objects of languages' runtimes by type.
  private let objects: Amounts
  /// The bytes of what a collector takes back when it runs; nil where none does.
  private let collected: UInt64?
  /// The memory that can be the process's own, shared memory included.
  private let regions: [MemoryRegion]
  /// The memory that is present or swapped, of all mappings; nil where that is not known, as for a file.
  private let residents: Amounts?

  /// The amount of each subject of a kind.
  private typealias Amounts = [Growth.Subject: Growth.Amount]

  /// The most texts of a tally that are compared: those with most bytes.
  private static let rowLimit = 1 << 17
  /// The length of the shortest text that counts, in characters: shorter ones are mostly no texts.
  private static let shortestText = 6

  /// Counts the contents of memory.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - allocators: the allocators whose heaps the memory may have.
  ///   - threads: the number of threads that share the work.
  ///   - process: the process, where it still runs: names of types of C stand in its program.
  ///   - limit: the most memory that each of the two counts of texts may take, in bytes.
  ///   - control: is told how far the work is, and may end it.
  public init(
    _ source: any MemorySource, allocators: [any Allocator] = Allocators.forGrowth, threads: Int = 1,
    process: TargetProcess? = nil, limit: UInt64 = Tally.standardLimit,
    control: WorkControl = WorkControl()
  ) throws(MemDumpError) {
    let written = OwnWriting.privateMemory.ranges(in: source.regions)
    let ranges = written.isEmpty ? source.regions.map(\.range) : written
    regions = written.isEmpty ? source.regions : OwnWriting.withSharedMemory.regions(in: source.regions)
    residents = Self.residents(source.regions)
    heaps = try HeapWalk(source, allocators: allocators, control: control).run()
    let types = try ObjectTypes.find(
      in: source, heaps: heaps, process: process, onlyReached: true, control: control
    ).compactMap { found in
      if case .found(let objects) = found.result { objects } else { nil }
    }
    objects = Self.amounts(types)
    collected =
      (heaps.all.filter(\.allocator.isCollected).map(\.used.byteCount)
      + types.filter(\.language.isCollected).map(\.total.byteCount)).max()
    var addresses = Tally(grouping: .text, limit: limit)
    var templates = Tally(grouping: .template, limit: limit)
    try Strings(shortest: Self.shortestText, threads: threads).count(
      source, ranges: ranges, into: &templates, Scan(patterns: [SocketAddress()]), into: &addresses, control: control)
    isApproximate = addresses.isApproximate || templates.isApproximate
    self.addresses = .init(count: addresses.total, byteCount: addresses.totalByteCount)
    distinctAddressCount = UInt64(addresses.distinctCount)
    singleAddresses = Self.amounts(addresses) { .socketAddress($0) }
    self.templates = Self.amounts(templates) { .template($0) }
  }

  /// The parts of two sources that both can have, so that like is compared with like: a dump of one region is compared
  /// with that region alone, and the heap in the dump with that heap.
  public static func comparable(
    _ first: any MemorySource, _ second: any MemorySource
  ) -> (any MemorySource, any MemorySource) {
    switch (first.isExcerpt, second.isExcerpt) {
    case (true, false): (first, part(of: second, like: first))
    case (false, true): (part(of: first, like: second), second)
    default: (first, second)
    }
  }

  private static func part(of whole: any MemorySource, like dump: any MemorySource) -> any MemorySource {
    let isHeap = dump.regions.contains { $0.kind == .heap }
    let heap = whole.regions.filter { $0.kind == .heap }
    if isHeap, !heap.isEmpty { return MemoryPart(whole, regions: heap) }
    let regions = whole.regions.filter { region in dump.regions.contains { $0.range.overlaps(region.range) } }
    return regions.isEmpty ? whole : MemoryPart(whole, regions: regions)
  }

  /// The growth since an earlier look, most bytes first in each kind.
  ///
  /// - Parameters:
  ///   - earlier: the earlier look.
  ///   - minimum: the number of bytes that count as growth; nil for 64 KiB and no less than 1 % of the earlier amount
  ///     of the kind. A single socket address, which comes and goes by chance, counts where all of them together grew
  ///     by so much.
  public func growth(since earlier: MemoryProfile, minimum: UInt64? = nil) -> [Growth] {
    Self.grown(earlier.objects, objects, minimum) + sizes(since: earlier, minimum)
      + socketAddresses(since: earlier, minimum)
      + Self.grown(earlier.templates, templates, minimum) + regions(since: earlier, minimum)
      + residents(since: earlier, minimum)
  }

  /// The bytes that a process itself wrote that are present or swapped, shared memory apart; nil where that is not known.
  private var ownByteCount: UInt64? {
    residents?.reduce(0) { sum, amount in
      if case .resident(.shared) = amount.key { sum } else { sum &+ amount.value.byteCount }
    }
  }

  /// The kinds of memory of which there is more as a whole: where chunks of one size take the place of others, or
  /// memory of one name that of another, nothing grows.
  func kindsThatGrow(since earlier: MemoryProfile, minimum: UInt64?) -> Set<Growth.Kind> {
    var kinds = Set(Growth.Kind.allCases)
    for kind in [Growth.Kind.objectType, .chunkSize, .region, .resident] {
      guard let before = earlier.byteCount(of: kind), let after = byteCount(of: kind) else { continue }
      let growth = after - min(after, before)
      if growth < max(1, minimum ?? Self.standardMinimum(before)) { kinds.remove(kind) }
    }
    return kinds
  }

  private func byteCount(of kind: Growth.Kind) -> UInt64? {
    switch kind {
    case .objectType: objects.isEmpty ? nil : objects.values.reduce(0) { $0 &+ $1.byteCount }
    case .chunkSize: heaps.used?.byteCount
    case .region: regions.reduce(0) { $0 &+ $1.byteCount }
    case .resident: residents?.values.reduce(0) { $0 &+ $1.byteCount }
    case .sockaddr, .template: nil
    }
  }

  /// The growth of the process as a whole: memory that it wrote itself, and memory that malloc has in use, which may
  /// have been freed memory before.
  func wholeGrowth(since earlier: MemoryProfile) -> [Growth] {
    wholes.compactMap { subject, byteCount in
      guard let before = earlier.wholes[subject], byteCount > before else { return nil }
      return Growth(subject: subject, before: .init(byteCount: before), after: .init(byteCount: byteCount))
    }
  }

  private var wholes: [Growth.Subject: UInt64] {
    var wholes: [Growth.Subject: UInt64] = [:]
    wholes[.allResident] = ownByteCount
    wholes[.allChunks] = heaps.used?.byteCount
    return wholes
  }

  /// The bytes by which all chunk classes that grew did so together.
  func heapGrowth(since earlier: MemoryProfile) -> UInt64 {
    sizes(since: earlier, 1).reduce(0) { $0 &+ $1.byteCount }
  }

  /// The bytes of each subject that is counted, and of the process as a whole, but not of single socket addresses; of
  /// templates those with most.
  func byteCounts(templates limit: Int) -> [Growth.Subject: UInt64] {
    var counts = wholes
    counts[.allSocketAddresses] = addresses.byteCount
    func add(_ amounts: Amounts) { counts.merge(amounts.mapValues(\.byteCount)) { $1 } }
    add(objects)
    add(Self.amounts(heaps))
    add(Self.mapped(regions, tellingHeap: Self.tellsHeap(regions)))
    add(residents ?? [:])
    let most = templates.sorted {
      ($1.value.byteCount, $0.key.key.count) < ($0.value.byteCount, $1.key.key.count)
    }
    for (subject, amount) in most.prefix(limit) { counts[subject] = amount.byteCount }
    return counts
  }

  private func sizes(since earlier: MemoryProfile, _ minimum: UInt64?) -> [Growth] {
    // Without both there is nothing to compare.
    guard !heaps.isEmpty, !earlier.heaps.isEmpty else { return [] }
    // What survived no collection yet is not known, and all that does later would be more than before.
    let unknown = Set(earlier.heaps.all.filter(\.isUncollected).map(\.allocator.name))
    var grown = Self.grown(Self.amounts(earlier.heaps), Self.amounts(heaps), minimum).filter { row in
      row.blockClass.map { !unknown.contains($0.allocator ?? "") } ?? true
    }
    guard heaps.areSeveral else { return grown }
    for index in grown.indices {
      let name = grown[index].blockClass?.allocator
      grown[index].heapTitle = heaps.all.first { $0.allocator.name == name }?.allocator.title
    }
    return grown
  }

  private func socketAddresses(since earlier: MemoryProfile, _ minimum: UInt64?) -> [Growth] {
    let all = Growth(
      subject: .allSocketAddresses, before: earlier.addresses, after: addresses,
      distinctCounts: [earlier.distinctAddressCount, distinctAddressCount])
    guard all.byteCount >= max(1, minimum ?? Self.standardMinimum(all.before.byteCount)) else { return [] }
    return [all] + Self.grown(earlier.singleAddresses, singleAddresses, 1)
  }

  private func regions(since earlier: MemoryProfile, _ minimum: UInt64?) -> [Growth] {
    let tells = Self.tellsHeap(regions) && Self.tellsHeap(earlier.regions)
    return Self.grown(
      Self.mapped(earlier.regions, tellingHeap: tells), Self.mapped(regions, tellingHeap: tells), minimum
    ).filter { minimum != nil || !slack(since: earlier).explains($0) }
  }

  private func slack(since earlier: MemoryProfile) -> HeapSlack {
    HeapSlack(
      used: heaps.used?.byteCount, before: earlier.heaps.used?.byteCount, collected: earlier.collected)
  }

  private func residents(since earlier: MemoryProfile, _ minimum: UInt64?) -> [Growth] {
    guard let residents, let before = earlier.residents else { return [] }
    return Self.grown(before, residents, minimum).filter { minimum != nil || !slack(since: earlier).explains($0) }
  }

  /// Whether a heap can be told by the map: a core does not tell it from other anonymous memory.
  private static func tellsHeap(_ regions: [MemoryRegion]) -> Bool { regions.contains { $0.kind == .heap } }

  private static func amounts(_ objects: [ObjectTypes]) -> Amounts {
    var amounts: Amounts = [:]
    for row in objects.flatMap(\.rows) {
      amounts[.objects(row.name)] = .init(count: row.objects.count, byteCount: row.byteCount)
    }
    return amounts
  }

  private static func amounts(_ heaps: Heaps) -> Amounts {
    var amounts: Amounts = [:]
    for heap in heaps.all {
      for row in heap.classes where row.count > 0 {
        let key = BlockClass(of: heap.allocator.name, footprint: row.footprint)
        amounts[.chunks(key)] = .init(count: row.count, byteCount: row.byteCount)
      }
    }
    return amounts
  }

  private static func mapped(_ regions: [MemoryRegion], tellingHeap: Bool) -> Amounts {
    var amounts: Amounts = [:]
    for region in regions {
      amounts[.mapped(memory(of: region, tellingHeap: tellingHeap)), default: .init()].add(region.byteCount)
    }
    return amounts
  }

  /// What a mapping has of a process's own: pages that the process wrote itself, whatever it may do with them by now,
  /// and of shared memory all that it has in use.
  private static func residents(_ map: [MemoryRegion]) -> Amounts? {
    guard map.contains(where: { $0.usage != nil }) else { return nil }
    var amounts: Amounts = [:]
    for region in map where !region.isDevice && region.kind != .kernel {
      guard let usage = region.usage else { continue }
      let present = region.kind == .shared ? usage.resident : usage.anonymous
      amounts[.resident(memory(of: region, tellingHeap: true)), default: .init()].add(present &+ usage.swap)
    }
    return amounts
  }

  private static func memory(of region: MemoryRegion, tellingHeap: Bool) -> Growth.Memory {
    if region.kind == .shared { return .shared(region.name) }
    return region.isPrivateAnonymous && (!tellingHeap || region.name.isEmpty) ? .anonymous : .named(region.name)
  }

  private static func amounts(_ tally: Tally, _ subject: ([UInt8]) -> Growth.Subject) -> Amounts {
    var amounts: Amounts = [:]
    for row in tally.rows(limit: rowLimit) {
      amounts[subject(row.text)] = .init(count: row.count, byteCount: row.byteCount)
    }
    return amounts
  }

  static func standardMinimum(_ byteCount: UInt64) -> UInt64 { max(64 << 10, byteCount / 100) }

  private static func grown(_ before: Amounts, _ after: Amounts, _ minimum: UInt64?) -> [Growth] {
    let least = max(1, minimum ?? standardMinimum(before.values.reduce(0) { $0 &+ $1.byteCount }))
    let grown = after.map { subject, amount in
      Growth(subject: subject, before: before[subject] ?? .init(), after: amount)
    }
    return grown.filter { $0.byteCount >= least }.sorted { first, second in
      if first.byteCount != second.byteCount { return first.byteCount > second.byteCount }
      let (key, other) = (first.subject.key, second.subject.key)
      return key.count == other.count ? key.lexicographicallyPrecedes(other) : key.count < other.count
    }
  }
}
