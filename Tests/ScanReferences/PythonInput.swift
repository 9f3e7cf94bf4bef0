/// The memory of a Python program, made of the bytes of an input: its variables, then memory of pymalloc.
public struct PythonInput {
  /// Where each of them begins, and how many bytes of the input the first one has.
  public static let (variablesStart, heapStart, variablesByteCount): (UInt64, UInt64, Int) = (
    0x60_0000, 0x7f00_0000_0000, 8192
  )
  private static let mostBytes = 1 << 18

  /// The pieces that have bytes, in order, with the name and the inode of the file of each.
  public let pieces: [(start: UInt64, bytes: [UInt8], name: String, inode: Int)]

  /// Takes an input apart.
  public init(_ bytes: [UInt8]) {
    let parts: [(start: UInt64, bytes: [UInt8], name: String, inode: Int)] = [
      (Self.variablesStart, Array(bytes.prefix(Self.variablesByteCount)), "/srv/app", 7),
      (Self.heapStart, Array(bytes.dropFirst(Self.variablesByteCount).prefix(Self.mostBytes)), "", 0),
    ]
    pieces = parts.filter { !$0.bytes.isEmpty }
  }
}
