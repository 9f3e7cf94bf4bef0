/// What no root reaches: blocks that nothing leads to, each with all that only it reaches, and rings that only lead to
/// themselves. Graphs of one shape are one row.
///
/// A ring begins with its first block, by the address. It is found as the source components of a graph are: in the
/// reverse order in which a search in depth leaves blocks, the first one of each that nothing else leads to comes first
/// (Kosaraju's algorithm).
struct LostGraphs {
  /// What graphs of one row have in common.
  struct Shape: Hashable {
    /// The footprint of the first block, in bytes.
    var footprint: UInt64
    /// Its type; see ``HeapGraph/type(of:)``.
    var type: Int
    /// The module that most words of the graph lead to which lead to one, by its number in ``LostGraphs/modules``.
    var module: Int?
    /// The number of blocks in the graph, the first included; 0 for shapes that there was no room for.
    var blockCount: Int
  }

  /// The graphs of one shape.
  struct Group {
    var shape: Shape
    /// The number of graphs.
    var count: UInt64 = 0
    /// All of their blocks.
    var amount = HeapSummary.Sum()
    /// The first block of one of them.
    var example: Int
    /// How often words of some of the graphs lead to an address in code.
    var code: [Address: Int] = [:]
  }

  private static let mostShapes = 1 << 14
  /// How many blocks of a graph are looked at for where their words lead, and how many words of each.
  private static let (mostBlocks, mostWords) = (16, 64)
  /// Of how many graphs of a shape the words are kept, and how many of them.
  private static let (mostSampled, mostCode): (UInt64, Int) = (256, 64)

  private(set) var groups: [Group] = []
  private(set) var modules: [[UInt8]] = []
  private var numbers: [Shape: Int] = [:]
  private var moduleNumbers: [[UInt8]: Int] = [:]
  private let files: [(range: Range<Address>, module: Int, isCode: Bool)]
  /// The values that lead to a file, or between two of them.
  private let bounds: Range<UInt64>

  /// - Parameters:
  ///   - regions: the memory map.
  ///   - own: memory of the allocator, to which links of free lists lead.
  init(_ regions: [MemoryRegion], own: [Range<Address>]) {
    var (numbers, paths): ([[UInt8]: Int], [[UInt8]]) = ([:], [])
    var files: [(range: Range<Address>, module: Int, isCode: Bool)] = []
    for region in regions where region.kind == .file && region.inode != 0 {
      if numbers[region.name] == nil {
        numbers[region.name] = paths.count
        paths.append(region.name)
      }
      for range in [region.range].subtracting(own) {
        files.append((range, numbers[region.name] ?? 0, region.permissions.contains(.execute)))
      }
    }
    (self.files, modules) = (files, paths)
    let lowest = files.first?.range.lowerBound.rawValue ?? 0
    bounds = lowest..<max(lowest, files.last?.range.upperBound.rawValue ?? 0)
  }

  /// Adds a graph: the blocks of a range of `order`.
  mutating func add(
    _ range: Range<Int>, of order: borrowing LargeArray<BlockTable.Number>, in graph: borrowing HeapGraph,
    _ words: inout WordCache
  ) throws(MemDumpError) {
    guard !range.isEmpty else { return }
    let first = Int(order[range.lowerBound])
    var (counts, code): ([Int: Int], [Address: Int]) = ([:], [:])
    var hint = 0
    for place in range.prefix(Self.mostBlocks) {
      let content = graph.table.content(of: Int(order[place]))
      var rest = content.lowerBound..<min(content.upperBound, content.lowerBound + Self.mostWords)
      while !rest.isEmpty {
        let memory = graph.table.space.memory(ofFirst: rest, hint: &hint)
        try words.forEachWord(in: memory) { value in
          guard bounds.contains(value), value > 4096, let file = file(at: Address(value)) else { return }
          counts[files[file].module, default: 0] += 1
          if files[file].isCode { code[Address(value), default: 0] += 1 }
        }
        rest = rest.lowerBound + max(1, Int(memory.byteCount / 8))..<rest.upperBound
      }
    }
    let module = counts.max { ($0.value, modules[$1.key].count, $1.key) < ($1.value, modules[$0.key].count, $0.key) }?
      .key
    var shape = Shape(
      footprint: graph.footprint(of: first), type: graph.type(of: first), module: module, blockCount: range.count)
    var known = numbers[shape]
    if known == nil, groups.count >= Self.mostShapes {
      shape = Shape(footprint: 0, type: 0, module: nil, blockCount: 0)
      known = numbers[shape]
    }
    let number = known ?? groups.count
    if number == groups.count {
      numbers[shape] = number
      groups.append(Group(shape: shape, example: first))
    }
    groups[number].count += 1
    var amount = HeapSummary.Sum()
    for place in range { amount.add(1, graph.footprint(of: Int(order[place]))) }
    groups[number].amount.count &+= amount.count
    groups[number].amount.byteCount &+= amount.byteCount
    guard groups[number].count <= Self.mostSampled else { return }
    for (address, count) in code.sorted(by: { $0.key < $1.key })
    where groups[number].code[address] != nil || groups[number].code.count < Self.mostCode {
      groups[number].code[address, default: 0] += count
    }
  }

  private func file(at address: Address) -> Int? {
    let index = files.partitionIndex { $0.range.upperBound > address }
    return index < files.count && files[index].range.contains(address) ? index : nil
  }
}

extension HeapMark {
  /// Marks what no root reached, and rolls it up.
  mutating func markLost(into lost: inout LostGraphs) throws(MemDumpError) {
    guard let root = node(of: .nobody) else { return }
    let isLedTo = try blocksThatAnyLeadsTo()
    for block in holders.indices where holders[block] == Self.none && !isLedTo.contains(block) {
      try explore(block, from: root, into: &lost)
      if control.isStopped { return }
    }
    for block in try blocksOfRings() where holders[Int(block)] == Self.none {
      try explore(Int(block), from: root, into: &lost)
      if control.isStopped { return }
    }
  }

  /// Takes a block, and all that it reaches and no root or earlier block did.
  private mutating func explore(
    _ block: Int, from root: HolderTree.Node, into lost: inout LostGraphs
  ) throws(MemDumpError) {
    let start = order.count
    take(block, from: root)
    var next = start
    while next < order.count {
      let holder = Int(order[next])
      try forEachEdge(of: holder) { mark, edge in
        if mark.holders[edge.block] == Self.none { mark.take(edge.block, from: mark.holders[holder]) }
      }
      next += 1
    }
    try lost.add(start..<order.count, of: order, in: graph, &words)
  }

  /// The blocks to which others lead that no root reached.
  private mutating func blocksThatAnyLeadsTo() throws(MemDumpError) -> Bits {
    var isLedTo = Bits(count: holders.count)
    for block in holders.indices where holders[block] == Self.none {
      try forEachEdge(of: block) { _, edge in isLedTo.insert(edge.block) }
      if control.isStopped { break }
    }
    return isLedTo
  }

  /// The blocks that are left, those first that lead to others and not the other way round.
  private mutating func blocksOfRings() throws(MemDumpError) -> [BlockTable.Number] {
    var seen = Bits(count: holders.count)
    var left: [BlockTable.Number] = []
    var open: [(block: BlockTable.Number, next: UInt32)] = []
    for start in holders.indices where holders[start] == Self.none && !seen.contains(start) {
      seen.insert(start)
      open.append((BlockTable.Number(truncatingIfNeeded: start), 0))
      while let last = open.last, !control.isStopped {
        guard let edge = try edge(Int(last.next), of: Int(last.block)) else {
          left.append(last.block)
          open.removeLast()
          continue
        }
        open[open.count - 1].next += 1
        guard holders[edge.block] == Self.none, !seen.contains(edge.block) else { continue }
        seen.insert(edge.block)
        open.append((BlockTable.Number(truncatingIfNeeded: edge.block), 0))
      }
    }
    return left.reversed()
  }
}
