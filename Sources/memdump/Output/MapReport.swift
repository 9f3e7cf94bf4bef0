import MemDump

/// The report of `memdump regions` on a map as a whole: how much there is of each kind, and what is largest.
struct MapReport: Report {
  /// All regions of the process.
  let regions: [MemoryRegion]
  let process: TargetProcess
  /// Whether there are several such reports.
  let hasSeveral: Bool

  /// The number of regions that are listed.
  static let largestCount = 10

  /// The regions of a kind together.
  private struct Sum: Sendable {
    var name: String
    var count = 0
    var byteCount: UInt64 = 0
    var resident: UInt64 = 0
    var privateDirty: UInt64 = 0
    var swap: UInt64 = 0

    mutating func add(_ region: MemoryRegion) {
      count += 1
      byteCount += region.byteCount
      resident += region.usage?.resident ?? 0
      privateDirty += region.usage?.privateDirty ?? 0
      swap += region.usage?.swap ?? 0
    }
  }

  func describe(to page: inout some Rendering) throws {
    if hasSeveral { page.line("\(process.id) (\(process.printableName))") }
    try page.table(nil, sums, Self.fields)
    page.line("")
    page.line(
      regions.count > Self.largestCount
        ? "The \(Self.largestCount) of \(grouped(regions.count)) regions with the most resident memory; --all lists every one:"
        : "All regions, the one with the most resident memory first:")
    try page.table(nil, largest, RegionsReport.fields)
    if hasSeveral { page.line("") } else { page.next(RegionsReport.step(from: regions, of: process.id)) }
  }

  /// The sums of the kinds, the most resident memory first, and of all.
  private var sums: [Sum] {
    var sums: [RegionKind: Sum] = [:]
    var total = Sum(name: "total")
    for region in regions {
      sums[region.kind, default: Sum(name: region.kind.rawValue)].add(region)
      total.add(region)
    }
    let ordered = sums.values.sorted { ($1.resident, $1.byteCount, $0.name) < ($0.resident, $0.byteCount, $1.name) }
    return ordered + [total]
  }

  private var largest: ArraySlice<MemoryRegion> {
    regions.sorted { ($1.usage?.resident ?? 0, $0.number) < ($0.usage?.resident ?? 0, $1.number) }
      .prefix(Self.largestCount)
  }

  private static let fields: [Field<Sum>] = [
    Field(.left("KIND"), cell: \.name),
    Field(.right("REGIONS")) { grouped($0.count) },
    Field(.right("SIZE")) { RegionsReport.size($0.byteCount) },
    Field(.right("RESIDENT")) { RegionsReport.size($0.resident) },
    Field(.right("DIRTY", leaves: 2)) { RegionsReport.size($0.privateDirty) },
    Field(.right("SWAP", leaves: 1)) { RegionsReport.size($0.swap) },
  ]
}
