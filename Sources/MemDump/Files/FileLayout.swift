/// Where in a file what goes: bytes of the format's own in front, then memory.
struct FileLayout: Sendable {
  /// A stretch of memory, and where in the file it starts.
  struct Piece: Hashable, Sendable {
    var range: Range<Address>
    var offset: UInt64
  }

  /// What the file starts with.
  var header: [UInt8]
  /// In the order of their offsets.
  var pieces: [Piece]
  /// How long the file is.
  var byteCount: UInt64
}
