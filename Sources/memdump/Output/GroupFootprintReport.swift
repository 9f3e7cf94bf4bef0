import MemDump

/// The report of `memdump footprint` on several processes together.
struct GroupFootprintReport: Report {
  let group: GroupFootprint

  /// The most processes, and pieces of shared memory, that people see.
  private static let shown = 20

  func describe(to page: inout some Rendering) throws {
    let lines = FootprintLine.lines(of: group.rows)
    let fields = [FootprintLine].fields(nil, whole: group.total.resident)
    var sum = FootprintLine(use: FootprintUse(.unexplained), amount: group.total)
    sum.isSum = true
    page.line("\(counted(group.processes.count, "process")) together", .strong)
    try page.table("footprint", lines, fields, more: [fields.columns().map { $0.cell(sum) }])
    let changed = group.processes.count { $0.difference != 0 }
    page.fact(
      "kernel",
      "\(ByteSize(group.sum)) by the sums of smaps_rollup, in which each process counts what it shares"
        + (changed > 0 ? "; \(counted(changed, "process")) changed during the look" : ", each the same to the page"))
    page.fact("besides", "\(ByteSize(group.pageTables)) of page tables, \(ByteSize(group.total.swapped)) in swap")
    for shared in group.shared.filter({ $0.processes.count > 1 }).prefix(Self.shown) {
      page.fact("shared", text(of: shared))
    }
    page.line("")
    try page.table(nil, group.processes.prefix(Self.shown), Self.fields)
    if group.processes.count > Self.shown {
      page.item("and \(counted(group.processes.count - Self.shown, "process")) with less")
    }
    try page.records("shared", group.shared, Self.sharedFields)
    page.record("summary", members)
  }

  private func text(of shared: GroupFootprint.Shared) -> String {
    let names = shared.processes.prefix(4).map { "\($0.id)" }.joined(separator: ", ")
    let more = shared.processes.count > 4 ? " and \(shared.processes.count - 4) more" : ""
    let name = shared.name.isEmpty ? "anonymous" : EscapedText(shared.name).description
    return "\(ByteSize(shared.resident)) of \(name), which \(names)\(more) have: \(ByteSize(shared.sum)) in their sums"
  }

  private static let fields: [Field<ProcessFootprint>] = [
    Field(.right("PID")) { $0.process?.id.description ?? "-" },
    Field(.right("RESIDENT")) { RegionsReport.size($0.total.resident) },
    Field(.right("PSS")) { RegionsReport.size($0.total.proportional) },
    Field(.right("DIRTY", leaves: 2)) { RegionsReport.size($0.total.privateDirty) },
    Field(.right("NOT EXPLAINED", leaves: 1)) { RegionsReport.size($0.amount(of: .unexplained).resident) },
    Field(.left("NAME")) { $0.process.map { EscapedText($0.name).description } ?? "core" },
  ]

  private static let sharedFields: [Field<GroupFootprint.Shared>] = [
    Field(.path) { $0.name.isEmpty ? nil : EscapedText($0.name).description },
    Field(.resident, \.resident),
    Field("resident_sum", \.sum),
    Field("pids") { $0.processes.map(\.id.rawValue) },
  ]

  private var members: [Member] {
    let none: Int32? = nil
    return [
      Member(.pid, none), Member("process_count", group.processes.count), Member(.resident, group.total.resident),
      Member(.proportional, group.total.proportional), Member(.privateDirty, group.total.privateDirty),
      Member(.swap, group.total.swapped), Member(.virtual, group.total.virtual),
    ]
  }
}
