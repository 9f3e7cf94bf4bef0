/// A map of the places in a process's memory where a way back from a block may end, or go on.
struct PlaceMap: Sendable {
  /// What a place is.
  enum PlaceUse: Hashable, Sendable {
    /// A variable of a module, by its number in ``PlaceMap/modules``.
    case variable(Int)
    /// The stack of a thread.
    case stack(ThreadID)
    /// The thread-local variables of a thread.
    case threadLocal(ThreadID)
    /// A block in use, by the addresses that pointers to the block lead to; see ``HeapBlock/targets``.
    case block(Range<Address>)
    /// Memory outside the heap, such as a pool of the program's own, whose blocks are not known.
    case memory(Range<Address>)
  }

  /// The largest distance, in bytes, from where a pointer leads to a place outside the heap, in a block of unknown
  /// size: no block of Python's own allocator is larger.
  private static let unknownBlockByteCount: UInt64 = 512

  /// The modules of the process.
  let modules: [Module]
  private let threads: ThreadPlaces
  /// The memory of variables, in order, each with the number of its module.
  let variables: [(range: Range<Address>, module: Int)]
  private let heap: [Range<Address>]
  private let blocks: BlockMap
  private let layout: (any BlockLayout)?
  private let regions: [MemoryRegion]

  /// - Parameters:
  ///   - heap: the heap; nil where none was walked.
  ///   - end: tells where the memory of a module ends; see ``Module/all(in:heap:end:)``.
  init(
    _ regions: [MemoryRegion], _ heap: HeapSummary?, _ registers: [ThreadRegisters], end: (Module) -> Address?
  ) {
    let ranges = heap?.ranges ?? []
    modules = Module.all(in: regions, heap: ranges, end: end)
    threads = ThreadPlaces(registers, regions)
    variables = modules.enumerated().flatMap { index, module in module.variables.map { (range: $0, module: index) } }
      .sorted { $0.range.lowerBound < $1.range.lowerBound }
    (self.heap, blocks, layout, self.regions) = (ranges, heap?.blocks ?? BlockMap(), heap?.layout, regions)
  }

  /// The memory of threads, in order.
  var threadPlaces: [(range: Range<Address>, use: ThreadPlaces.Use)] { threads.places }

  /// The mappings of stacks that the map tells.
  var stackRegions: [Range<Address>] { regions.filter { $0.kind == .stack }.map(\.range) }

  /// The memory where ways end: variables, stacks and thread-local variables.
  var roots: [Range<Address>] { (variables.map(\.range) + threads.places.map(\.range)).union() }

  /// What a place is; nil where nothing that is there holds anything: free memory, what an allocator keeps beside blocks, what calls left over.
  func place(of address: Address, _ words: inout WordCache) throws(MemDumpError) -> PlaceUse? {
    if heap.index(holding: address) != nil { return try block(using: address, &words).map { .block($0.targets) } }
    if let use = threads.use(of: address) {
      switch use {
      case .stack(let thread): return .stack(thread)
      case .threadLocal(let thread): return .threadLocal(thread)
      case .leftOver: return nil
      }
    }
    if let module = module(withVariableAt: address) { return .variable(module) }
    guard let region = regions.index(holding: address), regions[region].kind != .stack else { return nil }
    let start = max(regions[region].range.lowerBound, address - Self.unknownBlockByteCount)
    return .memory(start..<address + 8)
  }

  /// Whether an address is that of a variable of a module.
  func isVariable(_ address: Address) -> Bool {
    module(withVariableAt: address) != nil && heap.index(holding: address) == nil && threads.use(of: address) == nil
  }

  private func module(withVariableAt address: Address) -> Int? {
    let index = variables.partitionIndex { $0.range.upperBound > address }
    return index < variables.count && variables[index].range.contains(address) ? variables[index].module : nil
  }

  /// The block in use whose footprint holds an address.
  func block(holding address: Address, _ words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    guard let index = heap.index(holding: address) else { return nil }
    let range = heap[index]
    if let block = try wholeBlock(of: range, &words), block.footprint.contains(address) { return block }
    let block = try lastBlock(upTo: address, in: range, &words)
    return block.flatMap { $0.footprint.contains(address) ? $0 : nil }
  }

  /// The block in use whose content holds an address.
  func block(using address: Address, _ words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    guard let index = heap.index(holding: address) else { return nil }
    return try block(using: address, in: heap[index], &words)
  }

  private func block(
    using address: Address, in range: Range<Address>, _ words: inout WordCache
  ) throws(MemDumpError) -> HeapBlock? {
    if let block = try wholeBlock(of: range, &words), block.content.contains(address) { return block }
    guard let last = try lastBlock(upTo: address, in: range, &words) else { return nil }
    if last.content.contains(address) { return last }
    // The content of a block can end in the footprint of the next one, before the content of that begins.
    guard address < last.address, last.footprint.lowerBound > range.lowerBound,
      let before = try lastBlock(upTo: last.footprint.lowerBound - 1, in: range, &words)
    else { return nil }
    return before.content.contains(address) ? before : nil
  }

  /// The block that begins where a range of the heap does: mostly one with a mapping of its own, which can be large.
  private func wholeBlock(
    of range: Range<Address>, _ words: inout WordCache
  ) throws(MemDumpError) -> HeapBlock? {
    blocks.contains(range.lowerBound) ? try block(at: range.lowerBound, in: range, &words) : nil
  }

  private func lastBlock(
    upTo address: Address, in range: Range<Address>, _ words: inout WordCache
  ) throws(MemDumpError) -> HeapBlock? {
    guard let start = blocks.last(upTo: address, from: range.lowerBound) else { return nil }
    return try block(at: start, in: range, &words)
  }

  private func block(
    at start: Address, in range: Range<Address>, _ words: inout WordCache
  ) throws(MemDumpError) -> HeapBlock? {
    guard let block = try layout?.block(at: start, in: &words), block.footprint.upperBound <= range.upperBound else {
      return nil
    }
    return block
  }
}
