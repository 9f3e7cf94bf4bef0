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
    if regions.isEmpty { page.closing("no region of \(process.id) (\(process.printableName)) is as asked for") }
    try page.table("region", regions, Self.fields + [Field(.pid) { _ in id }])
    if hasSeveral { page.line("") } else { page.next(Self.step(from: regions, of: process.id)) }
  }

  /// A dump of the largest region with own writing of the process, if there is one.
  static func step(from regions: [MemoryRegion], of process: ProcessID) -> NextStep? {
    let own = regions.filter { OwnWriting.withSharedMemory.includes($0) && $0.usage?.resident ?? 0 > 0 }
    guard let largest = own.max(by: { $0.usage?.resident ?? 0 < $1.usage?.resident ?? 0 }) else { return nil }
    let word = largest.kind == .heap ? "heap" : largest.range.lowerBound.description
    return NextStep("dump", process.description, "--region", word, "-o", "\(largest.kind.rawValue).raw")
  }

  static let fields: [Field<MemoryRegion>] = [
    Field(.number, \.number, .right("#", leaves: 7)) { $1.add(UInt64($0.number)) },
    Field(.start, \.range.lowerBound, .right("START")) { $1.add($0.range.lowerBound) },
    Field(.end, \.range.upperBound, .right("END", leaves: 1)) { $1.add($0.range.upperBound) },
    Field(.size, \.byteCount, .right("SIZE", leaves: 5)) { $1.add(ByteSize($0.byteCount)) },
    Field(.resident, \.usage?.resident, .right("RESIDENT")) { $1.add($0.usage.map { ByteSize($0.resident) }) },
    Field(.privateDirty, \.usage?.privateDirty, .right("DIRTY", leaves: 3)) {
      $1.add($0.usage.map { ByteSize($0.privateDirty) })
    },
    Field(.swap, \.usage?.swap, .right("SWAP", leaves: 4)) { $1.add($0.usage.map { ByteSize($0.swap) }) },
    Field(.permissions, \.permissions.description, .left("PERM", overflow: .none, leaves: 6)) {
      $1.add($0.permissions.description)
    }
    .emphasised { $0.permissions.isSuperset(of: [.write, .execute]) ? .attention : nil },
    Field(.kind, \.kind.rawValue, .left("KIND", overflow: .none, leaves: 2)) { $1.add($0.kind.rawValue) },
    Field(
      .path, { $0.name.isEmpty ? nil : EscapedText($0.name).description },
      .left("NAME", overflow: .cut(keeping: .end))
    ) {
      $1.add(escaped: $0.name)
    }.emphasised { $0.isDeletedFile ? .attention : nil },
  ]

  static func size(_ byteCount: UInt64?) -> String {
    byteCount.map { $0 == 0 ? "-" : ByteSize($0).description } ?? "-"
  }
}

extension MemoryRegion {
  /// Whether the mapped file is no longer there, as after an upgrade; memory without a file has such a name, too.
  fileprivate var isDeletedFile: Bool { kind == .file && name.suffix(10).elementsEqual(" (deleted)".utf8) }
}
