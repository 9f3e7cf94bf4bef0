import MemDump

extension ReferenceReport {
  /// The fields of a row of a holder.
  static let fields: [Field<ReferenceSummary.Row>] = [
    Field(.kind, \.kind.rawValue),
    Field(.holder, \.plainTitle, .left("HOLDER", rank: 1, overflow: .cut(keeping: .end))) { name($0) },
    Field(.holderReadable) { $0.title == $0.plainTitle ? nil : $0.title },
    Field(.module) { $0.module.map { EscapedText($0).description } },
    Field(.symbol, printableSymbol),
    Field(.offset, \.offset),
    Field("last_offset", \.lastOffset),
    Field(.thread, \.thread?.rawValue),
    Field(.address, \.address),
    Field("unsure", \.unsureCount),
    Field(.count, \.count, .right("BLOCKS", rank: -1)) { grouped($0.count) },
    Field("chain", \.chain, .left("CHAIN", rank: 1), cell: chain),
    Field("chain_length", \.chainLength),
    Field(.example, \.example),
  ]

  /// The number of groups of one size that a chain shows.
  private static let longestChain = 8

  @Sendable private static func printableSymbol(_ row: ReferenceSummary.Row) -> String? {
    row.symbol.map { EscapedText($0).description }
  }

  /// The name of a holder, with `(unsure)` behind it where no block is surely held.
  static func name(_ row: ReferenceSummary.Row) -> String {
    row.title + (row.unsureCount == row.count ? " (unsure)" : "")
  }

  /// The sizes of a chain, the block first; equal ones that follow each other are joined.
  @Sendable private static func chain(_ row: ReferenceSummary.Row) -> String {
    var groups: [(size: UInt64, count: Int)] = []
    for size in row.chain {
      if let last = groups.last, last.size == size {
        groups[groups.count - 1].count += 1
      } else {
        groups.append((size, 1))
      }
    }
    var words = groups.prefix(longestChain).map { group in
      (group.size == 0 ? "?" : grouped(group.size)) + (group.count > 1 ? " × \(grouped(group.count))" : "")
    }
    let shown = groups.prefix(longestChain).reduce(0) { $0 + $1.count }
    if row.chainLength > shown { words.append("… \(grouped(row.chainLength - shown)) more") }
    return (words + [row.kind == .variable ? "variable" : row.kind.rawValue]).joined(separator: " <- ")
  }
}
