import MemDump

/// The report of `memdump scan --list`.
struct PatternsReport: Report {
  func describe(to page: inout some Rendering) throws { try page.table("pattern", Patterns.all, Self.fields) }

  private static let fields: [Field<any Pattern>] = [
    Field(.name, \.name, .left("PATTERN", overflow: .none), cell: \.name),
    Field(.word, { $0.wholeWord != nil }, .left("WORD", leaves: 2)) { $0.wholeWord == nil ? "-" : "yes" },
    Field("wide", { $0.wide != nil }, .left("WIDE", leaves: 1)) { $0.wide == nil ? "-" : "yes" },
    Field("finds", \.summary, .left("FINDS", overflow: .wrapped), cell: \.summary),
  ]
}
