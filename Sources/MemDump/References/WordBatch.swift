/// Words of blocks that lead to words of the heap, looked up together: what one look has to wait for is on its way while the
/// others are done.
struct WordBatch {
  /// A word that leads to the heap.
  struct Item: BitwiseCopyable {
    /// The number of the word that it leads to.
    var target: UInt32
    /// The block that it stands in.
    var holder: BlockTable.Number
    /// Whether it leads to the first byte of that word.
    var isAligned: Bool
    /// Where the look has come to.
    var found: Int32 = 0
  }

  static let capacity = 128
  private(set) var count = 0
  private var items = InlineArray<128, Item>(repeating: Item(target: 0, holder: 0, isAligned: false))

  var isFull: Bool { count == Self.capacity }

  @inline(__always)
  mutating func add(_ target: Int, isAligned: Bool, of holder: Int) {
    items[count] = Item(
      target: UInt32(truncatingIfNeeded: target), holder: UInt32(truncatingIfNeeded: holder), isAligned: isAligned)
    count &+= 1
  }

  subscript(_ index: Int) -> Item {
    @inline(__always) get { items[index] }
  }

  mutating func removeAll() { count = 0 }

  /// Looks up the blocks that the words lead to, and leaves out the words that lead to none.
  @inline(__always)
  mutating func resolve(_ table: borrowing BlockTable) {
    for index in 0..<count {
      items[index].found = Int32(truncatingIfNeeded: table.first(atWord: Int(items[index].target)))
    }
    for index in 0..<count {
      let item = items[index]
      let found = table.last(atWord: Int(item.target), from: Int(item.found))
      items[index].found = Int32(truncatingIfNeeded: found)
      // Where a word leads to the start of a block, no more is asked about that block.
      if found >= 0, !item.isAligned || table.start(of: found) != Int(item.target) { table.prepare(block: found) }
    }
    var kept = 0
    for index in 0..<count {
      let item = items[index]
      guard item.found >= 0, table.leads(toWord: Int(item.target), of: Int(item.found)) else { continue }
      items[kept] = item
      kept &+= 1
    }
    count = kept
  }
}
