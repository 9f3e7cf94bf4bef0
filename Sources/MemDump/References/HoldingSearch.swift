/// A search for what holds all blocks of the heaps, in a look at a process, a core or a dump: all of them, and not a sample.
///
/// It goes over the heaps once, and over the rest of the memory that the process wrote twice. Beside the maps of the heaps it
/// takes 26 bytes for each block and 4 for each pointer between two blocks, up to 512 MiB of these.
public struct HoldingSearch: ~Copyable {
  private let source: any MemorySource
  private let process: TargetProcess?
  private let heaps: Heaps
  private let registers: [ThreadRegisters]
  private let control: WorkControl
  private let map: PlaceMap
  private var symbols: [Int: ModuleSymbols] = [:]
  private var names: ModuleNames
  private let allowance = SymbolAllowance()

  /// The paths of modules whose file on this machine is of another build, so that its names were not used.
  public private(set) var otherBuilds: [[UInt8]] = []
  /// The files of modules, or of their debug information, of which something could not be read: names may be missing.
  public var unreadFiles: [[UInt8]] { allowance.unread }

  /// The classes whose content is told from a sample.
  private static let sampledClasses = 64

  /// Prepares the search; see ``ReferenceSearch/init(_:heaps:registers:process:control:)``.
  public init(
    _ source: any MemorySource, heaps: Heaps, registers: [ThreadRegisters]? = nil, process: TargetProcess? = nil,
    control: WorkControl = WorkControl()
  ) {
    (self.source, self.heaps, self.process, self.control) = (source, heaps, process, control)
    self.registers = registers ?? source.registers ?? []
    map = PlaceMap(source.regions, heaps, self.registers) {
      ModuleSymbols.end(of: $0, process: process, source: source)
    }
    names = ModuleNames(source, process: process)
  }

  /// Looks for the holders.
  public mutating func run() throws(MemDumpError) -> HeapHoldings {
    var words = try WordCache(source)
    let table = try BlockTable.numbering(heaps, &words, control)
    let omittedCount = table.omittedCount
    var mark = try HeapMark(try HeapGraph.gathering(table, heaps, source, control), source, control)
    let written = OwnWriting.privateMemory.ranges(in: source.regions)
    let present = try PresentMemory(
      of: source, in: written.isEmpty ? source.regions.map(\.range) : written, step: 1 << 20)
    let roots = HeapRoots(map, written: present.ranges.union(), heaps, registers)
    try mark.mark(from: roots) { stretch, place in root(of: stretch, place) }
    var lost = LostGraphs(source.regions, own: heaps.ownRanges)
    try mark.markLost(into: &lost)
    var holdings = try holdings(mark, lost)
    (holdings.omittedCount, holdings.hasStacks) = (omittedCount, !registers.isEmpty)
    return holdings
  }

  /// What a word outside the heap is.
  private mutating func root(of stretch: HeapRoots.Piece, _ place: Address) -> HeapMark.Root {
    switch stretch.kind {
    case .variable:
      let number = stretch.module ?? 0
      let module = map.modules[number]
      if symbols[number] == nil {
        let found = ModuleSymbols(of: module, process: process, source: source, allowance)
        if found.isOtherBuild { otherBuilds.append(module.path) }
        symbols[number] = found
      }
      if let (name, _) = symbols[number]?.name(of: place) { return .variable(module: number, symbol: name) }
      return .place(module: number, offset: place - module.start)
    case .threadLocal: return stretch.thread.map { .threadLocal($0) } ?? .pool([])
    case .goroutines: return .goroutines
    case .stack: return stretch.thread.map { .stack($0) } ?? .pool([])
    case .registers: return stretch.thread.map { .registers($0) } ?? .pool([])
    case .pool: return .pool(source.regions.index(holding: place).map { source.regions[$0].name } ?? [])
    }
  }

  private mutating func holdings(
    _ mark: borrowing HeapMark, _ lost: LostGraphs
  ) throws(MemDumpError) -> HeapHoldings {
    var holdings = HeapHoldings()
    let contents = try contents()
    let types = mark.graph.typeAddresses.map { $0 == Address(0) ? nil : name(of: $0) }
    var rows = mark.roots.map { row(of: $0) }
    var parts = rows.map { _ in [HolderTree.Subject: HeapSummary.Sum]() }
    let roots = mark.tree.roots
    var frames: [[Profile.Frame]] = []
    for (node, step) in mark.tree.steps.enumerated() {
      guard case .root(let number) = mark.tree.steps[Int(roots[node])].subject else { continue }
      switch step.subject {
      case .root:
        frames.append([
          Profile.Frame(rows[number].kind == .nobody ? "held by nobody that was found" : rows[number].title)
        ])
      case .blocks(let footprint, let type):
        let content = contents[footprint].flatMap { $0.count == $0.total ? $0.title : nil }
        let rest = (types[type] ?? content).map { ", \($0)" } ?? ""
        frames.append(frames[Int(step.parent)] + [Profile.Frame("\(footprint) bytes\(rest)")])
        rows[number].amount.count &+= step.amount.count
        rows[number].amount.byteCount &+= step.amount.byteCount
        if let example = step.example, rows[number].example == Address(0) {
          rows[number].example = mark.graph.table.address(of: Int(example))
        }
        parts[number][step.subject, default: .init()].count &+= step.amount.count
        parts[number][step.subject, default: .init()].byteCount &+= step.amount.byteCount
        add(step, frames[node], rows[number].kind, types[type], contents[footprint], to: &holdings.profile)
      }
    }
    for number in rows.indices { rows[number].parts = Self.largest(parts[number], types) }
    for row in rows {
      holdings.total.count &+= row.amount.count
      holdings.total.byteCount &+= row.amount.byteCount
      if row.kind == .nobody { holdings.unheld = row.amount }
    }
    holdings.rows = rows.filter { $0.kind != .nobody && $0.amount.count > 0 }.sorted {
      ($1.amount.byteCount, $1.amount.count, $0.title) < ($0.amount.byteCount, $0.amount.count, $1.title)
    }
    holdings.lost = lost.groups.map { row(of: $0, lost, types, mark.graph.table) }.sorted {
      ($1.amount.byteCount, $0.example) < ($0.amount.byteCount, $1.example)
    }
    holdings.isCut = mark.tree.isCut
    return holdings
  }

  /// What the blocks of a size have in common. Of a size that several heaps have, that is not told.
  private func contents() throws(MemDumpError) -> [UInt64: ContentSample] {
    var contents: [UInt64: ContentSample] = [:]
    let owners = Dictionary(heaps.all.flatMap { $0.classes.map { ($0.footprint, 1) } }, uniquingKeysWith: +)
    for heap in heaps.all {
      let samples = try heap.samples(in: source, limit: Self.sampledClasses, process: process)
      for (row, sample) in zip(heap.classes, samples) where owners[row.footprint] == 1 {
        contents[row.footprint] = sample
      }
    }
    return contents
  }

  private func add(
    _ step: HolderTree.Step, _ frames: [Profile.Frame], _ kind: HeapHoldings.Kind, _ type: String?,
    _ content: ContentSample?, to profile: inout Profile
  ) {
    guard step.amount.count > 0, case .blocks(let footprint, _) = step.subject else { return }
    var labels = [
      Profile.Label("class", .number(footprint, unit: "bytes")), Profile.Label("holder", .text(kind.rawValue)),
    ]
    if let type {
      labels.append(Profile.Label("content", .text("pointer to \(type)")))
    } else if let content {
      labels.append(Profile.Label("content", .text(content.title)))
      labels.append(Profile.Label("content_sampled", .text("\(content.count) of \(content.total)")))
    }
    profile.add(frames, [step.amount.count, step.amount.byteCount], labels: labels)
  }

  private static func largest(_ parts: [HolderTree.Subject: HeapSummary.Sum], _ types: [String?]) -> [HeapHoldings.Part]
  {
    let all = parts.compactMap { subject, amount -> HeapHoldings.Part? in
      guard case .blocks(let footprint, let type) = subject else { return nil }
      return HeapHoldings.Part(footprint: footprint, beginning: types[type], amount: amount)
    }
    return Array(
      all.sorted {
        ($1.amount.byteCount, $0.footprint, $0.beginning ?? "") < (
          $0.amount.byteCount, $1.footprint, $1.beginning ?? ""
        )
      }.prefix(HeapHoldings.mostParts))
  }

  private func row(of root: HeapMark.Root) -> HeapHoldings.Row {
    switch root {
    case .variable(let module, let symbol):
      return HeapHoldings.Row(kind: .variable, module: map.modules[module].path, symbol: symbol)
    case .place(let module, let offset):
      return HeapHoldings.Row(kind: .variable, module: map.modules[module].path, offset: offset)
    case .threadLocal(let thread): return HeapHoldings.Row(kind: .threadLocal, thread: thread)
    case .pool(let name): return HeapHoldings.Row(kind: .pool, mapping: name)
    case .registers(let thread): return HeapHoldings.Row(kind: .registers, thread: thread)
    case .stack(let thread): return HeapHoldings.Row(kind: .stack, thread: thread)
    case .goroutines: return HeapHoldings.Row(kind: .goroutines)
    case .nobody: return HeapHoldings.Row(kind: .nobody)
    }
  }

  private mutating func row(
    of group: LostGraphs.Group, _ lost: LostGraphs, _ types: [String?], _ table: borrowing BlockTable
  ) -> HeapHoldings.LostRow {
    var functions: [String: Int] = [:]
    for (address, count) in group.code {
      // The middle of a function is where a call returns to, and no table of functions.
      guard let (file, symbol, offset) = names.symbol(of: address), offset == 0 else { continue }
      functions["\(EscapedText(file)):\(SymbolName(symbol))", default: 0] += count
    }
    return HeapHoldings.LostRow(
      count: group.count, blockCount: group.shape.blockCount, amount: group.amount, footprint: group.shape.footprint,
      beginning: types[group.shape.type], module: group.shape.module.map { lost.modules[$0] },
      functions: functions.map { ($0.key, $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) },
      example: table.address(of: group.example))
  }

  /// The name of an address in a mapped file, safe to print.
  private mutating func name(of address: Address) -> String {
    if let name = names.name(of: address) { return name.readable ?? name.text }
    guard let index = source.regions.index(holding: address) else { return address.description }
    let region = source.regions[index]
    return "\(EscapedText(region.fileName))+\(Address(region.fileOffset &+ (address - region.range.lowerBound)))"
  }
}
