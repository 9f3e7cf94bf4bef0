/// Where the memory of a process is: every mapped byte in one category, in sums that are those of the kernel.
public struct ProcessFootprint: Sendable {
  /// What to look at, and how.
  public struct Options: Sendable {
    /// Whether heaps are walked, so that it is known what of them is in use.
    public var walksHeaps = true
    /// The mode of the look at heaps; nil to choose one.
    public var mode: LookMode? = .live
    /// In the modes stop and snapshot, how long the process may stand still.
    public var budget = Duration.milliseconds(500)
    /// Whether the mappings of each row are kept.
    public var keepsMappings = false
    /// Whether to keep which parts of shared memory a process has, for a ``GroupFootprint``.
    public var keepsShared = false
    /// The allocators whose heaps the process may have.
    public var allocators: [any Allocator] = Allocators.all

    /// The standard: heaps are walked while the process runs.
    public init() {}
  }

  /// Shared memory, which several processes may have mapped.
  struct SharedObject: Hashable {
    var device: UInt64
    var inode: UInt64
    var name: [UInt8]
  }

  /// The process; nil of a core.
  public let process: ProcessLabel?
  /// The rows: a use each, those of most resident memory first.
  public let rows: [FootprintRow]
  /// The amount of all rows together.
  public let total: MemoryAmount
  /// The sums by the kernel's own word right after the map was read; nil where it has none, and of a core.
  public let kernelSum: MemoryAmount?
  /// The page tables, in bytes, which are no part of the resident memory; nil where that is not known.
  public let pageTables: UInt64?
  /// The memory in huge pages, in bytes.
  public let hugePages: UInt64
  /// The accounts of heaps that were walked.
  public let accounts: [HeapAccount]
  /// The allocators whose heaps were not walked.
  public let others: [AllocatorRecognition]
  /// Whether heaps were walked.
  public let walksHeaps: Bool
  /// How the process was looked at; nil without a walk, and of a core.
  public let proof: LookProof?
  /// The resident pages of shared memory, by their place in it.
  let shared: [SharedObject: [Range<Address>]]

  /// The resident bytes by which the kernel's sum differs from that of the rows: what the process did in between.
  public var difference: Int {
    kernelSum.map { Int(truncatingIfNeeded: $0.resident) - Int(truncatingIfNeeded: total.resident) } ?? 0
  }

  /// The amount of a category.
  public func amount(of category: FootprintCategory) -> MemoryAmount {
    rows.reduce(into: MemoryAmount()) { if $1.use.category == category { $0 += $1.amount } }
  }

  /// Looks at a process.
  ///
  /// - Parameters:
  ///   - target: the process.
  ///   - options: what to look at.
  ///   - variables: what is known of modules, which are the same in many processes.
  ///   - control: may end the walk of heaps.
  public init(
    of target: TargetProcess, _ options: Options = Options(), known variables: KnownModules = KnownModules(),
    control: WorkControl = WorkControl()
  ) throws(MemDumpError) {
    if let problem = target.problem { throw problem }
    let regions = try target.regions(usage: true)
    let kernel = target.usageSum()
    let status = try target.status()
    let look = try options.walksHeaps ? Self.look(at: target, regions, options) : nil
    let source: any MemorySource = if let look { look.source } else { try LiveMemory(target, regions: regions) }
    let pages = try ResidentPages(of: source, process: target)
    let threads = Set((try? target.threads()) ?? [])
    let stacks = try ThreadStacks(
      regions, pointers: threads.compactMap { target.stackPointer(ofWaiting: $0) }, threads: threads,
      regions.areNarrow ? nil : WordCache(source, .jumps))
    let found = try Found(
      in: source, process: target, options, walksHeaps: options.walksHeaps && !regions.areNarrow, pages, control)
    var uses = found.uses
    uses.claim(stacks.ranges, for: FootprintUse(.stack, part: "threads"))
    uses.claim(stacks.kept, for: FootprintUse(.stack, part: "kept for threads to come"))
    let zeros = variables.list.ranges(in: regions, heap: found.heapRanges, process: target, source: source)
    uses.claim(zeros, for: FootprintUse(.program, part: "variables"))
    try Self.claimLanguages(in: source, process: target, found.others, &uses)
    var table = FootprintTable(uses, MappingUse(regions), pages, keepsMappings: options.keepsMappings)
    for region in regions { try table.add(region) }
    // A map of one that ends meanwhile is cut short without a word.
    try target.checkIdentity()
    process = target.label
    (rows, total) = (Self.ordered(table), table.total)
    kernelSum = kernel.map { MemoryAmount(virtual: table.total.virtual, usage: $0) }
    pageTables = status.footprint?.pageTables
    hugePages = regions.reduce(0) { $0 &+ ($1.usage?.anonymousHuge ?? 0) }
    (accounts, others, walksHeaps) = (found.accounts, found.others, options.walksHeaps)
    proof = try look?.end()
    shared = try options.keepsShared ? Self.shared(regions, pages) : [:]
  }

  /// Looks at a core or a dump, with what it has: how much of each mapping it holds.
  ///
  /// - Parameters:
  ///   - source: the core.
  ///   - options: what to look at.
  ///   - control: may end the walk of heaps.
  public init(
    of source: any MemorySource, _ options: Options = Options(), control: WorkControl = WorkControl()
  ) throws(MemDumpError) {
    let pages = try ResidentPages(of: source, process: nil)
    var regions = source.regions
    for index in regions.indices where regions[index].usage == nil {
      let (resident, swapped) = try pages.byteCounts(in: regions[index].range)
      var usage = MemoryRegion.Usage()
      (usage.resident, usage.swap) = (resident, swapped)
      regions[index].usage = usage
    }
    let found = try Found(in: source, process: nil, options, walksHeaps: options.walksHeaps, pages, control)
    var uses = found.uses
    let stacks = (source.registers ?? []).compactMap(\.stackPointer).compactMap { pointer in
      regions.index(holding: pointer).flatMap { regions[$0].kind == .anonymous ? regions[$0].range : nil }
    }
    uses.claim(stacks, for: FootprintUse(.stack, part: "threads"))
    let zeros = ModuleVariables().ranges(in: regions, heap: found.heapRanges, process: nil, source: source)
    uses.claim(zeros, for: FootprintUse(.program, part: "variables"))
    try Self.claimLanguages(in: source, process: nil, found.others, &uses)
    var table = FootprintTable(uses, MappingUse(regions), pages, keepsMappings: options.keepsMappings)
    for region in regions { try table.add(region) }
    (process, kernelSum, pageTables, proof) = (nil, nil, nil, nil)
    (rows, total, hugePages, shared) = (Self.ordered(table), table.total, 0, [:])
    (accounts, others, walksHeaps) = (found.accounts, found.others, options.walksHeaps)
  }

  /// What a walk over the heaps found.
  private struct Found {
    var accounts: [HeapAccount] = []
    var others: [AllocatorRecognition] = []
    var uses = UseMap()
    /// The memory of all heaps.
    var heapRanges: [Range<Address>] { accounts.flatMap(\.ranges).union() }

    init(
      in source: any MemorySource, process: TargetProcess?, _ options: Options, walksHeaps: Bool,
      _ pages: ResidentPages, _ control: WorkControl
    ) throws(MemDumpError) {
      guard walksHeaps else { return }
      let heaps = try HeapWalk(source, allocators: options.allocators, control: control).run()
      others = try Allocators.others(than: heaps, in: source, process: process, among: options.allocators)
      var environment: AllocatorEnvironment?
      if let process { environment = try AllocatorEnvironment(of: process, in: source) }
      for heap in heaps.all {
        var account = try HeapAccount(heap, pages, ZeroPages(source))
        if let environment { account.environment = environment.settings(of: heap.allocator) }
        accounts.append(account)
        uses.claim(account.ranges, for: FootprintUse(.heap, of: account.allocator.title))
        uses.claim(heap.stackRanges, for: FootprintUse(.stack, part: "goroutines"))
      }
    }
  }

  private static func look(
    at target: TargetProcess, _ regions: [MemoryRegion], _ options: Options
  ) throws(MemDumpError) -> ProcessLook {
    if options.mode == .live {
      return try ProcessLook(target, mode: .live, budget: options.budget, map: regions)
    }
    return try ProcessLook.atHeap(
      of: target, mode: options.mode, budget: options.budget, allocators: options.allocators)
  }

  /// Claims the heaps of languages that are known by their shape.
  private static func claimLanguages(
    in source: any MemorySource, process: TargetProcess?, _ others: [AllocatorRecognition], _ uses: inout UseMap
  ) throws(MemDumpError) {
    for heap in try LanguageHeap.found(in: source, process: process, others) {
      uses.claim(heap.ranges, for: FootprintUse(.language, of: heap.language, part: heap.part))
    }
  }

  private static func ordered(_ table: FootprintTable) -> [FootprintRow] {
    table.rows.values.sorted {
      ($1.amount.resident, $1.amount.virtual, $0.use.category.name, $0.use.part ?? "") < (
        $0.amount.resident, $0.amount.virtual, $1.use.category.name, $1.use.part ?? ""
      )
    }
  }

  private static func shared(
    _ regions: [MemoryRegion], _ pages: ResidentPages
  ) throws(MemDumpError) -> [SharedObject: [Range<Address>]] {
    var shared: [SharedObject: [Range<Address>]] = [:]
    for region in regions where region.kind == .shared && region.usage?.resident ?? 0 > 0 {
      let object = SharedObject(device: region.deviceNumber, inode: region.inode, name: region.name)
      var ranges = shared[object] ?? []
      try pages.forEachRun(in: region.range) { (run) throws(MemDumpError) in
        guard run.content == .resident else { return }
        let place = Address(region.fileOffset) + (run.range.lowerBound - region.range.lowerBound)
        ranges.join(Range(start: place, byteCount: run.range.byteCount))
      }
      shared[object] = ranges
    }
    return shared
  }
}

/// What is known of programs and libraries, which many processes have the same of. Safe to use from several threads.
public final class KnownModules: Sendable {
  let list = ModuleVariables()

  /// Knows nothing yet.
  public init() {}
}
