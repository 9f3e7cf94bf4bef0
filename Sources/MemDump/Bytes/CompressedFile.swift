/// The compressed files that cores are kept in, by systemd-coredump(8) among others.
enum CompressedFile {
  /// The programs that write such files, and the bytes that tell the files, by their offset.
  private static let signatures: [(program: String, offset: Int, bytes: [UInt8])] = [
    ("zstd", 0, [0x28, 0xb5, 0x2f, 0xfd]),
    ("lz4", 0, [0x04, 0x22, 0x4d, 0x18]),
    ("xz", 0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
    ("gzip", 0, [0x1f, 0x8b, 0x08]),
    ("bzip2", 4, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]),
  ]

  /// The number of bytes from the start on by which any of the files is told.
  static let longestSign = 16

  /// The program that reads a file that begins with `bytes`; nil where they are no sign of compression.
  static func program(for bytes: [UInt8]) -> String? {
    signatures.first { bytes.dropFirst($0.offset).starts(with: $0.bytes) }?.program
  }
}
