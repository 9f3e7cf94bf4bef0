/// The ways over which a heap is held, from each root on, by the sizes and types of the blocks on them: a tree of bounded size,
/// whose amounts are those of all blocks together.
///
/// Blocks of one size and type that follow each other, as in a list, are one step, and a way that comes back to a step does
/// not go on from there. Where there are more steps than have room, the rest counts for the last one that has.
struct HolderTree: Sendable {
  /// The number of a step.
  typealias Node = Int16

  /// A step on a way.
  struct Step: Sendable {
    /// The step before; that of a root is the root's own.
    var parent: Node
    /// The number of steps from the root.
    var depth: UInt8
    /// What is there: a root by its number, or else blocks.
    var subject: Subject
    /// The blocks that count here.
    var amount = HeapSummary.Sum()
    /// One of them.
    var example: BlockTable.Number?
  }

  /// What a step is.
  enum Subject: Hashable, Sendable {
    /// A root, by its number among those that own the tree.
    case root(Int)
    /// Blocks of one footprint, in bytes, and one type; see ``HeapGraph/type(of:)``.
    case blocks(footprint: UInt64, type: Int)
  }

  private struct Child: Hashable {
    var parent: Node
    var subject: Subject
  }

  private struct Recent {
    var footprint: UInt64 = 0
    var type = -1
    var (parent, node): (Node, Node) = (0, 0)
  }

  /// The most steps, the most on a way, and how far back a way is looked at for a step that it comes back to.
  private static let (mostSteps, deepest, mostBack) = (1 << 15, UInt8(32), 8)

  private(set) var steps: [Step] = []
  private var children: [Child: Node] = [:]
  /// Steps that were asked for lately, by a few bits of what was asked.
  private var recent = [Recent](repeating: Recent(), count: recentCount)
  private static let recentCount = 1 << 12
  /// Whether some ways were cut.
  private(set) var isCut = false

  /// Adds a root; nil where there is no more room.
  mutating func addRoot(_ number: Int) -> Node? {
    guard steps.count < Self.mostSteps else { return nil }
    steps.append(Step(parent: Node(steps.count), depth: 0, subject: .root(number)))
    return Node(steps.count - 1)
  }

  /// The step for blocks that a step holds.
  mutating func step(from parent: Node, footprint: UInt64, type: Int) -> Node {
    let bits = UInt64(UInt16(bitPattern: parent)) &* 0x9e37_79b9 ^ footprint >> 4 ^ UInt64(type) << 5
    let place = Int(truncatingIfNeeded: bits & UInt64(Self.recentCount - 1))
    let known = recent[place]
    if known.footprint == footprint, known.type == type, known.parent == parent { return known.node }
    let child = Child(parent: parent, subject: .blocks(footprint: footprint, type: type))
    let node = children[child] ?? make(child)
    recent[place] = Recent(footprint: footprint, type: type, parent: parent, node: node)
    return node
  }

  private mutating func make(_ child: Child) -> Node {
    var (node, back) = (child.parent, 0)
    var found: Node?
    while found == nil, back < Self.mostBack, steps[Int(node)].depth > 0 {
      if steps[Int(node)].subject == child.subject { found = node }
      (node, back) = (steps[Int(node)].parent, back + 1)
    }
    if found == nil {
      let depth = steps[Int(child.parent)].depth
      guard steps.count < Self.mostSteps, depth < Self.deepest else {
        isCut = true
        return child.parent
      }
      steps.append(Step(parent: child.parent, depth: depth + 1, subject: child.subject))
      found = Node(steps.count - 1)
    }
    children[child] = found
    return found ?? child.parent
  }

  /// Counts a block at a step.
  @inline(__always)
  mutating func add(_ block: BlockTable.Number, _ footprint: UInt64, to node: Node) {
    steps[Int(node)].amount.add(1, footprint)
    if steps[Int(node)].example == nil { steps[Int(node)].example = block }
  }

  /// The steps of the way to a step, the root first.
  func way(to node: Node) -> [Node] {
    var way = [node]
    while let first = way.first, steps[Int(first)].depth > 0 { way.insert(steps[Int(first)].parent, at: 0) }
    return way
  }

  /// The root of each step.
  var roots: [Node] {
    var roots: [Node] = []
    roots.reserveCapacity(steps.count)
    // A step stands behind the one before it on its way.
    for (node, step) in steps.enumerated() { roots.append(step.depth == 0 ? Node(node) : roots[Int(step.parent)]) }
    return roots
  }
}
