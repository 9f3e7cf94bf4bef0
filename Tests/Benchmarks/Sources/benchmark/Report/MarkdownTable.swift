/// A table, padded so that it can be read as text too.
struct MarkdownTable {
  private var rows: [[String]]

  init(_ header: [String]) { rows = [header] }

  mutating func add(_ row: [String]) { rows.append(row) }

  var text: String {
    let columns = rows[0].indices
    let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      let padded = columns.map { column in
        let padding = String(repeating: " ", count: widths[column] - cells[column].count)
        return column == 0 ? cells[column] + padding : padding + cells[column]
      }
      return "| " + padded.joined(separator: " | ") + " |"
    }
    let rule = columns.map { column in
      column == 0
        ? String(repeating: "-", count: widths[column]) : String(repeating: "-", count: widths[column] - 1) + ":"
    }
    return ([line(rows[0]), line(rule)] + rows.dropFirst().map { line($0) }).joined(separator: "\n")
  }
}
