import MemDump

/// A table of text for people, with columns as wide as their cells, or as a terminal has room for.
struct Table {
  enum Alignment { case left, right }

  /// A cell, and what it is to the eye.
  typealias Cell = (text: String, emphasis: Emphasis?)

  private let columns: [Column]
  private let hasTitles: Bool
  private let terminal: Terminal
  private var rows: [[Cell]] = []

  init(_ columns: [Column], hasTitles: Bool = true, for terminal: Terminal) {
    (self.columns, self.hasTitles, self.terminal) = (columns, hasTitles, terminal)
  }

  /// Whether the table has no rows.
  var isEmpty: Bool { rows.isEmpty }

  mutating func add(_ cells: [Cell]) {
    precondition(cells.count == columns.count)
    rows.append(cells)
  }

  /// The columns that there is room for.
  var fit: ColumnFit {
    let widths = columns.indices.map { index in
      max(hasTitles ? columns[index].title.columnCount : 0, rows.map { $0[index].text.columnCount }.max() ?? 0)
    }
    let isVoid = columns.indices.map { index in rows.allSatisfy { ["", "-"].contains($0[index].text) } }
    return ColumnFit(columns, widths: widths, isVoid: isVoid, within: terminal.columnCount)
  }

  /// Hands out the lines, the titles first where they are wanted; the last column has no blanks behind it.
  func forEachLine(_ fit: ColumnFit, _ body: (String) throws -> Void) rethrows {
    if hasTitles { for line in Self.titles(columns, fit, for: terminal) { try body(line) } }
    for row in rows { for line in Self.lines(row, columns, fit, for: terminal) { try body(line) } }
  }

  /// The line of titles.
  static func titles(_ columns: [Column], _ fit: ColumnFit, for terminal: Terminal) -> [String] {
    lines(columns.map { ($0.title, .strong) }, columns, fit, for: terminal)
  }

  /// The lines of a row: several where a cell goes on below. A cell that is wider than its column pushes the others on.
  static func lines(_ cells: [Cell], _ columns: [Column], _ fit: ColumnFit, for terminal: Terminal) -> [String] {
    let shown = columns.indices.filter { fit.widths[$0] != nil }
    let parts = shown.map { index in
      terminal.columnCount == nil
        ? [cells[index].text] : columns[index].lines(of: cells[index].text, fit.widths[index] ?? 0)
    }
    return (0..<(parts.map(\.count).max() ?? 0)).map { number in
      var line = ""
      var left = terminal.columnCount ?? .max
      // What a terminal has no room for, however little of it is shown, is cut off.
      func add(_ text: String, _ emphasis: Emphasis? = nil) {
        let text = text.cut(to: left)
        left -= text.columnCount
        line += terminal.shown(text, emphasis)
      }
      for (place, index) in shown.enumerated() {
        let text = number < parts[place].count ? parts[place][number] : ""
        let padding = String(repeating: " ", count: max(0, (fit.widths[index] ?? 0) - text.columnCount))
        if place > 0 { add(String(repeating: " ", count: ColumnFit.gap)) }
        if columns[index].alignment == .right { add(padding) }
        add(text, cells[index].emphasis)
        if columns[index].alignment == .left, place < shown.count - 1 { add(padding) }
      }
      return line
    }
  }
}

extension Column {
  /// The text of a cell in lines of no more than `width`.
  fileprivate func lines(of text: String, _ width: Int) -> [String] {
    switch overflow {
    case .none: [text]
    case .cut(let part): [text.cut(to: width, keeping: part)]
    case .wrapped: text.wrapped(to: width, hanging: 2)
    }
  }
}
