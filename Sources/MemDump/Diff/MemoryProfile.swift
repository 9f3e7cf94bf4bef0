/// What memory is made of, counted in four ways, so that it can be compared with a later look.
public struct MemoryProfile: Sendable {
  /// The heap; nil where there is none of glibc's.
  public let heap: HeapSummary?
  /// Whether texts or addresses were forgotten, since there were too many.
  public var isApproximate: Bool { addresses.isApproximate || templates.isApproximate }
  private let addresses: Tally
  private let templates: Tally
  private let regions: [MemoryRegion]

  /// How many texts of a tally are compared, those with most bytes.
  private static let rowLimit = 1 << 17
  /// How long a text is at least: shorter ones are mostly no texts.
  private static let shortestText = 6

  /// Counts what is in memory.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - threads: how many threads share the work.
  ///   - limit: what each of the two counts of texts may take up.
  ///   - control: tells how far it is, and may end it.
  public init(
    _ source: any MemorySource, threads: Int = 1, limit: UInt64 = Tally.standardLimit,
    control: ScanControl = ScanControl()
  ) throws(MemDumpError) {
    regions = Self.written(source.regions)
    let ranges = regions.map(\.range)
    heap = try HeapWalk(source, control: control).run()
    var addresses = Tally(grouping: .text, limit: limit)
    _ = try Scan(patterns: [SocketAddress()], threads: threads).count(
      source, ranges: ranges, into: &addresses, control: control)
    var templates = Tally(grouping: .template, limit: limit)
    _ = try Strings(shortest: Self.shortestText, threads: threads).count(
      source, ranges: ranges, into: &templates, control: control)
    (self.addresses, self.templates) = (addresses, templates)
  }

  /// Cuts two sources down to what both can have, so that like is compared with like: a dump of one region is compared with
  /// that region alone, and the heap in it with that heap.
  public static func comparable(
    _ first: any MemorySource, _ second: any MemorySource
  ) -> (any MemorySource, any MemorySource) {
    if first is RawDump, !(second is RawDump) { return (first, part(of: second, like: first)) }
    if second is RawDump, !(first is RawDump) { return (part(of: first, like: second), second) }
    return (first, second)
  }

  private static func part(of whole: any MemorySource, like dump: any MemorySource) -> any MemorySource {
    let isHeap = dump.regions.contains { $0.kind == .heap }
    let heap = whole.regions.filter { $0.kind == .heap }
    if isHeap, !heap.isEmpty { return MemoryPart(whole, regions: heap) }
    let regions = whole.regions.filter { region in dump.regions.contains { $0.range.overlaps(region.range) } }
    return regions.isEmpty ? whole : MemoryPart(whole, regions: regions)
  }

  /// What a process wrote itself; of a file without a map, everything.
  private static func written(_ regions: [MemoryRegion]) -> [MemoryRegion] {
    let written = regions.filter { $0.isOwnWriting && !$0.permissions.contains(.shared) }
    return written.isEmpty ? regions : written
  }

  /// What grew since an earlier look, most bytes first in each kind.
  ///
  /// - Parameters:
  ///   - earlier: the earlier look.
  ///   - minimum: how many bytes count as growth; nil for 64 KiB and no less than 1 % of what there was of the kind. A single
  ///     socket address, which comes and goes by chance, counts where all of them together grew by so much.
  public func growth(since earlier: MemoryProfile, minimum: UInt64? = nil) -> [Growth] {
    sizes(since: earlier, minimum) + socketAddresses(since: earlier, minimum)
      + grown(.template, Self.amounts(earlier.templates), Self.amounts(templates), minimum)
      + regions(since: earlier, minimum)
  }

  private func sizes(since earlier: MemoryProfile, _ minimum: UInt64?) -> [Growth] {
    // Without both there is nothing to compare.
    guard let heap, let before = earlier.heap else { return [] }
    func amounts(_ heap: HeapSummary) -> [[UInt8]: Growth.Amount] {
      var amounts: [[UInt8]: Growth.Amount] = [:]
      for row in heap.classes where row.count > 0 {
        amounts[Array("\(row.chunkByteCount)".utf8)] = .init(count: row.count, byteCount: row.byteCount)
      }
      return amounts
    }
    return grown(.chunkSize, amounts(before), amounts(heap), minimum)
  }

  private func socketAddresses(since earlier: MemoryProfile, _ minimum: UInt64?) -> [Growth] {
    func total(_ tally: Tally) -> Growth.Amount { .init(count: tally.total, byteCount: tally.totalByteCount) }
    let all = Growth(
      kind: .sockaddr, key: Array("*".utf8), before: total(earlier.addresses), after: total(addresses),
      distinctCounts: [UInt64(earlier.addresses.distinctCount), UInt64(addresses.distinctCount)])
    guard all.byteCount >= max(1, minimum ?? Self.standardMinimum(all.before.byteCount)) else { return [] }
    return [all] + grown(.sockaddr, Self.amounts(earlier.addresses), Self.amounts(addresses), 1)
  }

  private func regions(since earlier: MemoryProfile, _ minimum: UInt64?) -> [Growth] {
    // A core does not tell a heap from other memory without a file.
    let tells = [regions, earlier.regions].allSatisfy { $0.contains { $0.kind == .heap } }
    func amounts(_ regions: [MemoryRegion]) -> [[UInt8]: Growth.Amount] {
      var amounts: [[UInt8]: Growth.Amount] = [:]
      for region in regions {
        let key = region.isPrivateAnonymous && (!tells || region.name.isEmpty) ? Array("anon".utf8) : region.name
        amounts[key, default: .init()].count += 1
        amounts[key, default: .init()].byteCount += region.byteCount
      }
      return amounts
    }
    return grown(.region, amounts(earlier.regions), amounts(regions), minimum)
  }

  private static func amounts(_ tally: Tally) -> [[UInt8]: Growth.Amount] {
    var amounts: [[UInt8]: Growth.Amount] = [:]
    for row in tally.rows(limit: rowLimit) { amounts[row.text] = .init(count: row.count, byteCount: row.byteCount) }
    return amounts
  }

  private static func standardMinimum(_ byteCount: UInt64) -> UInt64 { max(64 << 10, byteCount / 100) }

  private func grown(
    _ kind: Growth.Kind, _ before: [[UInt8]: Growth.Amount], _ after: [[UInt8]: Growth.Amount], _ minimum: UInt64?
  ) -> [Growth] {
    let least = max(1, minimum ?? Self.standardMinimum(before.values.reduce(0) { $0 &+ $1.byteCount }))
    let grown = after.map { key, amount in
      Growth(kind: kind, key: key, before: before[key] ?? .init(), after: amount)
    }
    return grown.filter { $0.byteCount >= least }.sorted {
      ($1.byteCount, $0.key.count) < ($0.byteCount, $1.key.count)
        || ($0.byteCount == $1.byteCount && $0.key.count == $1.key.count && $0.key.lexicographicallyPrecedes($1.key))
    }
  }
}
