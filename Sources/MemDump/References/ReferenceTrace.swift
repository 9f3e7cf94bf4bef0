/// A search for ways back from blocks, pointer by pointer, to what holds them: a variable of a module, or else the
/// stack or the thread-local variables of a thread.
///
/// A step back goes to a word that leads into the current block. Programs have pools and arrays of their own in a
/// block, so those words are tried first that lead nearest to the place the way came from, at that place or before;
/// each value between makes a way dearer. The cheapest way wins.
///
/// Not every word is in use: blocks and stacks have parts that were never written to since the memory was something
/// else. So what a program is sure of is cheap, and the rest dear: a variable that leads to the start of a block, or to
/// what stands behind a header there, holds it, before any way over other blocks; a word of the heap that leads into the
/// middle of a block is dearer than one that leads to its start, and a stack dearer than a variable.
///
/// All blocks are looked for at once, and every place is
/// looked at once: a list of a million blocks is gone over once, however many of them are asked for.
struct ReferenceTrace: ~Copyable {
  /// The start of a way.
  enum Start: Hashable, Sendable {
    /// A block of the heap.
    case block(HeapBlock)
    /// A word, or a text, in memory outside the heap.
    case place(Address)
  }

  /// The most places that are looked at, and the most steps that lead to them.
  private static let (mostPlaces, mostSteps) = (2 << 20, 4 << 20)
  /// The most values into a block that are tried, and the most words with one value.
  private static let (mostValues, mostWords) = (16, 64)
  /// The most buckets next to a place that are searched. For a larger block, the word that leads to its start comes
  /// then.
  private static let mostBuckets = 64
  /// The cost of passing over a value that is nearer, and of an end at a thread.
  private static let (passing, thread) = (4, 9)
  /// The cost of a word that leads into the middle of a block that is held as a whole.
  private static let inside = 6
  /// The most that a variable costs that leads to before a place in a block.
  private static let variableBefore = 3
  /// The most bytes of a header in front of what a variable leads to.
  private static let headerByteCount: UInt64 = 128

  private let map: PlaceMap
  private let index: ReferenceIndex
  private let control: WorkControl
  private var words: WordCache
  private var graph = ReferenceGraph()
  private var queue = CostQueue<ReferenceGraph.Node>()
  private var found: [(value: UInt64, place: Address)] = []
  /// The way from each place of the graph.
  private var ways: [ReferenceGraph.Way?] = []

  init(
    _ source: any MemorySource, _ map: PlaceMap, _ index: ReferenceIndex, _ control: WorkControl
  ) throws(MemDumpError) {
    (self.map, self.index, self.control) = (map, index, control)
    words = try WordCache(source, .jumps)
  }

  /// Looks for the ways from all of `starts`, none of which is there twice. Called once.
  mutating func find(from starts: [Start]) throws(MemDumpError) {
    for start in starts {
      switch start {
      case .block(let block): _ = graph.add(block.address, block: block.address)
      case .place(let place): queue.add(graph.number(of: place).0, step: 0)
      }
    }
    for (number, start) in starts.enumerated() {
      guard case .block(let block) = start else { continue }
      try addWords(leadingInto: block.targets, from: nil, ReferenceGraph.Node(number), ignoring: block.content)
    }
    try search(for: starts.count)
  }

  /// Goes back until modules hold all of the first places, or no more steps are found.
  private mutating func search(for count: Int) throws(MemDumpError) {
    var ends: [(node: ReferenceGraph.Node, cost: Int)] = []
    var (looks, open) = (0, 0)
    while looks < Self.mostPlaces, graph.stepCount < Self.mostSteps, !control.isStopped, let node = queue.take() {
      looks += 1
      while open < count, graph.isHeld(ReferenceGraph.Node(open)) { open += 1 }
      if open == count { break }
      let place = graph.places[Int(node)]
      switch try map.place(of: place, &words) {
      case .variable?:
        ends.append((node, 0))
        graph.markHeld(node)
      case .stack?, .threadLocal?, .goroutines?: ends.append((node, Self.thread))
      case .block(let block)?:
        graph.set(block: block.lowerBound, of: node)
        try addWords(leadingInto: block, from: place, node, ignoring: nil)
      case .memory(let block)?: try addWords(leadingInto: block, from: place, node, ignoring: nil, isHeap: false)
      case nil: continue
      }
    }
    ways = graph.ways(to: ends)
  }

  /// The place where the way from a start ends, with the number of blocks on the way, the first included; nil for none.
  func end(of start: Int) -> (place: Address, blockCount: Int)? {
    ways[start].map { (graph.places[Int($0.end)], Int($0.blockCount)) }
  }

  /// The places of words that lead to some starts, over as many blocks as ``nextSteps`` at most, and the starts themselves.
  func places(nextTo starts: [Int]) -> [Address] {
    graph.holders(of: starts.map { ReferenceGraph.Node($0) }, steps: Self.nextSteps).map { graph.places[Int($0)] }
  }

  /// How many blocks away from a block another one is next to it.
  private static let nextSteps = 2

  /// How far behind the start of the block that a way begins with the word leads by which it is held, where that word is
  /// in the heap; nil where the word leads to the start, or is a variable or of a thread.
  mutating func distance(of start: Int, in block: HeapBlock) throws(MemDumpError) -> UInt64? {
    guard let way = ways[start], way.next != way.end, let value = try words.word(at: graph.places[Int(way.next)]),
      block.targets.contains(Address(value)), Address(value) != block.address
    else { return nil }
    return Address(value) - block.address
  }

  /// The footprints of the blocks on the way from a start, in bytes; 0 for memory outside the heap. At most `limit`.
  mutating func chain(of start: Int, limit: Int) throws(MemDumpError) -> [UInt64] {
    var chain: [UInt64] = []
    var (node, before) = (ReferenceGraph.Node(start), Address(0))
    while let way = ways[Int(node)], way.next != node, chain.count < limit {
      let block = graph.blocks[Int(node)]
      if block == Address(0) {
        chain.append(0)
      } else if block != before {
        chain.append(try map.block(holding: block, &words)?.footprint.byteCount ?? 0)
      }
      (node, before) = (way.next, block)
    }
    return chain
  }

  /// Adds the words that lead into a block, those first that lead nearest to a place in it.
  ///
  /// - Parameters:
  ///   - from: the place; nil for a block as a whole, of which all words count, those to its start first.
  ///   - ignored: words that are in it do not count.
  ///   - isHeap: whether it is known where the block begins.
  private mutating func addWords(
    leadingInto block: Range<Address>, from place: Address?, _ held: ReferenceGraph.Node,
    ignoring ignored: Range<Address>?, isHeap: Bool = true
  ) throws(MemDumpError) {
    guard !block.isEmpty else { return }
    let range = block.lowerBound...min(place ?? Address(.max), block.upperBound - 1)
    guard range.lowerBound <= range.upperBound, let first = index.bucket(of: range.lowerBound),
      let last = index.bucket(of: range.upperBound), first <= last
    else { return }
    // Down from a place, and up from the start of a whole block.
    let isUp = place == nil
    var (bucket, rank, searched) = (isUp ? first : last, 0, 0)
    // Of variables only other variables are nearer.
    var (variableRank, lastVariable): (Int, UInt64?) = (0, nil)
    while true {
      // Variables are looked for in all of the block: no number of words that may be left over comes before them.
      if rank < Self.mostValues || index.hasRoots(bucket) {
        try findWords(in: bucket, leadingInto: range, ignoring: ignored)
      } else {
        found.removeAll(keepingCapacity: true)
      }
      if found.count > 1 {
        found.sort { left, right in
          if left.value != right.value { return isUp ? left.value < right.value : left.value > right.value }
          return left.place < right.place
        }
      }
      var (value, count): (UInt64?, Int) = (nil, 0)
      for word in found {
        if word.value != value {
          if value != nil { rank += 1 }
          (value, count) = (word.value, 0)
        }
        count += 1
        let isVariable = isHeap && map.isVariable(word.place)
        guard isVariable || rank < Self.mostValues && count <= Self.mostWords else { continue }
        if isVariable, word.value != lastVariable {
          variableRank += lastVariable == nil ? 0 : 1
          lastVariable = word.value
        }
        let distance = isHeap ? word.value - block.lowerBound.rawValue : nil
        let nearer = isVariable ? variableRank : rank
        connect(word.place, holds: held, step: Self.cost(nearer, distance, isUp: isUp, isVariable: isVariable))
      }
      if value != nil { rank += 1 }
      searched += 1
      guard bucket != (isUp ? last : first), searched <= Self.mostBuckets else { return }
      bucket += isUp ? 1 : -1
      if !isUp, searched == Self.mostBuckets { bucket = first }
    }
  }

  private mutating func connect(_ place: Address, holds held: ReferenceGraph.Node, step: Int) {
    let (node, isNew) = graph.number(of: place)
    graph.connect(node, holds: held, step: step)
    if isNew { queue.add(node, step: step) }
  }

  /// The cost of a step over a word.
  ///
  /// - Parameters:
  ///   - rank: the number of nearer values; of a variable, those of variables.
  ///   - distance: how far behind the start of a block the word leads; nil where it is not known where the block begins.
  ///   - isUp: whether the block as a whole is held, and no place in it.
  ///   - isVariable: whether the word is a variable.
  private static func cost(_ rank: Int, _ distance: UInt64?, isUp: Bool, isVariable: Bool) -> Int {
    let near = 1 + passing * rank
    guard let distance else { return near }
    switch (isUp, isVariable) {
    case (true, true): return distance < headerByteCount ? 1 : 1 + inside
    case (true, false): return near + (distance == 0 ? 0 : inside)
    case (false, true): return min(1 + rank, variableBefore)
    case (false, false): return near
    }
  }

  private mutating func findWords(
    in bucket: Int, leadingInto range: ClosedRange<Address>, ignoring ignored: Range<Address>?
  ) throws(MemDumpError) {
    found.removeAll(keepingCapacity: true)
    for place in index.places(in: bucket, leadingInto: range) where ignored?.contains(place) != true {
      guard let value = try words.word(at: place), range.contains(Address(value)) else { continue }
      found.append((value, place))
    }
  }
}
