/// The CRC-32 of zlib and of .gnu_debuglink: the polynomial 0xedb88320, bits from the low end.
struct Checksum {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xedb8_8320 }
  }

  private var state: UInt32 = ~0

  /// The checksum of what was added.
  var value: UInt32 { ~state }

  /// Adds what comes next.
  mutating func add(_ bytes: some Sequence<UInt8>) {
    state = bytes.reduce(state) { Self.table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
  }
}
