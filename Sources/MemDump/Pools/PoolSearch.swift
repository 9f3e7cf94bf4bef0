/// A search for the pools of a program in memory, by their shape, and a walk over each.
public struct PoolSearch: Sendable {
  /// The result of a search.
  public struct Result: Sendable {
    /// The pools that were found.
    public var list = PoolList()
    /// The summary of the memory that was searched.
    public var scanned = SearchSummary()
    /// The number of places that looked like the start of a pool.
    public var candidateCount = 0

    /// Makes an empty result.
    public init() {}

    /// The number of pools that could not be walked to their end.
    public var brokenCount: Int { list.pools.count { $0.brokenAt != nil } }
  }

  /// The kind of pools that are looked for.
  public let kind: any PoolKind
  /// The number of bytes that are read at once.
  public let chunk: Int

  /// Prepares a search for one kind of pools.
  public init(_ kind: any PoolKind, chunk: Int = 1 << 20) { (self.kind, self.chunk) = (kind, chunk) }

  /// Looks for pools in memory that can be read anywhere.
  ///
  /// - Parameters:
  ///   - source: the memory, with the addresses of the process.
  ///   - ranges: where pools may begin, in order; nil for everywhere. Pointers are followed everywhere.
  ///   - wanted: addresses of which the result shall tell whether they are blocks or large allocations of a pool.
  ///   - name: the name of the source in an error.
  ///   - control: is told how far the search is, and may end it.
  /// - Throws: ``MemDumpError/Code/noAddresses`` where pointers cannot be followed.
  public func run(
    _ source: any MemorySource, ranges: [Range<Address>]? = nil, wanted: Set<Address> = [], named name: String = "",
    control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> Result {
    guard source.hasAddresses, !source.isSequential else {
      throw MemDumpError(.noAddresses(name, isStream: source.isSequential))
    }
    var result = Result()
    var candidates: [Address] = []
    var walk = try ChunkWalk(source, margin: kind.headByteCount, chunk: chunk)
    try walk.walk(ranges ?? source.regions.map(\.range)) { (bytes, window) throws(MemDumpError) in
      kind.recognise(bytes, base: window.base, in: window.owned, into: &candidates)
      control.add(UInt64(window.owned.count))
      return !control.isStopped
    }
    result.scanned.byteCount = walk.totals.byteCount
    result.scanned.absentByteCount = walk.totals.absentByteCount
    result.scanned.unreadByteCount = walk.totals.unreadByteCount
    result.scanned.isPartial = control.isStopped
    result.candidateCount = candidates.count
    // No node of a list is smaller than two words.
    var memory = try WordCache(source, .jumps, steps: walk.totals.byteCount / 16)
    var constants = try WordCache(source.constants, .jumps)
    result.list = try kind.walk(candidates, in: &memory, constants: &constants, wanted: wanted)
    result.scanned.findingCount = UInt64(result.list.pools.count)
    return result
  }
}
