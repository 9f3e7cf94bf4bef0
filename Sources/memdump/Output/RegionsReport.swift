import MemDump

/// The report of `memdump regions`.
struct RegionsReport: Report {
  let regions: [MemoryRegion]

  func describe(to page: inout some Rendering) throws { try page.table("region", regions, Self.fields) }

  private static let fields: [Field<MemoryRegion>] = [
    Field(.number, \.number, .right("#", leaves: 7)) { "\($0.number)" },
    Field(.start, \.range.lowerBound, .right("START"), cell: \.range.lowerBound.description),
    Field(.end, \.range.upperBound, .right("END", leaves: 1), cell: \.range.upperBound.description),
    Field(.size, \.byteCount, .right("SIZE", leaves: 5)) { size($0.byteCount) },
    Field(.resident, \.usage?.resident, .right("RESIDENT")) { size($0.usage?.resident) },
    Field("private_dirty", \.usage?.privateDirty, .right("DIRTY", leaves: 3)) { size($0.usage?.privateDirty) },
    Field(.swap, \.usage?.swap, .right("SWAP", leaves: 4)) { size($0.usage?.swap) },
    Field(
      "permissions", \.permissions.description, .left("PERM", overflow: .none, leaves: 6),
      cell: \.permissions.description
    )
    .emphasised { $0.permissions.isSuperset(of: [.write, .execute]) ? .attention : nil },
    Field(.kind, \.kind.rawValue, .left("KIND", overflow: .none, leaves: 2), cell: \.kind.rawValue),
    Field(
      .path, { $0.name.isEmpty ? nil : EscapedText($0.name).description },
      .left("NAME", overflow: .cut(keeping: .end))
    ) {
      EscapedText($0.name).description
    }.emphasised { $0.isDeletedFile ? .attention : nil },
  ]

  private static func size(_ byteCount: UInt64?) -> String {
    byteCount.map { $0 == 0 ? "-" : ByteSize($0).description } ?? "-"
  }
}

extension MemoryRegion {
  /// Whether the mapped file is no longer there, as after an upgrade; memory without a file has such a name, too.
  fileprivate var isDeletedFile: Bool { kind == .file && name.suffix(10).elementsEqual(" (deleted)".utf8) }
}
