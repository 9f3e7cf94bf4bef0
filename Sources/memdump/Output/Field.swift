import MemDump

/// A field of rows of one type, declared once: its member for programs, and its column for people.
struct Field<Row>: Sendable {
  /// A member of a record by its name, and the value that a row has for it.
  typealias Getter = (name: FieldName, value: @Sendable (Row) -> FieldValue)

  /// The member of a record; nil for what only people see.
  let member: Getter?
  /// The column of a table; nil for what only programs get.
  let column: ShownColumn<Row>?

  /// A field that only programs get.
  init<Value: FieldRepresentable>(_ name: FieldName, _ value: @escaping @Sendable (Row) -> Value) {
    (member, column) = ((name, { @Sendable in value($0).fieldValue }), nil)
  }

  /// A field that programs get and people see.
  init<Value: FieldRepresentable>(
    _ name: FieldName, _ value: @escaping @Sendable (Row) -> Value, _ column: Column,
    cell: @escaping @Sendable (Row) -> String
  ) {
    (member, self.column) = ((name, { @Sendable in value($0).fieldValue }), ShownColumn(heading: column, cell: cell))
  }

  /// A field that programs get and people see, of which there may be millions of rows.
  init<Value: FieldRepresentable>(
    _ name: FieldName, _ value: @escaping @Sendable (Row) -> Value, _ column: Column,
    writing write: @escaping @Sendable (Row, inout CellWriter) -> Void
  ) {
    let cell = { @Sendable (row: Row) in
      var writer = CellWriter()
      write(row, &writer)
      return writer.text
    }
    member = (name, { @Sendable in value($0).fieldValue })
    self.column = ShownColumn(heading: column, cell: cell, write: write)
  }

  /// A field that only people see.
  init(_ column: Column, cell: @escaping @Sendable (Row) -> String) {
    (member, self.column) = (nil, ShownColumn(heading: column, cell: cell))
  }

  private init(member: Getter?, column: ShownColumn<Row>?) { (self.member, self.column) = (member, column) }

  /// The field, for only those rows that it applies to.
  func only(where applies: @escaping @Sendable (Row) -> Bool) -> Field {
    Field(member: member.map { member in (member.name, { applies($0) ? member.value($0) : .absent }) }, column: column)
  }

  /// The field, with the cells emphasised that need the eye.
  func emphasised(_ emphasis: @escaping @Sendable (Row) -> Emphasis?) -> Field {
    var column = column
    column?.emphasis = emphasis
    return Field(member: member, column: column)
  }

  /// The field for programs alone, as a field of outer rows that hold such a row.
  func member<Outer>(of row: @escaping @Sendable (Outer) -> Row) -> Field<Outer> {
    Field<Outer>(member: member.map { member in (member.name, { member.value(row($0)) }) }, column: nil)
  }
}

/// A column of a table of rows of one type.
struct ShownColumn<Row>: Sendable {
  let heading: Column
  let cell: @Sendable (Row) -> String
  /// Writes the cell of a row.
  let write: @Sendable (Row, inout CellWriter) -> Void
  /// The emphasis of the cell of a row.
  var emphasis: (@Sendable (Row) -> Emphasis?)?

  init(heading: Column, cell: @escaping @Sendable (Row) -> String) {
    self.init(heading: heading, cell: cell) { $1.add(cell($0)) }
  }

  init(
    heading: Column, cell: @escaping @Sendable (Row) -> String,
    write: @escaping @Sendable (Row, inout CellWriter) -> Void
  ) {
    (self.heading, self.cell, self.write) = (heading, cell, write)
  }
}

/// The heading of a column of a table, and how the column is laid out.
struct Column: Sendable {
  /// What becomes of a cell that there is no room for on a terminal.
  enum Overflow {
    /// It has all the room that it takes.
    case none
    case cut(keeping: KeptPart)
    /// It goes on below.
    case wrapped
  }

  let title: String
  let alignment: Table.Alignment
  /// The rank of the column in a table, which counts before the order of the fields.
  var rank = 0
  /// The width of the column where rows come one by one, in columns of a terminal.
  var width = 0
  var overflow = Overflow.none
  /// When the column leaves a table that is too wide for a terminal: 1 for the first one to go; 0 for one that stays.
  var leaves = 0

  static func left(
    _ title: String, rank: Int = 0, width: Int = 0, overflow: Overflow = .cut(keeping: .start), leaves: Int = 0
  ) -> Column {
    Column(title: title, alignment: .left, rank: rank, width: width, overflow: overflow, leaves: leaves)
  }

  static func right(_ title: String, rank: Int = 0, width: Int = 0, leaves: Int = 0) -> Column {
    Column(title: title, alignment: .right, rank: rank, width: width, leaves: leaves)
  }
}

extension Array {
  /// The columns that the fields have, in the order of their ranks.
  func columns<Row>() -> [ShownColumn<Row>] where Element == Field<Row> {
    let columns = compactMap(\.column)
    return columns.indices.sorted { (columns[$0].heading.rank, $0) < (columns[$1].heading.rank, $1) }.map {
      columns[$0]
    }
  }

  /// The members of the record of a row.
  func members<Row>(of row: Row) -> [Member] where Element == Field<Row> {
    compactMap { field in field.member.map { Member($0.name, $0.value(row)) } }
  }
}
