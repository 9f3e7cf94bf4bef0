/// A report of a command: rows, facts and notes. A ``Rendering`` decides how they look.
protocol Report {
  /// Describes all of the report, in order.
  func describe(to page: inout some Rendering) throws
}

/// A form of output, which makes bytes of reports.
protocol Rendering {
  /// Rows with the same fields: a table for people, a record of a type each for programs.
  ///
  /// - Parameters:
  ///   - type: the type of the records; nil where programs get the rows elsewhere, or not at all.
  ///   - more: cells of more rows for people.
  mutating func table<Row>(
    _ type: String?, _ rows: some Sequence<Row>, _ fields: [Field<Row>], more: [[String]]) throws

  /// A row of a table that grows while people look at the table. The first row has the titles above.
  mutating func row<Row>(_ type: String, _ row: Row, _ fields: [Field<Row>], isFirst: Bool)

  /// Rows for programs.
  mutating func records<Row>(_ type: String, _ rows: some Sequence<Row>, _ fields: [Field<Row>]) throws

  /// A record for programs.
  mutating func record(_ type: String, _ members: [Member])

  /// A fact for people, under a label.
  mutating func fact(_ label: String, _ text: String, _ emphasis: Emphasis?)

  /// A line for people.
  mutating func line(_ text: String, _ emphasis: Emphasis?)

  /// A line for people that belongs to the lines before.
  mutating func item(_ text: String)

  /// A note on standard error, for whoever runs the command.
  mutating func note(_ text: String)

  /// A note on standard error for people alone, since programs have its facts in a record.
  mutating func closing(_ text: String)

  /// What to do next, on a terminal.
  mutating func next(_ step: NextStep?)

  /// Prints the output that is left.
  mutating func finish() throws
}

extension Rendering {
  /// Rows with the same fields, and no more.
  mutating func table<Row>(_ type: String?, _ rows: some Sequence<Row>, _ fields: [Field<Row>]) throws {
    try table(type, rows, fields, more: [])
  }

  /// A fact as any other.
  mutating func fact(_ label: String, _ text: String) { fact(label, text, nil) }

  /// A line as any other.
  mutating func line(_ text: String) { line(text, nil) }
}

/// The forms of output that there are.
enum OutputFormat: Equatable, Sendable {
  /// Text for people, and whether a terminal is told what to do next.
  case text(ColorChoice, tellsNext: Bool)
  case json

  /// The same, for what is not the end of a command.
  var withoutNext: OutputFormat { if case .text(let color, _) = self { .text(color, tellsNext: false) } else { self } }

  init(json: Bool, display: DisplayOptions) { self = json ? .json : display.text }
}

extension Report {
  /// Prints the report. That its reader has gone is no failure, and changes nothing of what the command came to.
  func print(as format: OutputFormat, to output: StandardOutput = StandardOutput()) throws {
    switch format {
    case .text(let color, let tellsNext): try print(with: TextRendering(output, color, tellsNext: tellsNext))
    case .json: try print(with: JSONRendering(output))
    }
  }

  private func print(with rendering: some Rendering) throws {
    var rendering = rendering
    do {
      try describe(to: &rendering)
      try rendering.finish()
    } catch is BrokenPipe {}
  }
}
