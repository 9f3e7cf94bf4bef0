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
    /// What goroutines hold blocks with; see ``HeapRecord/goroutineRanges``.
    case goroutines
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
  private let heaps: Heaps
  /// The memory whose words hold nothing, in order: what allocators and runtimes note of blocks, what calls left over.
  let unusedRanges: [Range<Address>]
  private let regions: [MemoryRegion]

  /// - Parameters:
  ///   - heaps: the heaps that were walked.
  ///   - end: tells where the memory of a module ends; see ``Module/all(in:heap:end:)``.
  init(
    _ regions: [MemoryRegion], _ heaps: Heaps, _ registers: [ThreadRegisters], end: (Module) -> Address?
  ) {
    modules = Module.all(in: regions, heap: heaps.ranges, end: end)
    let variables = modules.enumerated().flatMap { index, module in module.variables.map { (range: $0, module: index) }
    }
    .sorted { $0.range.lowerBound < $1.range.lowerBound }
    let others = (variables.map(\.range) + heaps.ranges + heaps.all.flatMap(\.stackRanges)).union()
    threads = ThreadPlaces(registers, regions, besides: others)
    self.variables = variables
    let leftOver = threads.places.filter { $0.use == .leftOver }.map(\.range)
    unusedRanges = (heaps.ownRanges + heaps.noteRanges + leftOver).union()
    (self.heaps, self.regions) = (heaps, regions)
  }

  /// The memory of threads, in order.
  var threadPlaces: [(range: Range<Address>, use: ThreadPlaces.Use)] { threads.places }

  /// The mappings of stacks that the map tells.
  var stackRegions: [Range<Address>] { regions.filter { $0.kind == .stack }.map(\.range) }

  /// The memory where ways end: variables, stacks and thread-local variables.
  var roots: [Range<Address>] { (variables.map(\.range) + threads.places.map(\.range)).union() }

  /// What a place is; nil where nothing that is there holds anything: free memory, what an allocator keeps beside blocks, what calls left over.
  func place(of address: Address, _ words: inout WordCache) throws(MemDumpError) -> PlaceUse? {
    if heaps.goroutineRanges.index(holding: address) != nil { return .goroutines }
    if unusedRanges.index(holding: address) != nil { return nil }
    if heaps.ranges.index(holding: address) != nil {
      return try block(using: address, &words).map { .block($0.targets) }
    }
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
    module(withVariableAt: address) != nil && heaps.ranges.index(holding: address) == nil
      && threads.use(of: address) == nil
      && heaps.ownRanges.index(holding: address) == nil
  }

  private func module(withVariableAt address: Address) -> Int? {
    let index = variables.partitionIndex { $0.range.upperBound > address }
    return index < variables.count && variables[index].range.contains(address) ? variables[index].module : nil
  }

  /// The block in use whose footprint holds an address.
  func block(holding address: Address, _ words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    try heaps.block(holding: address, &words)
  }

  /// The block in use whose content holds an address.
  func block(using address: Address, _ words: inout WordCache) throws(MemDumpError) -> HeapBlock? {
    try heaps.block(using: address, &words)
  }
}
