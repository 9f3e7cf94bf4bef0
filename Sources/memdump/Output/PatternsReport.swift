import MemDump

/// The report of `memdump scan --list`.
struct PatternsReport: Report {
  func describe(to page: inout some Rendering) throws { try page.table(nil, Patterns.all, Self.fields) }

  private static let fields: [Field<any Pattern>] = [
    Field(.left("PATTERN"), cell: \.name),
    Field(.left("WORD")) { $0.wholeWord == nil ? "-" : "yes" },
    Field(.left("WIDE")) { $0.wide == nil ? "-" : "yes" },
    Field(.left("FINDS"), cell: \.summary),
  ]
}
