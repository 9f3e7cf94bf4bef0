import MemDump

/// JSON Lines for programs: a record is an object on a line of its own, its type first.
struct JSONRendering: Rendering {
  private let output: StandardOutput
  private var writer = JSONWriter()
  private var notes: [String] = []

  init(_ output: StandardOutput) { self.output = output }

  mutating func table<Row>(
    _ type: String?, _ rows: some RandomAccessCollection<Row>, _ fields: @autoclosure () -> [Field<Row>],
    more: [[String]], widest: () -> [Row]?
  ) throws {
    guard let type else { return }
    try RowBlocks.write(rows, to: output) { rows in
      let members = fields().compactMap(\.member)
      var writer = JSONWriter()
      for row in rows { writer.line(type, row, members) }
      return writer.bytes
    }
  }

  mutating func row<Row>(_ type: String, _ row: Row, _ fields: [Field<Row>], isFirst: Bool) {
    record(type, fields.members(of: row))
  }

  mutating func records<Row>(_ type: String, _ rows: some Sequence<Row>, _ fields: [Field<Row>]) throws {
    let members = fields.compactMap(\.member)
    for row in rows {
      writer.line(type, row, members)
      try output.write(writer.bytes)
      writer.reset()
    }
  }

  mutating func record(_ type: String, _ members: [Member]) {
    writer.object { object in
      object.member("type", type)
      for member in members { object.member(member.name, member.value) }
    }
    writer.endLine()
    output.append(writer.bytes)
    writer.reset()
  }

  mutating func fact(_ label: String, _ text: String, _ emphasis: Emphasis?) {}

  mutating func line(_ text: String, _ emphasis: Emphasis?) {}

  mutating func item(_ text: String) {}

  mutating func item(_ text: String, end: String) {}

  mutating func note(_ text: String) { notes.append(text) }

  mutating func closing(_ text: String) {}

  mutating func next(_ step: NextStep?) {}

  mutating func finish() throws {
    try output.flush()
    for note in notes { StandardError.write(note) }
  }
}

extension JSONWriter {
  /// Adds the line of a row.
  mutating func line<Row>(_ type: String, _ row: Row, _ members: [Field<Row>.Getter]) {
    object { object in
      object.member("type", type)
      for member in members { object.member(member.name, member.value(row)) }
    }
    endLine()
  }

  fileprivate mutating func member(_ name: FieldName, _ value: FieldValue) {
    if case .absent = value { return }
    member(name.text) { $0.value(value) }
  }

  private mutating func value(_ value: FieldValue) {
    switch value {
    case .absent: return
    case .null: self.value(nil as String?)
    case .flag(let flag): self.value(flag)
    case .signed(let number): self.value(number)
    case .unsigned(let number): self.value(number)
    case .text(let text): self.value(text)
    case .address(let address): self.value(address.description)
    case .list(let values): array { for value in values { $0.value(value) } }
    case .object(let members): object(members)
    }
  }

  private mutating func object(_ members: [Member]) {
    object { object in for member in members { object.member(member.name, member.value) } }
  }
}
