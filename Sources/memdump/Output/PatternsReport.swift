import MemDump

/// The report of `memdump scan --list`.
struct PatternsReport: Report {
  func describe(to page: inout some Rendering) throws { try page.table("pattern", Patterns.all, Self.fields) }

  private static let fields: [Field<any Pattern>] = [
    Field(.name, \.name, .left("PATTERN"), cell: \.name),
    Field("word", { $0.wholeWord != nil }, .left("WORD")) { $0.wholeWord == nil ? "-" : "yes" },
    Field("wide", { $0.wide != nil }, .left("WIDE")) { $0.wide == nil ? "-" : "yes" },
    Field("finds", \.summary, .left("FINDS"), cell: \.summary),
  ]
}
