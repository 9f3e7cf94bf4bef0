/// What the places of a process's memory are: where a way back from a block may end, and where it goes on.
struct PlaceMap: Sendable {
  /// What a place is.
  enum Place: Hashable, Sendable {
    /// A variable of a module, by its number in ``PlaceMap/modules``.
    case variable(Int)
    /// The stack of a thread.
    case stack(ThreadID)
    /// The thread-local variables of a thread.
    case threadLocal(ThreadID)
    /// What malloc returned: a block in use. Where pointers to it lead: behind its header, and before the next one.
    case block(Range<Address>)
    /// Memory that is none of malloc's, such as a pool of the program's own, whose blocks are not known.
    case memory(Range<Address>)
  }

  /// How far before a place in memory that is none of malloc's a pointer to its block may lead: no block of Python's own
  /// allocator is larger.
  private static let unknownBlockByteCount: UInt64 = 512

  /// The modules there are.
  let modules: [Module]
  private let threads: ThreadPlaces
  private let variables: [(range: Range<Address>, module: Int)]
  private let heap: [Range<Address>]
  private let chunks: ChunkMap
  private let regions: [MemoryRegion]

  init(_ regions: [MemoryRegion], _ heap: HeapSummary, _ registers: [ThreadRegisters]) {
    modules = Module.all(in: regions, heap: heap.ranges)
    threads = ThreadPlaces(registers, regions)
    variables = modules.enumerated().flatMap { index, module in module.variables.map { (range: $0, module: index) } }
      .sorted { $0.range.lowerBound < $1.range.lowerBound }
    (self.heap, chunks, self.regions) = (heap.ranges, heap.chunks, regions)
  }

  /// Where ways end.
  var roots: [Range<Address>] { (variables.map(\.range) + threads.places.map(\.range)).union() }

  /// What a place is; nil where nothing that is there holds anything: free memory, headers, what calls left over.
  func place(of address: Address, _ words: inout WordCache) throws(MemDumpError) -> Place? {
    if let index = heap.index(holding: address) {
      return try block(holding: address, in: heap[index], &words).map { .block($0) }
    }
    if let use = threads.use(of: address) {
      switch use {
      case .stack(let thread): return .stack(thread)
      case .threadLocal(let thread): return .threadLocal(thread)
      case .leftOver: return nil
      }
    }
    let index = variables.partitionIndex { $0.range.upperBound > address }
    if index < variables.count, variables[index].range.contains(address) { return .variable(variables[index].module) }
    guard let region = regions.index(holding: address), regions[region].kind != .stack else { return nil }
    let start = max(regions[region].range.lowerBound, address - Self.unknownBlockByteCount)
    return .memory(start..<address + 8)
  }

  /// The block of malloc in use that an address lies in, with its header counted to it.
  func chunk(holding address: Address, _ words: inout WordCache) throws(MemDumpError) -> Range<Address>? {
    guard let index = heap.index(holding: address) else { return nil }
    return try chunk(holding: address, in: heap[index], &words)
  }

  private func chunk(
    holding address: Address, in range: Range<Address>, _ words: inout WordCache
  ) throws(MemDumpError) -> Range<Address>? {
    // One with a mapping of its own can be large, and begins where its range does.
    if chunks.contains(range.lowerBound), let whole = try chunk(at: range.lowerBound, &words),
      whole.contains(address), whole.upperBound <= range.upperBound
    {
      return whole
    }
    if let start = chunks.last(upTo: address, from: range.lowerBound), let whole = try chunk(at: start, &words),
      whole.contains(address), whole.upperBound <= range.upperBound
    {
      return whole
    }
    return nil
  }

  private func chunk(at start: Address, _ words: inout WordCache) throws(MemDumpError) -> Range<Address>? {
    guard let head = try words.word(at: start + 8), Chunk(head: head).byteCount >= Chunk.smallest else { return nil }
    return Range(start: start, byteCount: Chunk(head: head).byteCount)
  }

  private func block(
    holding address: Address, in range: Range<Address>, _ words: inout WordCache
  ) throws(MemDumpError) -> Range<Address>? {
    // A block has the first word of the chunk behind it, too.
    guard let chunk = try chunk(holding: max(range.lowerBound, address - 8), in: range, &words) else { return nil }
    let start = chunk.lowerBound + Chunk.headerByteCount
    return start <= address ? start..<chunk.upperBound : nil
  }
}
