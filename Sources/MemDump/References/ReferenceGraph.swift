/// A graph of places that hold each other, as far as they were looked at: which place holds which, at what cost.
struct ReferenceGraph {
  /// The number of a place.
  typealias Node = Int32

  /// The way from a place to its last holder.
  struct Way {
    /// The next place on the way; the end is next to itself.
    var next: Node
    /// The place where the way ends.
    var end: Node
    /// The number of different blocks on the way, without the end.
    var blockCount: Int32
  }

  private struct Edge {
    var held: Node
    var next: Int32
    var step: UInt8
  }

  private(set) var places: [Address] = []
  /// The address where the block of each place begins; 0 where that is not known.
  private(set) var blocks: [Address] = []
  private var numbers: [Address: Node] = [:]
  private var edges: [Edge] = []
  private var firstEdge: [Int32] = []
  private var isHeld: [Bool] = []

  /// The number of steps in the graph.
  var stepCount: Int { edges.count }

  /// Adds a place that no other place leads to by its address.
  mutating func add(_ place: Address, block: Address) -> Node {
    places.append(place)
    blocks.append(block)
    firstEdge.append(-1)
    isHeld.append(false)
    return Node(places.count - 1)
  }

  /// The number of a place, and whether it is new.
  mutating func number(of place: Address) -> (Node, isNew: Bool) {
    if let number = numbers[place] { return (number, false) }
    let number = add(place, block: Address(0))
    numbers[place] = number
    return (number, true)
  }

  /// Sets the block that a place is in.
  mutating func set(block: Address, of node: Node) { blocks[Int(node)] = block }

  /// Adds a step: the word at one place leads into the block of another.
  mutating func connect(_ holder: Node, holds held: Node, step: Int) {
    edges.append(Edge(held: held, next: firstEdge[Int(holder)], step: UInt8(clamping: step)))
    firstEdge[Int(holder)] = Int32(edges.count - 1)
    if isHeld[Int(holder)] { markHeld(held) }
  }

  /// Some places, with those that lead to them over so many steps at most.
  func holders(of nodes: [Node], steps: Int) -> [Node] {
    var seen = Bits(count: places.count)
    var all = nodes
    for node in nodes { seen.insert(Int(node)) }
    for _ in 0..<steps {
      let before = all.count
      for node in places.indices where !seen.contains(node) {
        var leads = false
        forEachEdge(of: Node(node)) { leads = leads || seen.contains(Int($0.held)) }
        if leads { all.append(Node(node)) }
      }
      for node in all[before...] { seen.insert(Int(node)) }
      if all.count == before { break }
    }
    return all
  }

  /// Whether a place is known to be held by an end.
  func isHeld(_ node: Node) -> Bool { isHeld[Int(node)] }

  /// Marks a place as held, with all places that it holds.
  mutating func markHeld(_ node: Node) {
    var pending = [node]
    while let node = pending.popLast() {
      guard !isHeld[Int(node)] else { continue }
      isHeld[Int(node)] = true
      forEachEdge(of: node) { pending.append($0.held) }
    }
  }

  /// The cheapest way from each place to one of `ends`, each of which has a cost of its own.
  func ways(to ends: [(node: Node, cost: Int)]) -> [Way?] {
    var ways = [Way?](repeating: nil, count: places.count)
    var queue = CostQueue<(node: Node, next: Node)>()
    for end in ends { queue.add((end.node, end.node), step: end.cost) }
    while let (node, next) = queue.take() {
      guard ways[Int(node)] == nil else { continue }
      var way = Way(next: next, end: node, blockCount: 0)
      if node != next, let rest = ways[Int(next)] {
        let isSame = rest.next != next && blocks[Int(node)] == blocks[Int(next)] && blocks[Int(node)] != Address(0)
        way = Way(next: next, end: rest.end, blockCount: rest.blockCount + (isSame ? 0 : 1))
      }
      ways[Int(node)] = way
      forEachEdge(of: node) { edge in
        if ways[Int(edge.held)] == nil { queue.add((edge.held, node), step: Int(edge.step)) }
      }
    }
    return ways
  }

  private func forEachEdge(of node: Node, _ body: (Edge) -> Void) {
    var index = firstEdge[Int(node)]
    while index >= 0 {
      body(edges[Int(index)])
      index = edges[Int(index)].next
    }
  }
}
