/// A mark of a heap, from its roots on: every block gets one holder, the same one in each run over the same memory.
///
/// Of several ways to a block, that counts which stands first in this order of evidence:
///
/// 1. the way with the fewest words that lead into the middle of a block. Exact is a word that leads to the start of a block,
///    or to the one place behind it to which many lead in blocks of that size, as behind a header;
/// 2. of those the way from a variable of a module, before thread-local variables, memory outside the heap (as pools that a
///    program maps itself), registers, goroutines, and stacks of threads from
///    their stack pointers on;
/// 3. of those the shortest;
/// 4. of those the one from the first root: by the path of the module and the address in it, by the number of the thread, or by
///    the address; and of one root the way whose words come first.
///
/// Only what is alive counts as a word at all: not free blocks, headers and what lies behind a block's content, not what
/// the allocator keeps for itself, not stacks below their stack pointers.
///
/// Each block is visited once, each pointer looked at twice at most. That takes 6 bytes for each block beside the graph.
struct HeapMark: ~Copyable {
  /// What holds blocks, by its kind.
  enum Root: Hashable, Sendable {
    /// A variable, by the number of its module and the name of its symbol.
    case variable(module: Int, symbol: [UInt8])
    /// A place in a module that no symbol names, by its offset in bytes.
    case place(module: Int, offset: UInt64)
    case threadLocal(ThreadID)
    /// Memory outside the heap, by the name of the mapping.
    case pool([UInt8])
    case registers(ThreadID)
    case stack(ThreadID)
    case goroutines
    /// Nothing that was found.
    case nobody
  }

  static let none: HolderTree.Node = -1
  /// How many blocks are looked at together.
  private static let mostTogether = 64
  /// Pieces of memory that lie closer to each other, in bytes, are read as one.
  private static let nearByteCount: UInt64 = 4096

  let graph: HeapGraph
  private(set) var tree = HolderTree()
  private(set) var roots: [Root] = []
  /// The step at which each block counts; ``none`` for those that were not reached.
  private(set) var holders: LargeArray<HolderTree.Node>
  /// The blocks in the order in which they were reached.
  private(set) var order: LargeArray<BlockTable.Number>
  private var head = 0
  private var lastRead: (block: Int, edges: [HeapGraph.Edge]) = (-1, [])
  private var rootNodes: [Root: HolderTree.Node] = [:]
  var words: WordCache
  let source: any MemorySource
  let control: WorkControl

  /// The most places of a module without a symbol that are told apart; of more, those of a page are one.
  private static let mostPlaces = 64
  private var placeCounts: [Int: Int] = [:]

  init(_ graph: consuming HeapGraph, _ source: any MemorySource, _ control: WorkControl) throws(MemDumpError) {
    let holders = try LargeArray<HolderTree.Node>.ofOurs(graph.table.count, repeating: Self.none)
    let order = try LargeArray<BlockTable.Number>.ofOurs(graph.table.count)
    let words = try WordCache(source, .hops)
    self.holders = holders
    self.order = order
    self.words = words
    self.graph = graph
    (self.source, self.control) = (source, control)
  }

  /// Marks all that the roots reach.
  ///
  /// - Parameter name: the root that a place of a stretch is.
  mutating func mark(
    from all: HeapRoots, _ name: (HeapRoots.Piece, Address) -> Root
  ) throws(MemDumpError) {
    let kinds = HeapRoots.Kind.allCases
    var slices = kinds.map { _ in 0..<0 }
    for isExact in [true, false] {
      for (index, kind) in kinds.enumerated() {
        let start = order.count
        try markRoots(all, kind, isExact: isExact, name)
        if !isExact { try goOn(from: slices[index], isExact: false) }
        try drain()
        slices[index] = start..<order.count
      }
    }
    while slices.contains(where: { !$0.isEmpty }), !control.isStopped {
      for index in slices.indices {
        let start = order.count
        try goOn(from: slices[index], isExact: false)
        try drain()
        slices[index] = start..<order.count
      }
    }
  }

  private mutating func markRoots(
    _ all: HeapRoots, _ kind: HeapRoots.Kind, isExact: Bool, _ name: (HeapRoots.Piece, Address) -> Root
  ) throws(MemDumpError) {
    var hint = 0
    if kind == .registers {
      for (thread, words) in all.registers {
        for word in words { mark(word, isExact, &hint) { .registers(thread) } }
      }
      return
    }
    let bounds = graph.bounds
    if kind == .goroutines {
      var words = AscendingRanges(all.goroutines)
      let near = words.joined(within: Self.nearByteCount)
      try WordSpace.forEachWord(of: source, in: near, within: bounds, control) { value, place in
        if words.contains(place) { mark(value, isExact, &hint) { .goroutines } }
      }
      return
    }
    for stretch in all.stretches where stretch.kind == kind {
      try WordSpace.forEachWord(of: source, in: [stretch.range], within: bounds, control) { value, place in
        mark(value, isExact, &hint) { name(stretch, place) }
      }
    }
  }

  /// Marks the block that the word of a root leads to, where it does so as it has to.
  private mutating func mark(_ value: UInt64, _ isExact: Bool, _ hint: inout Int, _ root: () -> Root) {
    guard let edge = graph.edge(to: value, &hint), holders[edge.block] == Self.none, graph.isExact(edge) == isExact,
      let node = node(of: root())
    else { return }
    take(edge.block, from: node)
  }

  /// The step of a root.
  mutating func node(of root: Root) -> HolderTree.Node? {
    var root = root
    if case .place(let module, let offset) = root, rootNodes[root] == nil {
      if placeCounts[module, default: 0] >= Self.mostPlaces {
        root = .place(module: module, offset: offset & ~(pageSize - 1))
      }
      if rootNodes[root] == nil { placeCounts[module, default: 0] += 1 }
    }
    if let node = rootNodes[root] { return node }
    guard let node = tree.addRoot(roots.count) else { return nil }
    roots.append(root)
    rootNodes[root] = node
    return node
  }

  /// Counts a block as held by a step.
  @inline(__always)
  mutating func take(_ block: Int, from parent: HolderTree.Node) {
    let footprint = graph.footprint(of: block)
    let node = tree.step(from: parent, footprint: footprint, type: graph.type(of: block))
    holders[block] = node
    let number = BlockTable.Number(truncatingIfNeeded: block)
    tree.add(number, footprint, to: node)
    order.append(number)
  }

  /// Follows the exact pointers of all blocks that were reached and not looked at, and of those that are reached so.
  private mutating func drain() throws(MemDumpError) {
    while head < order.count, !control.isStopped {
      let some = head..<min(order.count, head + Self.mostTogether)
      try follow(some, isExact: true)
      head = some.upperBound
    }
  }

  /// Follows the pointers of blocks, by their place in the order: those that are exact, or those that are not.
  private mutating func goOn(from slice: Range<Int>, isExact: Bool) throws(MemDumpError) {
    var place = slice.lowerBound
    while place < slice.upperBound, !control.isStopped {
      let some = place..<min(slice.upperBound, place + Self.mostTogether)
      try follow(some, isExact: isExact)
      place = some.upperBound
    }
  }

  /// Follows the pointers of a few blocks, as if of one after the other. What each look at memory waits for is asked for before,
  /// for all of them.
  private mutating func follow(_ places: Range<Int>, isExact: Bool) throws(MemDumpError) {
    for place in places {
      let block = Int(order[place])
      graph.prepare(block: block)
      ScanKernel.prefetch(holders, at: block)
    }
    for place in places {
      if let range = graph.stored(of: Int(order[place])) { graph.prepare(storedAt: range.lowerBound) }
    }
    var batch = EdgeBatch()
    for place in places {
      let block = Int(order[place])
      let node = holders[block]
      if let range = graph.stored(of: block) {
        for index in range { add(graph.stored(at: index), from: node, to: &batch, isExact) }
      } else {
        for edge in try graph.read(block, &words) { add(edge, from: node, to: &batch, isExact) }
      }
    }
    take(&batch, isExact)
  }

  @inline(__always)
  private mutating func add(
    _ edge: HeapGraph.Edge, from node: HolderTree.Node, to batch: inout EdgeBatch, _ isExact: Bool
  ) {
    ScanKernel.prefetch(holders, at: edge.block)
    batch.add(edge, from: node)
    if batch.isFull { take(&batch, isExact) }
  }

  /// Takes the blocks that pointers lead to, if these are exact, or if they are not.
  private mutating func take(_ batch: inout EdgeBatch, _ isExact: Bool) {
    batch.keep { edge in
      guard holders[edge.block] == Self.none else { return false }
      graph.prepare(block: edge.block)
      return true
    }
    for index in 0..<batch.count {
      let (edge, node) = batch[index]
      // Another pointer of the batch may lead there.
      if holders[edge.block] == Self.none, graph.isExact(edge) == isExact { take(edge.block, from: node) }
    }
    batch.removeAll()
  }

  /// Hands out the pointers of a block, in the order of its words.
  @inline(__always)
  mutating func forEachEdge(
    of block: Int, _ body: (inout HeapMark, HeapGraph.Edge) -> Void
  ) throws(MemDumpError) {
    if let range = graph.stored(of: block) {
      for index in range { body(&self, graph.stored(at: index)) }
    } else {
      for edge in try graph.read(block, &words) { body(&self, edge) }
    }
  }

  /// The pointer of a block with a number; nil behind the last one.
  mutating func edge(_ number: Int, of block: Int) throws(MemDumpError) -> HeapGraph.Edge? {
    if let range = graph.stored(of: block) {
      return number < range.count ? graph.stored(at: range.lowerBound + number) : nil
    }
    if lastRead.block != block { lastRead = (block, try graph.read(block, &words)) }
    return number < lastRead.edges.count ? lastRead.edges[number] : nil
  }
}
