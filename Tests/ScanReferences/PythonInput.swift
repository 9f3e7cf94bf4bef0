/// The memory of a Python program, made of the bytes of an input: its variables, then memory of pymalloc.
public struct PythonInput {
  /// Where each of them begins, and how many bytes of the input the first one has.
  public static let (variablesStart, heapStart, variablesByteCount): (UInt64, UInt64, Int) = (
    0x60_0000, 0x7f00_0000_0000, 8192
  )
  private static let mostBytes = 1 << 18

  /// The pieces that have bytes, in order, with the name and the inode of the file of each.
  public let pieces: [(start: UInt64, bytes: [UInt8], name: String, inode: Int)]

  /// The registers of its one thread, in the kernel's form: the stack is at the start of the variables.
  public static let registers: [UInt8] = {
    var words = [UInt64](repeating: 0, count: 27)
    (words[16], words[19], words[21]) = (variablesStart, stackStart, threadPointer)
    return words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
  }()
  /// The stack pointer of the thread, and where what is its own begins.
  public static let (stackStart, threadPointer): (UInt64, UInt64) = (variablesStart + 0x10, variablesStart + 0xf0)

  /// Takes an input apart.
  ///
  /// - Parameters:
  ///   - bytes: the input.
  ///   - program: the path of the program.
  public init(_ bytes: [UInt8], program: String = "/srv/app") {
    let parts: [(start: UInt64, bytes: [UInt8], name: String, inode: Int)] = [
      (Self.variablesStart, Array(bytes.prefix(Self.variablesByteCount)), program, 7),
      (Self.heapStart, Array(bytes.dropFirst(Self.variablesByteCount).prefix(Self.mostBytes)), "", 0),
    ]
    pieces = parts.filter { !$0.bytes.isEmpty }
  }
}
