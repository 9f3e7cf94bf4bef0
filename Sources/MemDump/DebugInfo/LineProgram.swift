/// The program of a table of lines, which makes the rows one after the other (DWARF 5, 6.2.5).
struct LineProgram {
  /// What the header of a table says of its program.
  struct Shape {
    /// The length of the shortest instruction (minimum_instruction_length).
    var step: UInt64 = 1
    /// Whether rows are the start of a statement, unless told otherwise.
    var isStatement = true
    var lineBase: Int64 = 0
    var lineRange: UInt64 = 1
    /// The first opcode that moves address and line at once.
    var firstSpecial: UInt8 = 1
    /// The number of operands of the standard opcodes, from 1 on.
    var operandCounts: [UInt8] = []
  }

  private struct State {
    var address: UInt64 = 0
    var file: UInt64 = 1
    var line: UInt64 = 1
    var isStatement: Bool
  }

  private enum Outcome { case none, row, end }

  private let shape: Shape
  private var reader: NumberReader
  private var state: State

  /// The row for an address: the last one of a sequence that is not behind it, and of several at one place the last that
  /// begins a statement, if there is one. Nil where no row is there.
  static func row(at address: UInt64, in table: LineTable, _ work: DebugWork) -> LineTable.Row? {
    var program = LineProgram(table)
    return program.row(at: address, work)
  }

  private init(_ table: LineTable) {
    (shape, reader, state) = (table.shape, table.program, State(isStatement: table.shape.isStatement))
  }

  private mutating func row(at address: UInt64, _ work: DebugWork) -> LineTable.Row? {
    var best: State?
    while !reader.isAtEnd, work.take(), let outcome = step() {
      if outcome == .none { continue }
      if let best, best.address <= address, state.address > address {
        return LineTable.Row(file: best.file, line: best.line)
      }
      if outcome == .end {
        (best, state) = (nil, State(isStatement: shape.isStatement))
      } else if state.address <= address, state.address != 0 {
        let isBetter = best.map { $0.address != state.address || state.isStatement || !$0.isStatement } ?? true
        if isBetter { best = state }
      }
    }
    return nil
  }

  /// Carries out an instruction; nil where that cannot be done.
  private mutating func step() -> Outcome? {
    guard let code = reader.byte() else { return nil }
    if code >= shape.firstSpecial {
      guard shape.lineRange > 0 else { return nil }
      let number = UInt64(code - shape.firstSpecial)
      advance(number / shape.lineRange)
      state.line = state.line &+ UInt64(bitPattern: shape.lineBase &+ Int64(number % shape.lineRange))
      return .row
    }
    switch code {
    case 0: return extended()
    case 1: return .row
    case 2:
      guard let count = reader.unsigned() else { return nil }
      advance(count)
    case 3:
      guard let count = reader.signed() else { return nil }
      state.line = state.line &+ UInt64(bitPattern: count)
    case 4:
      guard let file = reader.unsigned() else { return nil }
      state.file = file
    case 6: state.isStatement.toggle()
    case 8:
      guard shape.lineRange > 0 else { return nil }
      advance(UInt64(255 - shape.firstSpecial) / shape.lineRange)
    case 9:
      guard let count = reader.number(UInt16.self) else { return nil }
      state.address &+= UInt64(count)
    default:
      // What this opcode does is of no interest, or not known: the header tells how many operands it has.
      guard Int(code) <= shape.operandCounts.count else { return nil }
      for _ in 0..<shape.operandCounts[Int(code) - 1] { guard reader.unsigned() != nil else { return nil } }
    }
    return Outcome.none
  }

  private mutating func extended() -> Outcome? {
    guard let byteCount = reader.unsigned(), byteCount > 0 else { return nil }
    var rest = reader
    guard rest.skip(byteCount), let code = reader.byte() else { return nil }
    defer { reader = rest }
    switch code {
    case 1: return .end
    case 2:
      guard byteCount == 9, let address = reader.number(UInt64.self) else { return nil }
      state.address = address
    default: break
    }
    return Outcome.none
  }

  private mutating func advance(_ count: UInt64) { state.address &+= count &* shape.step }
}
