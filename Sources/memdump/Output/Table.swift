/// A table of text for people, with columns as wide as their cells.
struct Table {
  enum Alignment { case left, right }

  private let columns: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []

  init(_ columns: [(String, Alignment)]) { self.columns = columns.map { (title: $0.0, alignment: $0.1) } }

  mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count)
    rows.append(cells)
  }

  /// Hands out the lines, the titles first where they are wanted; the last column has no blanks behind it.
  func forEachLine(withTitles: Bool = true, _ body: (String) throws -> Void) rethrows {
    let alignments = columns.map(\.alignment)
    let widths = columns.indices.map { index in
      max(withTitles ? columns[index].title.count : 0, rows.map { $0[index].count }.max() ?? 0)
    }
    if withTitles { try body(Self.line(columns.map(\.title), alignments, widths)) }
    for row in rows { try body(Self.line(row, alignments, widths)) }
  }

  /// A line of cells; a cell that is wider than its column pushes the others on.
  static func line(_ cells: [String], _ alignments: [Alignment], _ widths: [Int]) -> String {
    var line = ""
    for (index, cell) in cells.enumerated() {
      let padding = String(repeating: " ", count: max(0, widths[index] - cell.count))
      if index > 0 { line += "  " }
      switch alignments[index] {
      case .right: line += padding + cell
      case .left: line += index == cells.count - 1 ? cell : cell + padding
      }
    }
    return line
  }
}
