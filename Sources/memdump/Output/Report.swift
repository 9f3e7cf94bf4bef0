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
  ///   - fields: the fields, made anew for each thread that works on rows: what is called for each row and counts its users is
  ///     best had by one thread.
  ///   - more: cells of more rows for people.
  ///   - widest: rows that have the widest cells of each column among them, where that is known sooner than by a look at all.
  mutating func table<Row>(
    _ type: String?, _ rows: some RandomAccessCollection<Row>, _ fields: @autoclosure () -> [Field<Row>],
    more: [[String]], widest: () -> [Row]?) throws

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

  /// A line that belongs to the lines before and stays one: where there is no room, it is cut before its end.
  mutating func item(_ text: String, end: String)

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
  /// Rows with the same fields, whose widest ones a look tells.
  mutating func table<Row>(
    _ type: String?, _ rows: some RandomAccessCollection<Row>, _ fields: @autoclosure () -> [Field<Row>],
    more: [[String]] = []
  ) throws {
    try table(type, rows, fields(), more: more) { nil }
  }

  /// A fact as any other.
  mutating func fact(_ label: String, _ text: String) { fact(label, text, nil) }

  /// A line as any other.
  mutating func line(_ text: String) { line(text, nil) }
}

/// The forms of output that there are.
struct OutputFormat: Sendable, Equatable {
  enum Kind: String, CaseIterable { case text, json, csv }

  let kind: Kind
  /// Whether tables have a line of headings.
  let hasHeadings: Bool
  /// When output is emphasised.
  let color: ColorChoice
  /// Whether a terminal is told what to do next.
  let tellsNext: Bool

  init(_ kind: Kind, hasHeadings: Bool = true, _ display: DisplayOptions) {
    self.init(kind, hasHeadings: hasHeadings || kind == .json, display.color, tellsNext: !display.hidesNext)
  }

  init(json: Bool, display: DisplayOptions) { self.init(json ? .json : .text, display) }

  init(_ kind: Kind, hasHeadings: Bool = true, _ color: ColorChoice = .auto, tellsNext: Bool = false) {
    (self.kind, self.hasHeadings, self.color, self.tellsNext) = (kind, hasHeadings, color, tellsNext)
  }

  /// The form of a table that goes on with what one of the same fields began.
  var following: OutputFormat {
    OutputFormat(kind, hasHeadings: hasHeadings && kind != .csv, color, tellsNext: tellsNext)
  }

  /// The same, for what is not the end of a command.
  var withoutNext: OutputFormat { OutputFormat(kind, hasHeadings: hasHeadings, color, tellsNext: false) }
}

extension Report {
  /// Prints the report. That its reader has gone is no failure, and changes nothing of what the command came to.
  func print(as format: OutputFormat, to output: StandardOutput = StandardOutput()) throws {
    switch format.kind {
    case .text: try print(with: TextRendering(output, format))
    case .json: try print(with: JSONRendering(output))
    case .csv: try print(with: CSVRendering(output, hasHeadings: format.hasHeadings))
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
