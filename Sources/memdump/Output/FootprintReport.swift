import MemDump

/// The report of `memdump footprint` on a process or a core.
struct FootprintReport: Report {
  private let footprint: ProcessFootprint
  private let hasSeveral: Bool
  /// Whether mappings are listed, and how many at most; nil inside for all.
  private let mappings: Int??
  private let lines: [FootprintLine]

  /// - Parameters:
  ///   - footprint: where the memory is.
  ///   - hasSeveral: whether there are several such reports.
  ///   - mappings: the most mappings of a row that are listed; nil to list none.
  init(_ footprint: ProcessFootprint, hasSeveral: Bool, mappings: Int??) {
    (self.footprint, self.hasSeveral, self.mappings) = (footprint, hasSeveral, mappings)
    lines = FootprintLine.lines(of: footprint.rows, accounts: footprint.accounts)
  }

  func describe(to page: inout some Rendering) throws {
    if hasSeveral, let process = footprint.process {
      page.line("\(process.id) (\(EscapedText(process.name)))", .strong)
    }
    let fields = [FootprintLine].fields(footprint.process?.id, whole: footprint.total.resident)
    var sum = FootprintLine(use: FootprintUse(.unexplained), amount: footprint.total)
    sum.isSum = true
    try page.table("footprint", lines, fields, more: [fields.columns().map { $0.cell(sum) }])
    for (label, text) in facts { page.fact(label, text) }
    for finding in footprint.accounts.compactMap(\.finding) { page.tell(finding) }
    try page.records(of: footprint.accounts, process: footprint.process?.id)
    if let note = footprint.proof?.choice.note { page.fact("mode", note) }
    if let proof = footprint.proof { page.pause(of: proof) }
    if let warning = footprint.proof?.warning { page.fact("WARNING", warning) }
    if let mappings { try list(mappings, on: &page) }
    if hasSeveral { page.line("") } else { page.next(step) }
    page.record("summary", members)
  }

  private var step: NextStep? {
    guard let process = footprint.process else { return nil }
    return NextStep(footprint.accounts.isEmpty ? "regions" : "heap", process.id.description)
  }

  private var facts: [(String, String)] {
    var facts: [(String, String)] = []
    if let kernel = footprint.kernelSum {
      let difference = footprint.difference
      facts.append(
        (
          "kernel",
          difference == 0
            ? "\(ByteSize(kernel.resident)) by smaps_rollup: the same sum, to the page"
            : "\(ByteSize(kernel.resident)) by smaps_rollup: it changed by \(difference < 0 ? "-" : "+")"
              + "\(ByteSize(UInt64(difference.magnitude))) during the look"
        ))
    } else if footprint.process == nil {
      facts.append(("core", "RESIDENT is what the file holds; who shares it, and what was changed, is in no core"))
    }
    if let tables = footprint.pageTables {
      let huge = footprint.hugePages > 0 ? "; \(ByteSize(footprint.hugePages)) of the sum are in huge pages" : ""
      let swapped = ByteSize(footprint.total.swapped)
      facts.append(("besides", "\(ByteSize(tables)) of page tables, \(swapped) in swap" + huge))
    }
    let general = footprint.others.filter(\.allocator.isGeneral)
    if !general.isEmpty {
      facts.append(("also", "a heap of \(HeapReport.names(general)), which is not walked"))
    }
    if !footprint.walksHeaps { facts.append(("heaps", "not walked; --heaps tells what of them is in use")) }
    return facts
  }

  private func list(_ limit: Int?, on page: inout some Rendering) throws {
    for line in lines where line.mappingCount ?? 0 > 0 {
      let rows = footprint.rows.filter { row in
        row.use.category == line.use.category && row.use.owner == line.use.owner
          && (line.part == nil ? row.use.part == nil : row.use.part == line.part)
      }
      let all = rows.flatMap(\.mappings).sorted {
        ($1.usage?.resident ?? 0, $0.range.lowerBound) < ($0.usage?.resident ?? 0, $1.range.lowerBound)
      }
      guard !all.isEmpty else { continue }
      page.line("")
      let shown = Array(all.prefix(limit ?? .max))
      let whole = FootprintLine(use: line.use.whole, amount: line.amount).title
      let name = line.part.map { "\(whole), \($0)" } ?? line.title
      let cut = shown.count < all.count ? ": the \(shown.count) largest of \(grouped(all.count)) mappings" : ""
      page.line(name + cut, .strong)
      try page.table(nil, shown, RegionsReport.fields)
      let use = line.use
      let process = footprint.process?.id.rawValue
      try page.records(
        "mapping", shown,
        RegionsReport.fields + [
          Field(.pid) { _ in process }, Field(.category) { _ in use.category.name }, Field(.owner) { _ in use.owner },
          Field(.part) { _ in use.part },
        ])
    }
  }

  private var members: [Member] {
    [
      Member(.pid, footprint.process?.id.rawValue),
      Member(.name, footprint.process.map { EscapedText($0.name).description }),
      Member(.resident, footprint.total.resident),
      Member(.proportional, footprint.total.proportional),
      Member(.privateDirty, footprint.total.privateDirty),
      Member(.swap, footprint.total.swapped),
      Member(.virtual, footprint.total.virtual),
      Member("kernel_resident", footprint.kernelSum?.resident),
      Member("difference", footprint.difference),
      Member("unexplained", footprint.amount(of: .unexplained).resident),
      Member("page_tables", footprint.pageTables),
      Member("huge_pages", footprint.hugePages),
    ] + LookProof.members(of: [footprint.proof])
  }
}
