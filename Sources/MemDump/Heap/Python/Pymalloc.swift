/// Python's own allocator for small objects: every pool of every arena, and what is in use of them by their own free lists.
struct Pymalloc: Allocator {
  let name = "pymalloc"
  let title = "Python's pymalloc"
  let isGeneral = false
  let isWalked = true
  let granularity: UInt64 = 8
  let signs = AllocatorSigns(libraries: PythonCalls.libraries)
  let factNames: [AllocatorFact.Name] = [
    "pymalloc_bytes", "pymalloc_pools", "pymalloc_pools_agreeing", "pymalloc_empty_pools",
  ]
  let settingPrefixes = ["PYTHONMALLOC"]

  func recognise(in source: any MemorySource, sign: String?) throws(MemDumpError) -> AllocatorRecognition? {
    if let sign { return AllocatorRecognition(self, evidence: sign) }
    return try PythonPoolTable.find(in: source).map {
      AllocatorRecognition(self, evidence: "its table of pools is at \($0)")
    }
  }

  func walk(
    _ source: any MemorySource, into record: inout HeapRecord, _ control: WorkControl
  ) throws(MemDumpError) -> (any BlockLayout)? {
    // A core need not have the variables of the program, and a program need not be called Python.
    var isThere =
      try AllocatorSigns.seen([AllocatorSigns(libraries: signs.libraries)], in: source, process: nil)[0] != nil
    if !isThere { isThere = try PythonPoolTable.find(in: source) != nil }
    guard isThere else { return nil }
    let found = try PymallocPart.all(in: source, control)
    let (pools, agreeing, empty) = (found.pools, found.agreeing, found.empty)
    guard pools.count > 0 else { return nil }
    if let blocks = found.record { record.add(blocks) }
    // Of a process that runs, a list may have been at work.
    guard pools.count - agreeing <= max(pools.count / 100, 2) else {
      record.refusal =
        "of \(count: pools.count, "pool") the free lists of \(count: agreeing) agree with the counts, 99 % are expected"
      return nil
    }
    for range in pools.ranges { record.addStretch(range) }
    record.keptRanges = empty
    record.isComplete = agreeing == pools.count && !control.isStopped
    record.description = description(
      pools, agreeing: agreeing, empty: empty.reduce(0) { $0 + $1.byteCount } / pools.shape.poolByteCount)
    return PythonPoolLayout(pools)
  }

  private func description(_ pools: PythonPools, agreeing: UInt64, empty: UInt64) -> AllocatorDescription {
    var description = AllocatorDescription()
    description.facts = [
      AllocatorFact("pymalloc_bytes", pools.byteCount), AllocatorFact("pymalloc_pools", pools.count),
      AllocatorFact("pymalloc_pools_agreeing", agreeing), AllocatorFact("pymalloc_empty_pools", empty),
    ]
    description.used = "of objects and of what is theirs, up to \(bytes: PythonPool.largestBlock) each"
    description.free = "in pools that have others in use"
    description.lines = [
      .init(
        "pools",
        """
        \(bytes: pools.byteCount) in \(count: pools.count, "pool") of \(bytes: pools.shape.poolByteCount), \
        \(count: empty) of them empty; the free lists of \(count: agreeing) agree with their counts
        """)
    ]
    return description
  }
}

/// The layout of pymalloc's pools: an address tells the pool, and the pool the size.
private struct PythonPoolLayout: PoolLayout {
  private let pools: PythonPools

  init(_ pools: PythonPools) { self.pools = pools }

  /// The layout that reads the header of the pool each time.
  var live: any BlockLayout { PythonLiveLayout(shape: pools.shape) }

  func block(at start: Address, in words: inout WordCache) -> HeapBlock? {
    guard let (pool, byteCount) = pools.pool(holding: start) else { return nil }
    return HeapBlock(start, inPool: pool, blockByteCount: byteCount)
  }

  func pool(holding address: Address) -> (range: Range<Address>, blockByteCount: UInt64)? {
    pools.pool(holding: address).map { (Range(start: $0, byteCount: pools.shape.poolByteCount), $1) }
  }
}

private struct PythonLiveLayout: BlockLayout {
  let shape: PythonPools.Shape

  func block(at start: Address, in words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    let address = Address(start.rawValue & ~(shape.poolByteCount - 1))
    guard let pool = try PythonPool(at: address, shape, &words) else { return nil }
    return HeapBlock(start, inPool: address, blockByteCount: pool.blockByteCount)
  }
}

extension HeapBlock {
  /// The block of a pool that begins at an address; nil where none does.
  fileprivate init?(_ start: Address, inPool pool: Address, blockByteCount: UInt64) {
    guard start - pool >= PythonPool.headerByteCount,
      (start - pool - PythonPool.headerByteCount) % blockByteCount == 0
    else { return nil }
    self.init(start, byteCount: blockByteCount)
  }
}
