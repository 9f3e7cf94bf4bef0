/// The registers of a thread, its stack and the code of a module in memory, made of an input.
///
/// The first byte tells how. Bit 0: the words of the stack are made to be frames, each two words, a frame pointer and a
/// return address in the module, so that a stack goes on for long whatever its words are. Bit 1: the module is one with
/// functions of 64 bytes, whose call frame information is that of such frames, then the instructions of the input. Without
/// them all is as it stands in the input.
public struct StackInput {
  /// The general registers (struct user_regs_struct of x86-64).
  public private(set) var registers: [UInt8]
  /// The bytes of the stack, from ``stackStart`` on.
  public private(set) var stack: [UInt8]
  /// The bytes of the module, from ``moduleStart`` on.
  public private(set) var module: [UInt8]

  /// Where the stack and the module begin.
  public static let (stackStart, moduleStart): (UInt64, UInt64) = (0x7ffc_0000_0000, 0x7fff_0000_0000)

  private static let (registersByteCount, stackByteCount) = (27 * 8, 4096)

  /// Takes an input apart; nil where it is too short.
  public init?(_ input: [UInt8]) {
    guard input.count > 1 + Self.registersByteCount else { return nil }
    let (shape, rest) = (input[0], input.dropFirst(1 + Self.registersByteCount))
    registers = Array(input[1...Self.registersByteCount])
    stack = Array(rest.prefix(Self.stackByteCount))
    module = Array(rest.dropFirst(Self.stackByteCount))
    if shape & 2 != 0 { module = Self.module(instructions: module) }
    guard shape & 1 != 0, module.count > 1 else { return }
    stack += [UInt8](repeating: 1, count: Self.stackByteCount - stack.count)
    stack = Self.framed(stack, module.count)
    // The places of rbp, rip and rsp.
    let start = module.count > 0x1001 ? 0x1001 : 1
    for (place, value) in [(4, Self.stackStart), (16, Self.moduleStart + UInt64(start)), (19, Self.stackStart)] {
      registers.replaceSubrange(place * 8..<place * 8 + 8, with: Self.bytes(value))
    }
  }

  private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// The words in pairs: one leads to the next pair or one behind it, the other into the functions of the module.
  private static func framed(_ words: [UInt8], _ moduleByteCount: Int) -> [UInt8] {
    var frames: [UInt8] = []
    for start in stride(from: 0, to: words.count - 15, by: 16) {
      let next = UInt64(start) + 16 + UInt64(words[start] & 7 == 7 ? 16 : 0)
      let place = Int(words[start + 8]) << 4 | Int(words[start + 9] & 15)
      let first = moduleByteCount > 0x1001 ? 0x1001 : 1
      let code = first + place % (moduleByteCount - first)
      frames += bytes(stackStart + next) + bytes(moduleStart + UInt64(code))
    }
    return frames
  }

  /// A module: its headers, the table of 32 functions, their call frame information, and the functions from 0x1000 on.
  private static func module(instructions: [UInt8]) -> [UInt8] {
    let (table, frames, code, count) = (0x100, 0x300, 0x1000, 32)
    // The CFA is 16 bytes above the stack pointer; rbp lies at its lower end, the return address above it.
    var common = bytes(UInt32(0)) + [1, 0x7a, 0x52, 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 16, 0x90, 1, 0x86, 2]
    common += [UInt8](repeating: 0, count: 24 - common.count)
    var section = bytes(UInt32(common.count)) + common
    var entries: [UInt8] = []
    for number in 0..<count {
      let (start, function) = (frames + section.count, code + 64 * number)
      entries += bytes(Int32(function - table)) + bytes(Int32(start - table))
      let own = instructions.dropFirst(8 * number).prefix(8)
      var entry = bytes(UInt32(section.count + 4)) + bytes(Int32(function - start - 8)) + bytes(UInt32(64)) + [0]
      entry += own + [UInt8](repeating: 0, count: 8 - own.count) + [0, 0, 0]
      section += bytes(UInt32(entry.count)) + entry
    }
    var module: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
    module += bytes(UInt16(3)) + bytes(UInt16(62)) + bytes(UInt32(1)) + bytes(UInt64(0)) + bytes(UInt64(64))
    module += bytes(UInt64(0)) + bytes(UInt32(0)) + bytes(UInt16(64)) + bytes(UInt16(56)) + bytes(UInt16(2))
    module += [UInt8](repeating: 0, count: 6)
    module += segment(1, 0, code + 64 * count) + segment(0x6474_e550, table, 12 + entries.count)
    module += [UInt8](repeating: 0, count: table - module.count)
    module += [1, 0x1b, 3, 0x3b] + bytes(Int32(frames - table - 4)) + bytes(UInt32(count)) + entries
    module += [UInt8](repeating: 0, count: frames - module.count) + section
    return module + [UInt8](repeating: 0x90, count: code + 64 * count - module.count)
  }

  private static func segment(_ kind: UInt32, _ offset: Int, _ byteCount: Int) -> [UInt8] {
    var segment = bytes(kind) + bytes(UInt32(5))
    for number in [offset, offset, offset, byteCount, byteCount, 4] { segment += bytes(UInt64(number)) }
    return segment
  }
}
