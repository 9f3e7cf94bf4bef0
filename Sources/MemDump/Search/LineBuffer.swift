internal import Glibc
import SystemPackage

/// Lines to print, gathered in a buffer: for a caller that prints millions of lines.
@safe package final class LineBuffer {
  private var storage: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private let isKept: Bool
  private var count = 0

  /// Makes a buffer that is printed whenever it is full, and gives standard output more room where that is a pipe.
  package convenience init() {
    self.init(byteCount: Self.printedByteCount, isKept: false)
    Syscall.enlargePipe(.standardOutput, to: 4 * Self.printedByteCount)
  }

  /// Makes a buffer that keeps all lines until ``append(_:)-(LineBuffer)`` moves them to another one.
  package static func keeping() -> LineBuffer { LineBuffer(byteCount: keptByteCount, isKept: true) }

  private init(byteCount: Int, isKept: Bool) {
    (capacity, self.isKept) = (byteCount, isKept)
    unsafe storage = .allocate(capacity: byteCount)
  }

  deinit { unsafe storage.deallocate() }

  /// The number of bytes in the buffer.
  package var byteCount: Int { count }

  /// Adds a line of an address, a label, a text and a tail.
  package func appendLine(
    _ address: Address, _ label: [UInt8], _ text: RawSpan, _ tail: [UInt8] = []
  ) throws(MemDumpError) {
    try makeRoom(label.count + tail.count + text.byteCount + Self.addressByteCount + 1)
    var place = unsafe storage + count
    unsafe Self.copy(address, to: &place)
    unsafe label.withUnsafeBytes { unsafe Self.copy($0, to: &place) }
    unsafe text.withUnsafeBytes { unsafe Self.copy($0, to: &place) }
    unsafe tail.withUnsafeBytes { unsafe Self.copy($0, to: &place) }
    unsafe place.pointee = UInt8(ascii: "\n")
    count = unsafe place - storage + 1
  }

  /// Adds bytes.
  package func append(_ bytes: [UInt8]) throws(MemDumpError) { try unsafe append(bytes.span.bytes) }

  /// Adds the bytes of a buffer that keeps lines, and empties that buffer.
  package func append(_ other: LineBuffer) throws(MemDumpError) {
    try unsafe append(RawSpan(_unsafeStart: other.storage, byteCount: other.count))
    other.count = 0
  }

  /// Prints the bytes in the buffer.
  package func write() throws(MemDumpError) {
    defer { count = 0 }
    try unsafe MemDumpError.writeOutput(RawSpan(_unsafeStart: storage, byteCount: count))
  }

  private func append(_ bytes: RawSpan) throws(MemDumpError) {
    if !isKept, bytes.byteCount >= capacity {
      try write()
      return try MemDumpError.writeOutput(bytes)
    }
    try makeRoom(bytes.byteCount)
    var place = unsafe storage + count
    unsafe bytes.withUnsafeBytes { unsafe Self.copy($0, to: &place) }
    count = unsafe place - storage
  }

  /// Makes sure that `needed` more bytes fit in.
  private func makeRoom(_ needed: Int) throws(MemDumpError) {
    guard needed > capacity - count else { return }
    if !isKept { try write() }
    guard needed > capacity - count else { return }
    capacity = max(2 * capacity, count + needed)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    unsafe larger.update(from: storage, count: count)
    unsafe storage.deallocate()
    unsafe storage = larger
  }

  private static let printedByteCount = 1 << 17
  private static let keptByteCount = 1 << 20
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

  /// The eight hexadecimal digits of a number, in the order of text.
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
