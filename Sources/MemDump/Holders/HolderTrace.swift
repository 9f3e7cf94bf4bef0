/// Finds ways back from blocks, pointer by pointer, to what holds them: a variable of a module, or else the stack or the
/// thread-local variables of a thread.
///
/// A step back goes to a word that leads into the block that one is in. Programs have pools and arrays of their own in a
/// block, so of all words those are tried first that lead nearest to the place one came from, at it or before it; each
/// value between makes a way dearer. The cheapest way wins. What was learned of one block is kept for the others, so that a
/// list of a million blocks is gone over about once.
struct HolderTrace: ~Copyable {
  /// Where to begin.
  enum Start: Hashable, Sendable {
    /// A chunk of malloc, with its header.
    case chunk(Range<Address>)
    /// A word, or a text in memory that is none of malloc's.
    case place(Address)
  }

  /// How to go on from a place that is known to be held.
  struct Link: Sendable {
    /// The next place; nil where this is the end.
    var next: Address?
    /// What block this place is in; empty where that is not known, and at the end.
    var block: Range<Address>
    /// Where it ends.
    var root: Address
    /// How many different blocks there are on the way.
    var blockCount: Int
  }

  /// A place that a search came to.
  private struct Node {
    var place: Address
    /// The place that it holds; -1 for the start.
    var holds: Int
    var block = Address(0)..<Address(0)
  }

  /// How many places may be looked at for all blocks together.
  private static let mostSteps = 2 << 20
  /// Of the values that lead into a block, so many are tried, and of the words with one value so many.
  private static let (mostValues, mostWords) = (16, 64)
  /// What it costs to pass over a value that is nearer.
  private static let passing = 4

  private let map: PlaceMap
  private let index: ReferenceIndex
  private var words: WordReader
  private var links: [Address: Link] = [:]
  /// Places from which no way leads to anything.
  private var dead: Set<Address> = []
  private var stepsLeft = mostSteps

  init(_ source: any MemorySource, _ map: PlaceMap, _ index: ReferenceIndex) throws(MemDumpError) {
    (self.map, self.index) = (map, index)
    words = try WordReader.scattered(source)
  }

  /// Allows as many steps again.
  mutating func renew() { stepsLeft = Self.mostSteps }

  /// How a place that was found leads on.
  func link(of place: Address) -> Link? { links[place] }

  /// Finds the way back from a start; nil where there is none, or it was not found in `limit` steps. Otherwise the first
  /// place of the way; see ``link(of:)``.
  ///
  /// - Parameter isLast: whether a thread is an answer even if a module might have been found with more steps.
  mutating func first(from start: Start, limit: Int, isLast: Bool) throws(MemDumpError) -> Address? {
    var nodes: [Node] = []
    var seen: Set<Address> = []
    var queue = CostQueue()
    var ofThread: Int?
    var (steps, isWhole) = (0, true)
    switch start {
    case .chunk(let chunk):
      let block = chunk.lowerBound + min(Chunk.headerByteCount, chunk.byteCount)..<chunk.upperBound
      try add(leadingInto: block, from: block.lowerBound, -1, chunk, &nodes, &seen, &queue)
    case .place(let place):
      seen.insert(place)
      nodes.append(Node(place: place, holds: -1))
      queue.add(0, step: 0)
    }
    while let number = queue.take() {
      let place = nodes[number].place
      if links[place] != nil { return keep(number, nodes) }
      guard steps < limit, stepsLeft > 0 else {
        isWhole = false
        break
      }
      (steps, stepsLeft) = (steps + 1, stepsLeft - 1)
      guard !dead.contains(place) else { continue }
      switch try map.place(of: place, &words) {
      case .variable?: return keep(number, nodes)
      case .stack?, .threadLocal?: ofThread = ofThread ?? number
      case .block(let block)?:
        nodes[number].block = block
        try add(leadingInto: block, from: place, number, nil, &nodes, &seen, &queue)
      case .memory(let block)?:
        try add(leadingInto: block, from: place, number, nil, &nodes, &seen, &queue)
      case nil: continue
      }
    }
    if let ofThread, isWhole || isLast { return keep(ofThread, nodes) }
    if isWhole, ofThread == nil { dead.formUnion(seen) }
    return nil
  }

  /// Keeps the way from a place, which is an end or known to lead to one, to the start. Returns its first place.
  private mutating func keep(_ number: Int, _ nodes: [Node]) -> Address {
    var place = nodes[number].place
    if links[place] == nil {
      links[place] = Link(next: nil, block: nodes[number].block, root: place, blockCount: 0)
    }
    var holds = nodes[number].holds
    while holds >= 0, let next = links[place] {
      let node = nodes[holds]
      let isSameBlock = next.next != nil && !node.block.isEmpty && node.block == next.block
      links[node.place] = Link(
        next: place, block: node.block, root: next.root, blockCount: next.blockCount + (isSameBlock ? 0 : 1))
      (place, holds) = (node.place, node.holds)
    }
    return place
  }

  /// Adds the words that lead into a block, those first that lead nearest to a place in it.
  ///
  /// - Parameters:
  ///   - from: the place; of a block as a whole, its start, and then all words count, not only those that lead before it.
  ///   - ignored: words that are in it do not count; nil for none.
  private mutating func add(
    leadingInto block: Range<Address>, from place: Address, _ holds: Int, _ ignored: Range<Address>?,
    _ nodes: inout [Node], _ seen: inout Set<Address>, _ queue: inout CostQueue
  ) throws(MemDumpError) {
    guard !block.isEmpty, let first = index.bucket(of: block.lowerBound), let start = index.bucket(of: place) else {
      return
    }
    // Buckets go down from a place, and up from the start of a whole block.
    let isWhole = ignored != nil
    let end = isWhole ? index.bucket(of: block.upperBound - 1) ?? first : first
    let upper = isWhole ? block.upperBound - 1 : min(place, block.upperBound - 1)
    var (bucket, rank) = (start, 0)
    while rank < Self.mostValues {
      var found: [(value: UInt64, place: Address)] = []
      for word in index.places(in: bucket) where ignored?.contains(word) != true {
        guard let value = try words.word(at: word), Address(value) >= block.lowerBound, Address(value) <= upper else {
          continue
        }
        found.append((value, word))
      }
      // Words come in the order of their addresses, those of modules first; the order of the equal ones stays.
      let ordered = found.enumerated().sorted { left, right in
        let (a, b) = (left.element.value, right.element.value)
        return a == b ? left.offset < right.offset : isWhole ? a < b : a > b
      }
      var (value, count): (UInt64?, Int) = (nil, 0)
      for (_, word) in ordered {
        if word.value != value {
          if value != nil { rank += 1 }
          (value, count) = (word.value, 0)
        }
        count += 1
        guard rank < Self.mostValues, count <= Self.mostWords, seen.insert(word.place).inserted else { continue }
        nodes.append(Node(place: word.place, holds: holds))
        queue.add(nodes.count - 1, step: 1 + Self.passing * rank)
      }
      if value != nil { rank += 1 }
      guard bucket != end else { return }
      bucket += isWhole ? 1 : -1
    }
  }
}
