/// The pools of a part of the memory, and the record of their blocks.
struct PymallocPart: Sendable {
  /// The pools.
  private(set) var pools: PythonPools
  /// The blocks; nil without pools.
  private(set) var record: HeapRecord?
  /// The number of pools whose lists agree with their counts.
  private(set) var agreeing: UInt64 = 0
  /// The pools that have no block in use, in order; those that touch are one range.
  private(set) var empty: [Range<Address>] = []

  private static let mostThreads = 8
  private static let leastByteCount: UInt64 = 32 << 20
  private static let mostParts: UInt64 = 256
  /// A record has a page for each MiB, which is never of two parts.
  private static let alignment: UInt64 = 1 << 20

  /// Walks all pools of a process, by several threads where there are many.
  ///
  /// - Parameter leastByteCount: how much memory is worth a part.
  static func all(
    in source: any MemorySource, _ control: WorkControl, leastByteCount: UInt64 = leastByteCount
  ) throws(MemDumpError) -> PymallocPart {
    let memory = AnonymousMemory(source.regions).stretches
    guard let shape = try PythonPools.shape(in: memory, of: source, control) else {
      return PymallocPart(pools: PythonPools(PythonPools.Shape.all[0]))
    }
    let parts = cut(memory, leastByteCount: leastByteCount)
    let walked = try Syscall.results(forEach: parts.count, threads: min(Syscall.processorCount, mostThreads)) {
      (number) throws(MemDumpError) in
      var part = PymallocPart(pools: PythonPools(shape))
      try part.walk(parts[number], of: source, control)
      return part
    }
    var whole = PymallocPart(pools: PythonPools(shape))
    for part in walked { whole.add(part) }
    return whole
  }

  /// Cuts memory into parts of about so many addresses, in order. What lies in one MiB is of one part.
  static func cut(_ memory: [Range<Address>], leastByteCount: UInt64) -> [[Range<Address>]] {
    let total = memory.reduce(0) { $0 &+ $1.byteCount }
    let byteCount = max(leastByteCount, total / mostParts)
    var parts: [[Range<Address>]] = []
    var (left, reached) = (UInt64(0), Address(0))
    for range in memory {
      var rest = range
      while !rest.isEmpty {
        if parts.isEmpty || left == 0 && reached <= rest.lowerBound {
          parts.append([])
          left = byteCount
        }
        reached = (rest.lowerBound + max(left, 1)).alignedUp(to: alignment)
        let next = rest.lowerBound..<min(reached, rest.upperBound)
        parts[parts.count - 1].append(next)
        left -= min(left, next.byteCount)
        reached = next.upperBound.alignedUp(to: alignment)
        rest = next.upperBound..<rest.upperBound
      }
    }
    return parts
  }

  private mutating func walk(
    _ memory: [Range<Address>], of source: any MemorySource, _ control: WorkControl
  ) throws(MemDumpError) {
    var isFree: [Bool] = []
    var record = HeapRecord(granularity: Pymalloc().granularity)
    try pools.find(in: memory, of: source, control) { (pool, words) throws(MemDumpError) in
      isFree.removeAll(keepingCapacity: true)
      isFree.append(contentsOf: repeatElement(false, count: Int(pool.formedCount)))
      if try pool.readFreeList(&isFree, &words) { agreeing += 1 }
      guard pool.usedCount > 0 else { return empty.join(pool.range) }
      let footprint = pool.blockByteCount
      var number = 0
      while number < isFree.count {
        let first = number
        while number < isFree.count, !isFree[number] { number += 1 }
        record.addUsed(pool.block(first), count: UInt64(number - first), footprint: footprint)
        while number < isFree.count, isFree[number] {
          record.addFree(footprint: footprint, .listed)
          number += 1
        }
      }
    }
    if pools.count > 0 { self.record = record }
  }

  /// Adds a part that lies behind this one.
  private mutating func add(_ other: PymallocPart) {
    pools.add(other.pools)
    agreeing += other.agreeing
    for range in other.empty { empty.join(range) }
    if let record = other.record {
      if self.record == nil { self.record = record } else { self.record?.add(record) }
    }
  }
}
