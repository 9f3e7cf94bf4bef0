import MemDump

/// The columns of a table that a terminal has room for, and how wide they are.
struct ColumnFit {
  /// The width of each column, in columns of a terminal; nil for one that there is no room for.
  private(set) var widths: [Int?]
  /// The titles of the columns that there is no room for, but of those that have nothing to tell.
  private(set) var missing: [String] = []

  /// The number of blanks between two columns.
  static let gap = 2

  /// - Parameters:
  ///   - columns: the columns of the table.
  ///   - widths: how wide their widest cells are.
  ///   - isVoid: whether a column has nothing to tell.
  ///   - room: the number of columns that the terminal has; nil for no bound.
  init(_ columns: [Column], widths: [Int], isVoid: [Bool], within room: Int?) {
    self.widths = widths
    guard let room else { return }
    let least = zip(columns, widths).map { min($1, $0.leastWidth) }
    while total(least) > room {
      let leaving = columns.indices.filter { self.widths[$0] != nil && columns[$0].leaves > 0 }
      func turn(_ index: Int) -> Int { isVoid[index] ? 0 : columns[index].leaves }
      guard let next = leaving.min(by: { turn($0) < turn($1) }) else { break }
      self.widths[next] = nil
      if !isVoid[next] { missing.append(columns[next].title) }
    }
    narrow(to: room, least)
    // What is left has to do with less.
    narrow(to: room, zip(columns, least).map { $0.isElastic ? min($1, Column.narrowest) : $1 })
  }

  /// The width of the table, where each column that is shown has so much at the most.
  private func total(_ most: [Int]) -> Int {
    let shown = widths.indices.filter { widths[$0] != nil }
    return shown.reduce(Self.gap * max(0, shown.count - 1)) { $0 + min(most[$1], widths[$1] ?? 0) }
  }

  /// Takes from the widest columns until the table fits, or each has no more than its least width.
  private mutating func narrow(to room: Int, _ least: [Int]) {
    while true {
      let excess = total(widths.map { $0 ?? 0 }) - room
      let wider = widths.indices.filter { index in widths[index].map { $0 > least[index] } ?? false }
      guard excess > 0, let widest = wider.max(by: { (widths[$0] ?? 0) < (widths[$1] ?? 0) }),
        let width = widths[widest]
      else { return }
      let next = wider.filter { $0 != widest }.compactMap { widths[$0] }.max() ?? 0
      widths[widest] = max(least[widest], width - excess, min(next, width - 1))
    }
  }
}

extension Column {
  /// The width below which no cell says anything.
  fileprivate static let narrowest = 6

  /// Whether cells may have less room than they take.
  fileprivate var isElastic: Bool { if case .none = overflow { false } else { true } }

  /// The width that the column keeps as long as others can leave; of one whose cells are never cut all that they take.
  fileprivate var leastWidth: Int {
    switch overflow {
    case .none: .max
    case .cut: max(12, title.columnCount)
    case .wrapped: max(24, title.columnCount)
    }
  }
}
