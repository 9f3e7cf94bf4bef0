package import SystemPackage

/// Page-aligned memory of our own, touched before use.
///
/// The alignment matters: on some processors the kernel copies five times slower into a buffer that starts 16 bytes into
/// a page, which is where malloc puts large blocks (glibc bug 30994).
@safe package struct PageBuffer: ~Copyable, @unchecked Sendable {
  /// How many bytes there are.
  package let byteCount: Int
  private let start: UnsafeMutableRawPointer

  /// Maps and touches `byteCount` bytes. Throws ENOMEM where they are not to be had.
  package init(byteCount: Int) throws(Errno) {
    unsafe start = try Syscall.mapMemory(byteCount: byteCount)
    self.byteCount = byteCount
  }

  deinit { unsafe Syscall.unmapMemory(start, byteCount: byteCount) }

  /// Gives the bytes of `range` to write to.
  package func withMutableBytes<Result, Failure: Error>(
    _ range: Range<Int>, _ body: (inout MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
    var span = unsafe MutableRawSpan(_unsafeStart: start + range.lowerBound, byteCount: range.count)
    return try body(&span)
  }

  /// Gives the bytes of `range` to read.
  package func withBytes<Result, Failure: Error>(
    _ range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
    let span = unsafe RawSpan(_unsafeStart: start + range.lowerBound, byteCount: range.count)
    return try body(span)
  }

  /// Copies `range` to `offset`; the two may overlap.
  package func move(_ range: Range<Int>, to offset: Int) {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
    precondition(offset >= 0 && offset + range.count <= byteCount)
    unsafe (start + offset).copyMemory(from: start + range.lowerBound, byteCount: range.count)
  }

  /// Sets `range` to zero.
  package func clear(_ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
    withMutableBytes(range) { bytes in bytes.clear(0..<bytes.byteCount) }
  }
}
