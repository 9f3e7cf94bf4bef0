/// Where in a file what goes: bytes of the format's own in front, then memory.
struct FileLayout: Sendable {
  /// What the file starts with.
  var header: [UInt8]
  /// The memory, in the order of the file.
  var memory: [Stretch<FileOffset>]
  /// How long the file is.
  var byteCount: UInt64
}

/// Where in a file the first byte of a stretch is.
struct FileOffset: RawRepresentable, StretchContent {
  /// How many bytes come before it.
  var rawValue: UInt64

  init(rawValue: UInt64) { self.rawValue = rawValue }
  init(_ rawValue: UInt64) { self.rawValue = rawValue }

  func moved(by byteCount: UInt64) -> FileOffset { FileOffset(rawValue + byteCount) }
}
