internal import Glibc

/// Lines to print, gathered in a buffer of fixed size: for one who prints millions of them.
@safe package final class LineBuffer {
  private let storage: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  private var count = 0

  /// Makes a buffer.
  package init(byteCount: Int = 1 << 17) {
    capacity = byteCount
    unsafe storage = .allocate(capacity: byteCount)
  }

  deinit { unsafe storage.deallocate() }

  /// Adds a line of an address, a label, a text and what goes behind that. Prints first if there is no room.
  package func appendLine(
    _ address: Address, _ label: [UInt8], _ text: RawSpan, _ tail: [UInt8] = []
  ) throws(MemDumpError) {
    let (needed, overflow) = (label.count + tail.count).addingReportingOverflow(
      text.byteCount + Self.addressByteCount + 1)
    guard !overflow, needed <= capacity else {
      let text = unsafe text.withUnsafeBytes { unsafe Array($0) }
      return try append(Array("\(address)".utf8) + label + text + tail + [UInt8(ascii: "\n")])
    }
    if needed > capacity - count { try write() }
    var place = unsafe storage + count
    unsafe Self.copy(address, to: &place)
    unsafe label.withUnsafeBytes { unsafe Self.copy($0, to: &place) }
    unsafe text.withUnsafeBytes { unsafe Self.copy($0, to: &place) }
    unsafe tail.withUnsafeBytes { unsafe Self.copy($0, to: &place) }
    unsafe place.pointee = UInt8(ascii: "\n")
    count = unsafe place - storage + 1
  }

  /// Adds bytes. Prints what there is if there is no room.
  package func append(_ bytes: [UInt8]) throws(MemDumpError) {
    if bytes.count > capacity - count { try write() }
    guard bytes.count <= capacity else { return try MemDumpError.writeOutput(bytes) }
    var place = unsafe storage + count
    unsafe bytes.withUnsafeBytes { unsafe Self.copy($0, to: &place) }
    count = unsafe place - storage
  }

  /// Prints what there is.
  package func write() throws(MemDumpError) {
    defer { count = 0 }
    try unsafe MemDumpError.writeOutput(RawSpan(_unsafeStart: storage, byteCount: count))
  }

  private static let addressByteCount = 18

  private static func copy(_ bytes: UnsafeRawBufferPointer, to place: inout UnsafeMutablePointer<UInt8>) {
    if let start = bytes.baseAddress { unsafe memcpy(place, start, bytes.count) }
    unsafe place += bytes.count
  }

  private static func copy(_ address: Address, to place: inout UnsafeMutablePointer<UInt8>) {
    unsafe place[0] = UInt8(ascii: "0")
    unsafe place[1] = UInt8(ascii: "x")
    let digitCount = max(1, (67 - address.rawValue.leadingZeroBitCount) / 4)
    var rest = address.rawValue
    for index in stride(from: digitCount + 1, to: 1, by: -1) {
      let digit = UInt8(truncatingIfNeeded: rest) & 0xf
      unsafe place[index] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
      rest >>= 4
    }
    unsafe place += digitCount + 2
  }
}
