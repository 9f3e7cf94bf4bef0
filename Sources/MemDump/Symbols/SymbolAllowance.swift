internal import Synchronization

/// What the symbols of all modules of one search may cost together: a process can map any number of files, and each of them
/// can claim the most that is read of one. Where it is used up, the rest has no symbols; it knows the files of which
/// something could not be read.
final class SymbolAllowance: Sendable {
  /// The most bytes that are read of files, and that tables of symbols take up.
  static let (mostRead, mostKept): (UInt64, UInt64) = (4 << 30, 1 << 30)

  private let left: Mutex<(read: UInt64, kept: UInt64)>
  private let missed = Mutex<[[UInt8]]>([])

  init(read: UInt64 = mostRead, kept: UInt64 = mostKept) { left = Mutex((read, kept)) }

  /// The files that could not be opened, or of which a part that the file says is there could not be read.
  var unread: [[UInt8]] { missed.withLock { $0 } }

  /// The bytes of a range of a file; none where they are too many.
  func bytes(_ file: ForeignFile, _ range: Range<UInt64>) -> [UInt8] {
    let byteCount = UInt64(range.clamped(to: 0..<file.byteCount).count)
    let isAllowed = left.withLock { left in
      guard byteCount <= left.read else { return false }
      left.read -= byteCount
      return true
    }
    let bytes = isAllowed ? file.bytes(range) : []
    if bytes.count < byteCount { miss(file.name) }
    return bytes
  }

  /// Notes a file that could not be read, or not whole.
  func miss(_ name: [UInt8]) {
    missed.withLock { missed in if !missed.contains(name) { missed.append(name) } }
  }

  /// Whether a table of a file, of so many bytes, may be kept.
  func keep(_ byteCount: UInt64, of file: ForeignFile) -> Bool {
    let isAllowed = left.withLock { left in
      guard byteCount <= left.kept else { return false }
      left.kept -= byteCount
      return true
    }
    if !isAllowed { miss(file.name) }
    return isAllowed
  }
}
