/// Looks for the pools of a program in memory, by their shape, and goes over each.
public struct PoolSearch: Sendable {
  /// What was found, and how far it got.
  public struct Result: Sendable {
    /// The pools.
    public var list = PoolList()
    /// What was gone over.
    public var scanned = SearchSummary()
    /// How many places looked like the start of a pool.
    public var candidateCount = 0
    /// How a process was read; nil of a file.
    public var mode: LookMode?
    /// The pause; nil without a stop.
    public var pause: Pause?
    /// How many bytes were read after the process ran again, though a stop was asked for.
    public var readLiveByteCount: UInt64 = 0
    /// Whether the process was seen to run as before; true of a file.
    public var isVerified = true

    /// The pools that could not be gone over to their end.
    public var brokenCount: Int { list.pools.count { $0.brokenAt != nil } }
  }

  /// Whose pools.
  public let owner: any Owner
  /// How many bytes are read at once.
  public let chunk: Int

  /// Prepares a search.
  public init(_ owner: any Owner, chunk: Int = 1 << 20) { (self.owner, self.chunk) = (owner, chunk) }

  /// Looks for pools in memory that can be read anywhere.
  ///
  /// - Parameters:
  ///   - source: the memory, with the addresses of the process.
  ///   - ranges: where pools may begin, in order; nil for everywhere. Pointers are followed everywhere.
  ///   - name: what the source is called in an error.
  ///   - control: tells how far it is, and may end it.
  /// - Throws: ``MemDumpError/Code/noAddresses`` where pointers cannot be followed.
  public func run(
    _ source: any MemorySource, ranges: [Range<Address>]? = nil, named name: String = "",
    control: ScanControl = ScanControl()
  ) throws(MemDumpError) -> Result {
    guard source.hasAddresses, !source.isSequential else {
      throw MemDumpError(.noAddresses(name, isStream: source.isSequential))
    }
    var result = Result()
    var candidates: [Address] = []
    var walk = try ChunkWalk(source, margin: owner.headByteCount, chunk: chunk)
    try walk.walk(ranges ?? source.regions.map(\.range)) { (bytes, window) throws(MemDumpError) in
      owner.recognise(bytes, base: window.base, in: window.owned, into: &candidates)
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
    result.list = try owner.walk(candidates, in: &memory)
    result.scanned.findingCount = UInt64(result.list.pools.count)
    return result
  }

  /// Looks for pools in what a process itself wrote.
  ///
  /// - Parameters:
  ///   - target: the process.
  ///   - mode: whether it stands still for the time of a copy or of a fork, or runs on.
  ///   - budget: how long it may stand still, in nanoseconds.
  ///   - control: tells how far it is, and may end it.
  public func run(
    _ target: TargetProcess, mode: LookMode, budget: UInt64, control: ScanControl = ScanControl()
  ) throws(MemDumpError) -> Result {
    let method = mode.method
    let holder = method == nil ? nil : try Holder.launch()
    let before = try Witness(target)
    let live = try LiveMemory(target)
    func own(_ regions: [MemoryRegion]) -> [Range<Address>] { regions.filter(\.isOwnWriting).map(\.range) }
    var result: Result
    var leavesChild = false
    if let holder, let method {
      let capture = try Capture(live, holder: holder, budget: budget, by: method) { own($0) }
      result = try run(capture, ranges: capture.ranges, control: control)
      result.pause = capture.pause
      result.readLiveByteCount = capture.readLive.reduce(0) { $0 + $1.byteCount }
      leavesChild = !capture.end()
    } else {
      result = try run(live, ranges: own(live.regions), control: control)
      try target.checkIdentity()
    }
    result.mode = mode
    result.isVerified = !leavesChild && (try? Witness(target)).map { $0.runs(as: before) } ?? false
    return result
  }
}
