import MemDump

/// A row of a footprint as people and programs see it: a category of one owner, or a part of it.
struct FootprintLine: Sendable {
  var use: FootprintUse
  var part: String?
  /// What the kernel tells of whole mappings; of the parts of a heap only the resident memory is known.
  var amount: MemoryAmount
  var isPartOfHeap = false
  var isApproximate = false
  var mappingCount: Int?
  var isSum = false

  /// The name for people.
  var title: String {
    if isSum { return "sum" }
    if let part { return "  " + part }
    return use.category.title + (use.owner.map { " (\($0))" } ?? "")
  }
}

extension FootprintLine {
  /// The lines of rows: the categories, those of most resident memory first, each with its parts below; the one of what is
  /// not explained always among them.
  static func lines(of rows: [FootprintRow], accounts: [HeapAccount] = []) -> [FootprintLine] {
    var groups: [(line: FootprintLine, parts: [FootprintLine])] = []
    for row in rows {
      let part = row.use.part.map {
        FootprintLine(
          use: row.use, part: $0, amount: row.amount, isApproximate: row.isApproximate, mappingCount: row.mappingCount)
      }
      let parts = part.map { [$0] } ?? []
      let known = groups.firstIndex { group in
        group.line.use.category == row.use.category && group.line.use.owner == row.use.owner
      }
      if let index = known {
        groups[index].line.amount += row.amount
        groups[index].line.isApproximate = groups[index].line.isApproximate || row.isApproximate
        groups[index].line.mappingCount = (groups[index].line.mappingCount ?? 0) + row.mappingCount
        groups[index].parts += parts
      } else {
        let line = FootprintLine(
          use: row.use, amount: row.amount, isApproximate: row.isApproximate, mappingCount: row.mappingCount)
        groups.append((line, parts))
      }
    }
    if !groups.contains(where: { $0.line.use.category == .unexplained }) {
      groups.append((FootprintLine(use: FootprintUse(.unexplained), amount: MemoryAmount(), mappingCount: 0), []))
    }
    groups.sort {
      ($1.line.amount.resident, $1.line.amount.virtual, $0.line.title)
        < ($0.line.amount.resident, $0.line.amount.virtual, $1.line.title)
    }
    return groups.flatMap { group -> [FootprintLine] in
      let account =
        group.line.use.category == .heap
        ? accounts.first { $0.allocator.title == group.line.use.owner } : nil
      return [group.line] + (account.map { parts(of: $0, group.line) } ?? group.parts)
    }
  }

  /// The parts of a heap that was walked, whose sum is the resident memory of its row.
  private static func parts(of account: HeapAccount, _ line: FootprintLine) -> [FootprintLine] {
    var left = line.amount.resident
    func take(_ byteCount: UInt64) -> UInt64 {
      let taken = min(byteCount, left)
      left -= taken
      return taken
    }
    var parts = account.parts.titled.map { (title: $0.title, byteCount: take($0.byteCount)) }
    // What the process took or gave back between the two looks.
    if left > 0 { parts.append(("changed meanwhile", left)) }
    return parts.filter { $0.byteCount > 0 }.sorted { $0.byteCount > $1.byteCount }.map {
      FootprintLine(
        use: line.use, part: $0.title, amount: MemoryAmount(resident: $0.byteCount), isPartOfHeap: true)
    }
  }
}

extension HeapAccount.Parts {
  /// The parts with their names, in the order in which they are told.
  var titled: [(title: String, byteCount: UInt64)] {
    [
      ("in use", used), ("in caches of threads", cached), ("free, returnable", returnable),
      ("free, pinned by blocks in use", pinned), ("free, kept for later", kept), ("zeros in huge pages", hugeZeros),
      ("the allocator's own", own),
      ("not walked", unwalked),
    ]
  }
}

extension [FootprintLine] {
  /// The fields of the lines.
  ///
  /// - Parameters:
  ///   - process: the process; nil of a core, or of several.
  ///   - whole: the resident memory of all, of which bars show the share.
  static func fields(_ process: ProcessID?, whole: UInt64) -> [Field<FootprintLine>] {
    let bars: [Field<FootprintLine>] =
      Terminal().columnCount == nil
      ? [] : [Field(.left("", overflow: .none, leaves: 6)) { $0.isSum ? "" : bar($0.amount.resident, of: whole) }]
    return [
      Field(.pid) { _ in process?.rawValue },
      Field(.category, \.use.category.name),
      Field(.owner, \.use.owner),
      Field(.part, \.part),
      Field(.left("WHERE"), cell: \.title).emphasised { $0.part == nil ? .strong : nil },
      Field(.resident, \.amount.resident, .right("RESIDENT")) { RegionsReport.size($0.amount.resident) },
    ] + bars + [
      Field(.proportional, { known($0, \.proportional) }, .right("PSS", leaves: 3)) {
        RegionsReport.size(known($0, \.proportional))
      },
      Field(.privateDirty, { known($0, \.privateDirty) }, .right("DIRTY", leaves: 4)) {
        RegionsReport.size(known($0, \.privateDirty))
      },
      Field(.swap, { known($0, \.swapped) }, .right("SWAP", leaves: 1)) { RegionsReport.size(known($0, \.swapped)) },
      Field(.virtual, { known($0, \.virtual) }, .right("VIRTUAL", leaves: 2)) {
        RegionsReport.size(known($0, \.virtual))
      },
      Field("mappings", \.mappingCount),
      Field(.approximate, \.isApproximate),
    ]
  }

  private static func known(_ line: FootprintLine, _ place: KeyPath<MemoryAmount, UInt64>) -> UInt64? {
    line.isPartOfHeap ? nil : line.amount[keyPath: place]
  }
}

/// A bar for a part of a whole, eight columns for all of it.
func bar(_ part: UInt64, of whole: UInt64) -> String {
  guard whole > 0, part > 0 else { return "" }
  let eighths = Int((Double(part) / Double(whole) * 64).rounded(.up))
  let ends = Array("▏▎▍▌▋▊▉")
  let last = min(eighths, 64) % 8
  return String(repeating: "█", count: min(eighths, 64) / 8) + (last > 0 ? String(ends[last - 1]) : "")
}
