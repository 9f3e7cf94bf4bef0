/// The memory of a Go program, made of the bytes of an input: its tables, its variables, and memory that it asked for; behind that
/// is memory that was never touched.
public struct GoInput {
  /// Where each of them begins.
  public static let (tablesStart, variablesStart, heapStart): (UInt64, UInt64, UInt64) = (
    0x50_0000, 0x60_0000, 0xc0_0000_0000
  )
  /// Where the program's code is, and where its untouched memory.
  public static let (code, untouched): (Range<UInt64>, Range<UInt64>) = (
    0x40_0000..<0x40_1000, 0xc0_0010_0000..<0xc0_0014_0000
  )
  /// How many bytes of the input the first two have.
  public static let (tablesByteCount, variablesByteCount): (Int, Int) = (1536, 1024)

  /// The pieces that have bytes, in order.
  public let pieces: [(start: UInt64, bytes: [UInt8])]
  /// The map of the memory, as the kernel would write it.
  public let map: [UInt8]

  /// Takes an input apart.
  public init(_ bytes: [UInt8]) {
    let parts = [
      (Self.tablesStart, Array(bytes.prefix(Self.tablesByteCount))),
      (Self.variablesStart, Array(bytes.dropFirst(Self.tablesByteCount).prefix(Self.variablesByteCount))),
      (Self.heapStart, Array(bytes.dropFirst(Self.tablesByteCount + Self.variablesByteCount).prefix(0x10_0000))),
    ]
    pieces = parts.filter { !$0.1.isEmpty }
    var lines = Self.line(Self.code, "r-xp", isFile: true)
    for piece in pieces {
      let range = piece.start..<piece.start + UInt64(piece.bytes.count)
      switch piece.start {
      case Self.tablesStart: lines += Self.line(range, "r--p", isFile: true)
      case Self.variablesStart: lines += Self.line(range, "rw-p", isFile: true)
      default: lines += Self.line(range, "rw-p", isFile: false)
      }
    }
    map = Array((lines + Self.line(Self.untouched, "rw-p", isFile: false)).utf8)
  }

  private static func line(_ range: Range<UInt64>, _ permissions: String, isFile: Bool) -> String {
    "\(String(range.lowerBound, radix: 16))-\(String(range.upperBound, radix: 16)) \(permissions) 0 08:01 "
      + (isFile ? "7 /srv/app\n" : "0\n")
  }
}
