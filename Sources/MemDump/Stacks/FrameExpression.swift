/// An expression of call frame information (DWARF 5, 2.5), which computes a value from registers and memory.
enum FrameExpression {
  /// The most operations of an evaluation, since an expression can jump back; and the most values at once.
  private static let (mostSteps, mostValues) = (1000, 64)

  /// The value of an expression; nil where it takes what is not known, or an operation that is not written here.
  ///
  /// - Parameters:
  ///   - bytes: the operations.
  ///   - initial: the value that lies on the stack at the start; nil for none.
  ///   - bias: the load bias of the module.
  ///   - register: the value of a register.
  ///   - memory: the number of up to 8 bytes at an address.
  static func value(
    _ bytes: [UInt8], initial: UInt64? = nil, bias: UInt64, register: (UInt64) -> UInt64?,
    memory: (UInt64, Int) -> UInt64?
  ) -> UInt64? {
    var stack = initial.map { [$0] } ?? []
    var (position, steps) = (0, 0)
    while position < bytes.count {
      steps += 1
      guard steps <= mostSteps, stack.count <= mostValues else { return nil }
      var reader = NumberReader(Array(bytes[position...].prefix(32)), at: 0)
      guard let code = reader.byte() else { return nil }
      if code == 0x28 || code == 0x2f {
        // A jump, or one that is made unless the value is 0.
        guard let distance = reader.number(Int16.self) else { return nil }
        position += reader.index
        if code == 0x28 {
          guard let condition = stack.popLast() else { return nil }
          if condition == 0 { continue }
        }
        position += Int(distance)
        guard (0...bytes.count).contains(position) else { return nil }
        continue
      }
      guard step(code, &reader, &stack, bias, register, memory) else { return nil }
      position += reader.index
    }
    return stack.last
  }

  private static func step(
    _ code: UInt8, _ reader: inout NumberReader, _ stack: inout [UInt64], _ bias: UInt64,
    _ register: (UInt64) -> UInt64?, _ memory: (UInt64, Int) -> UInt64?
  ) -> Bool {
    var pushed: UInt64?
    switch code {
    case 0x03: pushed = reader.number(UInt64.self).map { $0 &+ bias }
    case 0x06: pushed = stack.popLast().flatMap { memory($0, 8) }
    case 0x08...0x11: pushed = constant(code, &reader)
    case 0x12: pushed = stack.last
    case 0x13: return stack.popLast() != nil
    case 0x14: pushed = stack.count > 1 ? stack[stack.count - 2] : nil
    case 0x15:
      pushed = reader.byte().flatMap { Int($0) < stack.count ? stack[stack.count - 1 - Int($0)] : nil }
    case 0x16:
      guard stack.count > 1 else { return false }
      stack.swapAt(stack.count - 1, stack.count - 2)
      return true
    case 0x17:
      guard stack.count > 2, let top = stack.popLast() else { return false }
      stack.insert(top, at: stack.count - 2)
      return true
    case 0x19: pushed = stack.popLast().map { Int64(bitPattern: $0).magnitude }
    case 0x1f: pushed = stack.popLast().map { 0 &- $0 }
    case 0x20: pushed = stack.popLast().map { ~$0 }
    case 0x23:
      guard let number = reader.unsigned() else { return false }
      pushed = stack.popLast().map { $0 &+ number }
    case 0x1a...0x2e:
      guard let right = stack.popLast(), let left = stack.popLast() else { return false }
      pushed = binary(code, left, right)
    case 0x30...0x4f: pushed = UInt64(code - 0x30)
    case 0x70...0x8f:
      guard let offset = reader.signed() else { return false }
      pushed = register(UInt64(code - 0x70)).map { $0 &+ UInt64(bitPattern: offset) }
    case 0x92:
      guard let number = reader.unsigned(), let offset = reader.signed() else { return false }
      pushed = register(number).map { $0 &+ UInt64(bitPattern: offset) }
    case 0x94:
      guard let size = reader.byte(), (1...8).contains(size) else { return false }
      pushed = stack.popLast().flatMap { memory($0, Int(size)) }
    case 0x96: return true
    default: return false
    }
    guard let pushed else { return false }
    stack.append(pushed)
    return true
  }

  private static func constant(_ code: UInt8, _ reader: inout NumberReader) -> UInt64? {
    func signed(_ number: (some FixedWidthInteger & SignedInteger)?) -> UInt64? {
      number.map { UInt64(bitPattern: Int64($0)) }
    }
    return switch code {
    case 0x08: reader.byte().map { UInt64($0) }
    case 0x09: signed(reader.number(Int8.self))
    case 0x0a: reader.number(UInt16.self).map { UInt64($0) }
    case 0x0b: signed(reader.number(Int16.self))
    case 0x0c: reader.number(UInt32.self).map { UInt64($0) }
    case 0x0d: signed(reader.number(Int32.self))
    case 0x0e, 0x0f: reader.number(UInt64.self)
    case 0x10: reader.unsigned()
    default: reader.signed().map { UInt64(bitPattern: $0) }
    }
  }

  private static func binary(_ code: UInt8, _ left: UInt64, _ right: UInt64) -> UInt64? {
    let (first, second) = (Int64(bitPattern: left), Int64(bitPattern: right))
    return switch code {
    case 0x1a: left & right
    case 0x1b: second == 0 ? nil : UInt64(bitPattern: first.dividedReportingOverflow(by: second).partialValue)
    case 0x1c: left &- right
    case 0x1d: right == 0 ? nil : left % right
    case 0x1e: left &* right
    case 0x21: left | right
    case 0x22: left &+ right
    case 0x24: right < 64 ? left << right : 0
    case 0x25: right < 64 ? left >> right : 0
    case 0x26: UInt64(bitPattern: first >> Int64(min(right, 63)))
    case 0x27: left ^ right
    case 0x29: first == second ? 1 : 0
    case 0x2a: first >= second ? 1 : 0
    case 0x2b: first > second ? 1 : 0
    case 0x2c: first <= second ? 1 : 0
    case 0x2d: first < second ? 1 : 0
    case 0x2e: first != second ? 1 : 0
    default: nil
    }
  }
}
