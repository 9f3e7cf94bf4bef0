/// The layout of a dump file: bytes of the format's own in front, then memory.
struct FileLayout: Sendable {
  /// The bytes of the format's own that the file starts with.
  var header: [UInt8]
  /// The memory, in the order of the file.
  var memory: [Stretch<FileOffset>]
  /// The length of the file, in bytes.
  var byteCount: UInt64
}

/// The file offset of the first byte of a stretch.
struct FileOffset: RawRepresentable, StretchContent {
  /// The number of bytes in the file before the stretch.
  var rawValue: UInt64

  init(rawValue: UInt64) { self.rawValue = rawValue }
  init(_ rawValue: UInt64) { self.rawValue = rawValue }

  func moved(by byteCount: UInt64) -> FileOffset { FileOffset(rawValue + byteCount) }
}
