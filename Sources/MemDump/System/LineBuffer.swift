internal import Glibc
import SystemPackage

/// Lines to print, gathered in a buffer of fixed size: for one who prints millions of them.
@safe package final class LineBuffer {
  private let storage: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  private var count = 0

  /// Makes a buffer, and gives standard output more room where that is a pipe.
  package init(byteCount: Int = 1 << 17) {
    capacity = byteCount
    Syscall.enlargePipe(.standardOutput, to: 4 * byteCount)
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
    let digitCount = max(1, (67 - address.rawValue.leadingZeroBitCount) / 4)
    // Sixteen digits, of which the last ones stay.
    let value = address.rawValue << UInt64(4 * (16 - digitCount))
    let raw = UnsafeMutableRawPointer(place)
    unsafe raw.storeBytes(of: 0x7830, as: UInt16.self)  // "0x"
    unsafe (raw + 2).storeBytes(of: hexadecimal(UInt32(truncatingIfNeeded: value >> 32)), as: UInt64.self)
    unsafe (raw + 10).storeBytes(of: hexadecimal(UInt32(truncatingIfNeeded: value)), as: UInt64.self)
    unsafe place += digitCount + 2
  }

  /// Eight hexadecimal digits in the order of text.
  private static func hexadecimal(_ value: UInt32) -> UInt64 {
    var digits = UInt64(value)
    digits = (digits << 16 | digits) & 0x0000_ffff_0000_ffff
    digits = (digits << 8 | digits) & 0x00ff_00ff_00ff_00ff
    digits = (digits << 4 | digits) & 0x0f0f_0f0f_0f0f_0f0f
    // A byte above nine has bit 4 set when six is added.
    let isLetter = (digits &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return (digits &+ 0x3030_3030_3030_3030 &+ isLetter &* 0x27).byteSwapped
  }
}
