package import SystemPackage

/// Page-aligned memory of our own, touched before use where no file is mapped in its place.
///
/// The alignment matters: on some processors the kernel copies five times slower into a buffer that starts 16 bytes into
/// a page, which is where malloc puts large blocks (glibc bug 30994).
@safe package struct PageBuffer: ~Copyable, @unchecked Sendable {
  /// The size of the buffer, in bytes.
  package let byteCount: Int
  private let start: UnsafeMutableRawPointer
  private let window: Window?
  /// The range of bytes that are pages of a file now, and not to be written to.
  private var mapped = 0..<0

  /// A window: the place where pages of a file can be put instead of the buffer's own.
  private struct Window {
    var number: CInt
    var offset: Int
  }

  /// Maps and touches `byteCount` bytes. Throws ENOMEM without that much memory.
  package init(byteCount: Int) throws(Errno) { try self.init(byteCount: byteCount, touching: byteCount) }

  /// Maps `byteCount` bytes and touches the first `touched` of them; the others take no memory before they are used.
  /// Throws ENOMEM without that much memory.
  init(byteCount: Int, touching touched: Int) throws(Errno) {
    unsafe start = try Syscall.mapMemory(byteCount: byteCount, touching: touched)
    self.byteCount = byteCount
    window = nil
  }

  /// Maps `byteCount` bytes, untouched, with a window on a file from `offset` on, a multiple of a page. The window is
  /// aligned so that huge pages of a file fit in, if their part of the file begins at a multiple of their size, too.
  init(byteCount: Int, windowAt offset: Int) throws(Errno) {
    unsafe start = try Syscall.reserveMemory(byteCount: byteCount, aligned: 2 << 20, at: offset)
    self.byteCount = byteCount
    window = unsafe Syscall.openFileWindow(start + offset).map { Window(number: $0, offset: offset) }
  }

  deinit {
    if let window { Syscall.closeFileWindow(window.number) }
    unsafe Syscall.unmapMemory(start, byteCount: byteCount)
  }

  /// Whether the buffer has a window on a file.
  var hasWindow: Bool { window != nil }

  /// Whether the file lost bytes while they were looked at in the window. The lost bytes read as zeros.
  var isCut: Bool { window.map { Syscall.isFileWindowCut($0.number) } ?? false }

  /// Puts pages of a file in place of the first bytes of the window.
  mutating func map(_ count: Int, of file: FileDescriptor, at offset: UInt64) throws(Errno) {
    guard let window else { throw .notSupported }
    precondition(count >= 0 && window.offset + count <= byteCount)
    // The whole window counts as mapped until the call has succeeded.
    mapped = window.offset..<byteCount
    try Syscall.mapFileWindow(window.number, file, at: offset, byteCount: count)
    mapped = window.offset..<window.offset + count
  }

  /// Makes all bytes the buffer's own again; the bytes of the window are then zeros.
  mutating func unmap() throws(Errno) {
    if !mapped.isEmpty { try map(0, of: FileDescriptor(rawValue: -1), at: 0) }
  }

  /// Lends `body` the bytes of `range` to write to.
  package func withMutableBytes<Result, Failure: Error>(
    _ range: Range<Int>, _ body: (inout MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount && !range.overlaps(mapped))
    var span = unsafe MutableRawSpan(_unsafeStart: start + range.lowerBound, byteCount: range.count)
    return try body(&span)
  }

  /// Lends `body` the bytes of `range` to read.
  package func withBytes<Result, Failure: Error>(
    _ range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
    let span = unsafe RawSpan(_unsafeStart: start + range.lowerBound, byteCount: range.count)
    return try body(span)
  }

  /// Copies the bytes of `range` to `offset`; the two may overlap.
  package func move(_ range: Range<Int>, to offset: Int) {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
    precondition(offset >= 0 && offset + range.count <= byteCount)
    precondition(!mapped.overlaps(offset..<offset + range.count))
    unsafe (start + offset).copyMemory(from: start + range.lowerBound, byteCount: range.count)
  }

  /// Sets the bytes of `range` to zero.
  package func clear(_ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
    withMutableBytes(range) { bytes in bytes.clear(0..<bytes.byteCount) }
  }
}
