internal import Synchronization

/// What the symbols of all modules of one search may cost together: a process can map any number of files, and each of them
/// can claim the most that is read of one. Where it is used up, the rest has no symbols.
final class SymbolAllowance: Sendable {
  /// The most bytes that are read of files, and that tables of symbols take up.
  static let (mostRead, mostKept): (UInt64, UInt64) = (4 << 30, 1 << 30)

  private let left: Mutex<(read: UInt64, kept: UInt64)>

  init(read: UInt64 = mostRead, kept: UInt64 = mostKept) { left = Mutex((read, kept)) }

  /// The bytes of a range of a file; none where they are too many.
  func bytes(_ file: ForeignFile, _ range: Range<UInt64>) -> [UInt8] {
    let byteCount = UInt64(range.clamped(to: 0..<file.byteCount).count)
    let isAllowed = left.withLock { left in
      guard byteCount <= left.read else { return false }
      left.read -= byteCount
      return true
    }
    return isAllowed ? file.bytes(range) : []
  }

  /// Whether a table of so many bytes may be kept.
  func keep(_ byteCount: UInt64) -> Bool {
    left.withLock { left in
      guard byteCount <= left.kept else { return false }
      left.kept -= byteCount
      return true
    }
  }
}
