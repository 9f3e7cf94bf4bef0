/// Pointers that are followed together, in the order in which they were added.
struct EdgeBatch {
  /// A pointer, and the step at which the block that has it counts.
  typealias Item = (edge: HeapGraph.Edge, node: HolderTree.Node)

  private static let capacity = 256
  private(set) var count = 0
  private var items = InlineArray<256, Item>(repeating: (HeapGraph.Edge(bits: 0), HeapMark.none))

  var isFull: Bool { count == Self.capacity }

  subscript(_ index: Int) -> Item {
    @inline(__always) get { items[index] }
  }

  @inline(__always)
  mutating func add(_ edge: HeapGraph.Edge, from node: HolderTree.Node) {
    items[count] = (edge, node)
    count &+= 1
  }

  /// Keeps those of which `isWanted` is true.
  @inline(__always)
  mutating func keep(_ isWanted: (HeapGraph.Edge) -> Bool) {
    var kept = 0
    for index in 0..<count where isWanted(items[index].edge) {
      items[kept] = items[index]
      kept &+= 1
    }
    count = kept
  }

  mutating func removeAll() { count = 0 }
}
