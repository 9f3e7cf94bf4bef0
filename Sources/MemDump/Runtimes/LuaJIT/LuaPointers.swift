/// What the objects of LuaJIT lead to, and by what.
struct LuaPointers {
  /// By what an object leads to another.
  enum Step: Hashable, Sendable {
    /// An element of a table, whatever its number.
    case element
    /// A field of a table whose key is a string, by its address.
    case field(Address)
    /// A field of a table with a key of another type.
    case otherField
    /// A key of a table.
    case key
    case metatable
    /// A variable of a function that is made outside of it: the code of the function, and the number of the variable.
    case upvalue(code: Address, number: UInt8)
    /// What an upvalue has.
    case value
    /// A value on the stack of a thread.
    case stack
    /// A constant of a function's code.
    case constant
    /// The table that a function, thread or userdata takes its globals from.
    case environment
  }

  /// The bytes of a prototype's own structure, which its code follows.
  static let protoByteCount: UInt64 = 104

  /// Hands out all that an object leads to, as far as the words have steps left: sizes are the program's own.
  static func forEach(
    of object: LuaObject, _ header: LuaLayout.Header, _ words: inout WordCache,
    _ body: (Step, Address) -> Void
  ) throws(MemDumpError) {
    let place = object.address
    func tell(_ step: Step, _ word: UInt64?) {
      if let word, case .object(_, let target) = LuaLayout.Value(word) { body(step, target) }
    }
    func tell(_ step: Step, reference: UInt64?) {
      if let reference, reference > 4096 { body(step, Address(reference)) }
    }
    switch object.kind {
    case .table:
      guard let table = object.table else { return }
      for index in 0..<table.arrayCount {
        guard words.step(), let value = try words.word(at: table.array + index * 8) else { break }
        tell(.element, value)
      }
      for index in 0..<table.nodeCount {
        let node = table.nodes + index * LuaLayout.nodeByteCount
        guard words.step(), let value = try words.word(at: node), let key = try words.word(at: node + 8) else { break }
        if LuaLayout.Value(value) == .none { continue }
        switch LuaLayout.Value(key) {
        case .object(.string, let text): tell(.field(text), value)
        case .object: tell(.otherField, value)
        case .none: continue
        case .other: tell(isNumber(key) ? .element : .otherField, value)
        }
        tell(.key, key)
      }
      tell(.metatable, reference: table.metatable)
    case .function:
      if header.first == 0, let code = try words.word(at: place + 32) {
        for number in 0..<header.second {
          tell(
            .upvalue(code: Address(code &- protoByteCount), number: number),
            reference: try words.word(at: place + 40 + UInt64(number) * 8))
        }
        tell(.constant, reference: code &- protoByteCount)
      } else if header.first != 0 {
        for number in 0..<UInt64(header.second) { tell(.value, try words.word(at: place + 48 + number * 8)) }
      }
      tell(.environment, reference: try words.word(at: place + 16))
    case .upvalue:
      if let value = try words.word(at: place + 32) { tell(.value, try words.word(at: Address(value))) }
    case .thread:
      if let stack = try words.word(at: place + 56), let top = try words.word(at: place + 40), top >= stack,
        top - stack <= object.ownedByteCount
      {
        for index in 0..<(top - stack) / 8 {
          guard words.step(), let value = try words.word(at: Address(stack) + index * 8) else { break }
          tell(.stack, value)
        }
      }
      tell(.environment, reference: try words.word(at: place + 72))
    case .userdata:
      tell(.metatable, reference: try words.word(at: place + 32))
      tell(.environment, reference: try words.word(at: place + 16))
    case .proto:
      // Constants that are objects stand before the others, the last first.
      guard let constants = try words.word(at: place + 32), let count = try words.word(at: place + 48) else { return }
      for index in 1..<min((count & 0xffff_ffff) + 1, 1 << 16) {
        guard words.step(), let constant = try words.word(at: Address(constants &- index * 8)) else { break }
        tell(.constant, reference: constant)
      }
    case .string, .trace, .cdata: return
    }
  }

  private static func isNumber(_ word: UInt64) -> Bool { word >> 47 <= 0x1fff2 }
}
