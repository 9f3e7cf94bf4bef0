import MemDump

/// The report of `memdump regions`.
struct RegionsReport: Report {
  let regions: [MemoryRegion]
  let process: TargetProcess
  /// Whether there are several such reports.
  let hasSeveral: Bool

  func describe(to page: inout some Rendering) throws {
    if hasSeveral { page.line("\(process.id) (\(process.printableName))") }
    let id = process.id.rawValue
    try page.table("region", regions, Self.fields + [Field(.pid) { _ in id }])
    if hasSeveral { page.line("") }
  }

  private static let fields: [Field<MemoryRegion>] = [
    Field(.number, \.number, .right("#")) { "\($0.number)" },
    Field(.start, \.range.lowerBound, .right("START"), cell: \.range.lowerBound.description),
    Field(.end, \.range.upperBound, .right("END"), cell: \.range.upperBound.description),
    Field(.size, \.byteCount, .right("SIZE")) { size($0.byteCount) },
    Field(.resident, \.usage?.resident, .right("RESIDENT")) { size($0.usage?.resident) },
    Field("private_dirty", \.usage?.privateDirty, .right("DIRTY")) { size($0.usage?.privateDirty) },
    Field(.swap, \.usage?.swap, .right("SWAP")) { size($0.usage?.swap) },
    Field(.permissions, \.permissions.description, .left("PERM"), cell: \.permissions.description),
    Field(.kind, \.kind.rawValue, .left("KIND"), cell: \.kind.rawValue),
    Field(.path, { $0.name.isEmpty ? nil : EscapedText($0.name).description }, .left("NAME")) {
      EscapedText($0.name).description
    },
  ]

  private static func size(_ byteCount: UInt64?) -> String {
    byteCount.map { $0 == 0 ? "-" : ByteSize($0).description } ?? "-"
  }
}
