import ScanReferences

@testable import MemDump

/// A Python program at work: code, frames and a thread, as versions lay them out.
extension PythonImage {
  /// How frames lie in memory.
  enum Form: String, CaseIterable {
    case objects38, objects310, pieces311, pieces313
  }

  /// A function that is under way, or one that stands in another.
  struct Function {
    var name: String
    var line: UInt64
    var functions: [Function] = []
  }

  /// The types that frames need.
  struct CallTypes {
    var code, frame, tuple, bytes, none: UInt64
  }

  private static let interpreter: UInt64 = PythonInput.variablesStart + 0x300
  private static let file = "/srv/app.py"

  /// Builds a program whose thread is in `service` of `Service`, called by `run`, which C has called from `<module>`; the
  /// lines under way are the first and two more.
  static func atWork(_ form: Form) -> PythonImage {
    var image = PythonImage(textOffset: form == .pieces313 ? 40 : 48)
    let isPiece = form == .pieces311 || form == .pieces313
    let types = CallTypes(
      code: image.addType("code", basic: isPiece ? 192 : 176, flags: 0),
      frame: image.addType("frame", basic: 400, flags: collected),
      tuple: image.addType("tuple", basic: 24, flags: 1 << 26),
      bytes: image.addType("bytes", basic: 33, flags: 1 << 27), none: image.addType("NoneType", basic: 16, flags: 0))
    let inner = (1...4).map { Function(name: "inner\($0)", line: UInt64(20 + $0 * 3)) }
    let functions = [
      Function(name: "Service.serve", line: 10, functions: inner), Function(name: "run", line: 40),
      Function(
        name: "<module>", line: 1, functions: [Function(name: "Service", line: 9), Function(name: "run", line: 40)]),
    ]
    let codes = functions.map { image.addCode($0, form, types) }
    let thread = image.add(512)
    image.put(PythonInput.threadPointer, at: thread + 200)
    let innermost =
      isPiece ? image.addPieces(codes, form, types) : image.addFrameObjects(codes, form, types)
    switch form {
    case .objects38, .objects310:
      let interpreter = image.add(512, [0, thread])
      image.put(interpreter, at: Self.interpreter)
      image.put(interpreter, at: thread + 16)
      image.put(innermost, at: thread + 24)
    case .pieces311, .pieces313:
      image.put(thread, at: Self.interpreter + 16)
      image.put(Self.interpreter, at: thread + 16)
      guard form == .pieces311 else {
        image.put(innermost, at: thread + 72)
        break
      }
      // What lies on the stack of C and leads to the frame.
      image.put(innermost, at: PythonInput.stackStart + 0x28)
      image.put(PythonInput.stackStart + 0x20, at: thread + 56)
    }
    return image
  }

  private mutating func addBytes(_ bytes: [UInt8], _ types: CallTypes) -> UInt64 {
    let address = add((32 + UInt64(bytes.count) + 16) & ~15, [1, types.bytes, UInt64(bytes.count), 0])
    for (offset, byte) in bytes.enumerated() { putByte(byte, at: address + 32 + UInt64(offset)) }
    return address
  }

  /// A code object with four instructions of two bytes, one on each line from the first on.
  private mutating func addCode(_ function: Function, _ form: Form, _ types: CallTypes) -> UInt64 {
    let inner = function.functions.map { addCode($0, form, types) }
    let constants = add(UInt64(24 + inner.count * 8 + 15) & ~15, [1, types.tuple, UInt64(inner.count)] + inner)
    let (file, name) = (addText(Self.file), addText(function.name))
    let table: [UInt8] =
      switch form {
      case .objects38: [2, 1, 2, 1, 2, 1]
      case .objects310: [2, 0, 2, 1, 2, 1, 2, 1]
      // No columns, one instruction, so many lines further: 0, 1, 1, 1.
      case .pieces311, .pieces313: [0xe8, 0, 0xe8, 2, 0xe8, 2, 0xe8, 2]
      }
    let lines = addBytes(table, types)
    switch form {
    case .objects38, .objects310:
      let instructions = addBytes([UInt8](repeating: 9, count: 8), types)
      let code = add(176, [1, types.code, 0, 0, 0, function.line, instructions, constants, constants, 0, 0, 0, 0])
      for (number, word) in [file, name, lines].enumerated() { put(word, at: code + 104 + UInt64(number) * 8) }
      return code
    case .pieces311, .pieces313:
      let code = add(208, [1, types.code, 4, constants, constants, 0])
      put(form == .pieces311 ? function.line : function.line << 32, at: code + (form == .pieces311 ? 72 : 64))
      for (number, word) in [file, name, name, lines].enumerated() { put(word, at: code + 112 + UInt64(number) * 8) }
      return code
    }
  }

  /// Frames that are objects, the innermost last to be added; all of them are at their third instruction.
  private mutating func addFrameObjects(_ codes: [UInt64], _ form: Form, _ types: CallTypes) -> UInt64 {
    var caller: UInt64 = 0
    for code in codes.reversed() {
      let frame = add(416, [0, 0, 1, types.frame, 0, caller, code]) + 16
      let line = form == .objects38 ? word(at: code + 40) : 0
      put(form == .objects38 ? 4 | line << 32 : 2, at: frame + (form == .objects38 ? 104 : 96))
      caller = frame
    }
    return caller
  }

  /// Frames that are pieces: between `run` and `<module>` C has called.
  private mutating func addPieces(_ codes: [UInt64], _ form: Form, _ types: CallTypes) -> UInt64 {
    let (code, previous): (UInt64, UInt64) = form == .pieces311 ? (32, 48) : (0, 8)
    var caller: UInt64 = 0
    for (number, function) in codes.enumerated().reversed() {
      if form == .pieces313, number >= 1 {
        // The frame by which C enters lies on its stack.
        let entry = PythonInput.stackStart + UInt64(number) * 0x40 - 0x30
        let none = add(16, [1, types.none])
        put(none, at: entry)
        put(caller, at: entry + 8)
        caller = entry
      }
      let frame = add(112)
      put(function, at: frame + code)
      put(caller, at: frame + previous)
      put(function + 192 + 4, at: frame + 56)
      if form == .pieces311, number >= 1 { put(1 << 32, at: frame + 64) }
      caller = frame
    }
    return caller
  }

  /// The calls that are told of the one thread of a program, without frames of C.
  static func calls(in memory: any MemorySource) throws -> [InterpretedCall] {
    guard let calls = try PythonCalls(memory, constants: memory), let thread = ThreadID(rawValue: 1) else { return [] }
    let registers = ThreadRegisters(thread: thread, notes: [.init(type: 1, bytes: PythonInput.registers)])
    var stacks = [ThreadStack(thread: thread, end: .root)]
    var names = StackNames(memory, process: nil)
    try calls.add(to: &stacks, [registers], at: memory, &names)
    return stacks[0].unplacedCalls
  }
}
