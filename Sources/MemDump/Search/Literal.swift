/// Bytes to look for, of which some bits may not count.
struct Literal: Hashable, Sendable {
  /// The bytes, without the bits that do not count.
  private(set) var bytes: [UInt8]
  /// The bits that count, for each byte.
  private(set) var mask: [UInt8]

  init(_ bytes: [UInt8], mask: [UInt8]) {
    precondition(bytes.count == mask.count)
    self.bytes = zip(bytes, mask).map { $0 & $1 }
    self.mask = mask
  }

  /// The same with a NUL behind each byte: ASCII in UTF-16LE.
  var wide: Literal { Literal(bytes.flatMap { [$0, 0] }, mask: mask.flatMap { [$0, 0xff] }) }
}
