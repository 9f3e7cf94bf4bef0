/// How the fuzz targets of the patterns take their input apart: four bytes choose how to scan the rest.
public struct ScanInput {
  /// Where a block of a scan with threads ends; the middle of the text lies there.
  private static let border: UInt64 = 16 << 20

  /// Whether port 0 counts, where that applies.
  public let allowsPortZero: Bool
  /// Whether a letter or `_` next to a match forbids it, where that applies.
  public let wantsWholeWord: Bool
  /// How many threads scan.
  public let threads: Int
  /// How many bytes are read at once.
  public let chunk: Int
  /// What one read gives at most.
  public let longestRead: Int
  /// The text.
  public let bytes: [UInt8]
  /// The address of the first byte.
  public let address: UInt64
  private let regionByteCount: Int

  /// Nil where there is no text.
  public init?(_ input: [UInt8]) {
    guard input.count > 4 else { return nil }
    (allowsPortZero, wantsWholeWord) = (input[0] & 1 != 0, input[0] & 2 != 0)
    threads = input[0] & 4 != 0 ? 2 : 1
    chunk = input[1] == 0 ? 4096 : Int(input[1])
    longestRead = input[3] == 0 ? .max : Int(input[3])
    bytes = Array(input[4...])
    address = Self.border - UInt64(bytes.count / 2)
    regionByteCount = input[2] == 0 ? bytes.count : Int(input[2])
  }

  /// The text cut into regions that lie next to each other.
  public var pieces: [UInt64: [UInt8]] {
    var pieces: [UInt64: [UInt8]] = [:]
    for start in stride(from: 0, to: bytes.count, by: regionByteCount) {
      pieces[address + UInt64(start)] = Array(bytes[start..<min(bytes.count, start + regionByteCount)])
    }
    return pieces
  }
}
