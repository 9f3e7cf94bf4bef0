/// The instructions of call frame information (DW_CFA_…; DWARF 5, 6.4.2), which fill rows of a table one after the other.
/// Work goes by the bytes that are there.
struct FrameProgram {
  /// What a common entry says of the functions that refer to it.
  let common: CommonFrame
  private(set) var row = FrameRow()
  private var initial = FrameRow()
  private var remembered: [FrameRow] = []

  /// The most rows that are remembered at once.
  private static let mostRemembered = 64

  init(_ common: CommonFrame) { self.common = common }

  /// Has the instructions of the common entry fill the row that every function begins with. False where one is unknown.
  mutating func begin() -> Bool {
    let instructions = NumberReader(common.instructions, at: common.instructionsAddress)
    guard run(instructions, from: 0, to: .max) else { return false }
    initial = row
    return true
  }

  /// Fills the row of an address. False where an instruction is unknown, or not there whole.
  ///
  /// - Parameters:
  ///   - reader: the instructions.
  ///   - start: the address where the function begins, from the load bias on.
  ///   - address: the address.
  mutating func run(_ reader: NumberReader, from start: UInt64, to address: UInt64) -> Bool {
    var (reader, location) = (reader, start)
    while location <= address, let code = reader.byte() {
      let operand = UInt64(code & 0x3f)
      switch code >> 6 {
      case 1: location = location &+ operand &* common.codeAlignment
      case 2:
        guard let offset = reader.unsigned() else { return false }
        row.set(operand, .offset(scaled(Int64(bitPattern: offset))))
      case 3: row.set(operand, initial.rules[operand])
      default:
        if let next = advance(code, &reader, location) {
          location = next
        } else if !execute(code, &reader) {
          return false
        }
      }
    }
    return true
  }

  private func scaled(_ factor: Int64) -> Int64 { factor &* common.dataAlignment }

  /// The location after an instruction that sets it; nil for any other.
  private func advance(_ code: UInt8, _ reader: inout NumberReader, _ location: UInt64) -> UInt64? {
    let delta: UInt64?
    switch code {
    case 0x01: return reader.pointer(common.pointerEncoding)
    case 0x02: delta = reader.byte().map { UInt64($0) }
    case 0x03: delta = reader.number(UInt16.self).map { UInt64($0) }
    case 0x04: delta = reader.number(UInt32.self).map { UInt64($0) }
    default: return nil
    }
    return delta.map { location &+ $0 &* common.codeAlignment }
  }

  private mutating func execute(_ code: UInt8, _ reader: inout NumberReader) -> Bool {
    switch code {
    case 0x00: return true
    case 0x0a:
      guard remembered.count < Self.mostRemembered else { return false }
      remembered.append(row)
      return true
    case 0x0b:
      guard let last = remembered.popLast() else { return false }
      row = last
      return true
    case 0x0c...0x0f, 0x12, 0x13: return setFrameAddress(code, &reader)
    // The size of pushed arguments: nothing of the caller.
    case 0x2e: return reader.unsigned() != nil
    default: return setRule(code, &reader)
    }
  }

  private mutating func setFrameAddress(_ code: UInt8, _ reader: inout NumberReader) -> Bool {
    if code == 0x0f {
      row.frameAddress = reader.block().map { .expression($0) }
      return row.frameAddress != nil
    }
    var (register, offset): (UInt64?, Int64?) = (nil, nil)
    if case .register(let known, let distance)? = row.frameAddress { (register, offset) = (known, distance) }
    if code == 0x0c || code == 0x0d || code == 0x12 { register = reader.unsigned() }
    switch code {
    case 0x0c, 0x0e: offset = reader.unsigned().map { Int64(bitPattern: $0) }
    case 0x12, 0x13: offset = reader.signed().map { scaled($0) }
    default: break
    }
    guard let register, let offset else { return false }
    row.frameAddress = .register(register, offset: offset)
    return true
  }

  private mutating func setRule(_ code: UInt8, _ reader: inout NumberReader) -> Bool {
    guard let register = reader.unsigned() else { return false }
    let rule: FrameRow.Rule?
    switch code {
    case 0x05: rule = reader.unsigned().map { .offset(scaled(Int64(bitPattern: $0))) }
    case 0x06:
      row.set(register, initial.rules[register])
      return true
    case 0x07: rule = .undefined
    case 0x08: rule = .same
    case 0x09: rule = reader.unsigned().map { .register($0) }
    case 0x10: rule = reader.block().map { .expression($0) }
    case 0x11: rule = reader.signed().map { .offset(scaled($0)) }
    case 0x14: rule = reader.unsigned().map { .valueOffset(scaled(Int64(bitPattern: $0))) }
    case 0x15: rule = reader.signed().map { .valueOffset(scaled($0)) }
    case 0x16: rule = reader.block().map { .valueExpression($0) }
    case 0x2f: rule = reader.unsigned().map { .offset(scaled(0 &- Int64(bitPattern: $0))) }
    default: return false
    }
    guard let rule else { return false }
    row.set(register, rule)
    return true
  }
}
