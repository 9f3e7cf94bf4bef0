import MemDump

/// The report of `memdump scan --list`.
struct PatternsReport: Report {
  func describe(to page: inout some Rendering) throws { try page.table(nil, Patterns.all, Self.fields) }

  private static let fields: [Field<any Pattern>] = [
    Field(.left("PATTERN", overflow: .none), cell: \.name),
    Field(.left("WORD", leaves: 2)) { $0.wholeWord == nil ? "-" : "yes" },
    Field(.left("WIDE", leaves: 1)) { $0.wide == nil ? "-" : "yes" },
    Field(.left("FINDS", overflow: .wrapped), cell: \.summary),
  ]
}
