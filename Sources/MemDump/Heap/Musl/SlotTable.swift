/// A table of groups of slots, by which the innermost slot that holds an address is found: a slot can hold a group of smaller ones.
struct SlotTable: Sendable {
  /// The slots of a group.
  struct Row: Sendable {
    /// The address of the first slot.
    var start: Address
    /// The size of each slot, in bytes; not 0.
    var slotByteCount: UInt64
    /// The number of slots.
    var count: UInt64

    /// The end of the last slot.
    var end: Address {
      let (byteCount, overflow) = slotByteCount.multipliedReportingOverflow(by: count)
      return start + (overflow ? .max : byteCount)
    }
  }

  /// The rows, in the order of addresses.
  private(set) var rows: [Row] = []
  /// For each row the one that it lies in a slot of; -1 for none.
  private var outer: [Int32] = []

  /// Makes a table of rows that are apart from each other, or lie in each other's slots.
  init(_ rows: [Row]) {
    self.rows = rows.sorted { ($0.start, $1.end) < ($1.start, $0.end) }
    outer.reserveCapacity(rows.count)
    var open: [Int32] = []
    for (index, row) in self.rows.enumerated() {
      while let last = open.last, self.rows[Int(last)].end <= row.start { open.removeLast() }
      outer.append(open.last ?? -1)
      open.append(Int32(truncatingIfNeeded: index))
    }
  }

  /// The innermost slot that holds an address, with the number of its row; nil for none.
  func slot(holding address: Address) -> (row: Int, index: UInt64, range: Range<Address>)? {
    var number = rows.partitionIndex { $0.start > address } - 1
    while number >= 0 {
      let row = rows[number]
      if address < row.end {
        let index = (address - row.start) / row.slotByteCount
        return (
          number, index, Range(start: row.start + index * row.slotByteCount, byteCount: row.slotByteCount)
        )
      }
      number = Int(outer[number])
    }
    return nil
  }
}
