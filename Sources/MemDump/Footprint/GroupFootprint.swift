/// Where the memory of several processes is, shared memory counted once.
public struct GroupFootprint: Sendable {
  /// A piece of shared memory, with who has it.
  public struct Shared: Sendable {
    /// The name of the mapping, unescaped.
    public var name: [UInt8]
    /// The resident bytes, each page counted once.
    public var resident: UInt64
    /// The resident bytes as the processes together have them.
    public var sum: UInt64
    /// The processes that have some of it.
    public var processes: [ProcessLabel]
  }

  /// The processes, the one of most resident memory first.
  public let processes: [ProcessFootprint]
  /// The rows of all processes together, shared memory counted once; those of most resident memory first.
  public let rows: [FootprintRow]
  /// The amount of all rows together.
  public let total: MemoryAmount
  /// The shared memory, that of most resident bytes first.
  public let shared: [Shared]
  /// The resident bytes as the processes together have them, by the sums of the kernel where there are such.
  public let sum: UInt64
  /// The page tables of all, in bytes.
  public let pageTables: UInt64

  /// Adds up processes, which were looked at with ``ProcessFootprint/Options/keepsShared``.
  public init(_ processes: [ProcessFootprint]) {
    self.processes = processes.sorted { $0.total.resident > $1.total.resident }
    var objects: [ProcessFootprint.SharedObject: (ranges: [Range<Address>], sum: UInt64, processes: [ProcessLabel])] =
      [:]
    var rows: [FootprintUse: FootprintRow] = [:]
    var total = MemoryAmount()
    for process in self.processes {
      for (object, ranges) in process.shared {
        var entry = objects[object] ?? ([], 0, [])
        entry.ranges = (entry.ranges + ranges).union()
        entry.sum += ranges.reduce(0) { $0 + $1.byteCount }
        if let label = process.process { entry.processes.append(label) }
        objects[object] = entry
      }
      for row in process.rows {
        var sum = rows[row.use] ?? FootprintRow(use: row.use)
        sum.amount += row.amount
        sum.dirty &+= row.dirty
        sum.mappingCount += row.mappingCount
        sum.isApproximate = sum.isApproximate || row.isApproximate
        rows[row.use] = sum
      }
      total += process.total
    }
    shared = objects.map { object, entry in
      Shared(
        name: object.name, resident: entry.ranges.reduce(0) { $0 + $1.byteCount }, sum: entry.sum,
        processes: entry.processes)
    }.sorted { ($1.resident, $0.name.count) < ($0.resident, $1.name.count) }
    // What is there once is told once: the rows of shared memory become one.
    let sharedRows = rows.values.filter { $0.use.category == .shared }
    if !sharedRows.isEmpty {
      var row = FootprintRow(use: FootprintUse(.shared))
      for part in sharedRows {
        row.amount += part.amount
        row.mappingCount += part.mappingCount
        rows[part.use] = nil
      }
      let once = shared.reduce(0) { $0 + $1.resident }
      total.resident -= min(total.resident, row.amount.resident - min(row.amount.resident, once))
      row.amount.resident = min(row.amount.resident, once)
      rows[row.use] = row
    }
    self.rows = rows.values.sorted {
      ($1.amount.resident, $1.amount.virtual, $0.use.category.name, $0.use.part ?? "") < (
        $0.amount.resident, $0.amount.virtual, $1.use.category.name, $1.use.part ?? ""
      )
    }
    self.total = total
    sum = processes.reduce(0) { $0 &+ ($1.kernelSum ?? $1.total).resident }
    pageTables = processes.reduce(0) { $0 &+ ($1.pageTables ?? 0) }
  }
}
