import SystemPackage

extension DumpFile {
  /// The number of bytes that are read at once.
  private static let bufferByteCount = 1 << 20

  /// The offset of the first byte in a range of the file that is not zero; nil where there is none.
  func firstByte(in range: Range<UInt64>, control: WorkControl = WorkControl()) throws(MemDumpError) -> UInt64? {
    // Most ranges are holes of the file, for which no buffer is needed.
    guard Syscall.holeByteCount(file, at: range.lowerBound) < range.upperBound - range.lowerBound else { return nil }
    var found: UInt64?
    try read(range, skippingHoles: true, control: control) { bytes, offset in
      guard !bytes.isZero(0..<bytes.byteCount) else { return true }
      let place = unsafe bytes.withUnsafeBytes { unsafe $0.firstIndex { $0 != 0 } }
      found = offset + UInt64(place ?? 0)
      return false
    }
    return found
  }

  /// Reads a range of the file until `body`, which gets bytes and their offset, returns false.
  func read(
    _ range: Range<UInt64>, skippingHoles: Bool, control: WorkControl, _ body: (RawSpan, UInt64) -> Bool
  ) throws(MemDumpError) {
    let buffer: PageBuffer
    do throws(Errno) { buffer = try PageBuffer(byteCount: Self.bufferByteCount) } catch {
      throw MemDumpError(.workMemory(needed: UInt64(Self.bufferByteCount)))
    }
    var offset = range.lowerBound
    while offset < range.upperBound {
      guard !control.isStopped else { throw MemDumpError(.interrupted) }
      if skippingHoles { offset += min(Syscall.holeByteCount(file, at: offset), range.upperBound - offset) }
      let wanted = Int(min(UInt64(buffer.byteCount), range.upperBound - offset))
      guard wanted > 0 else { return }
      let count: Int
      do throws(Errno) {
        count = try buffer.withMutableBytes(0..<wanted) { (span: inout MutableRawSpan) throws(Errno) in
          try Syscall.read(file, at: offset, into: &span)
        }
      } catch { throw MemDumpError(.file(path, .read, error)) }
      // Somebody has made it shorter since.
      guard count > 0 else { throw MemDumpError(.file(path, .read, .ioError)) }
      guard buffer.withBytes(0..<count, { body($0, offset) }) else { return }
      offset += UInt64(count)
    }
  }

  /// Throws where there are bytes in a hole of the manifest, which would hide them: then the two do not belong together.
  func checkHoles(_ holes: some Sequence<(range: Range<UInt64>, reason: String)>) throws(MemDumpError) {
    for hole in holes {
      guard let place = try firstByte(in: hole.range) else { continue }
      throw MemDumpError(
        .manifest(
          Manifest.path(of: path),
          "it is not of this file, or the file was changed since: it says that \(hole.reason) memory is at offset \(place), "
            + "and there are bytes"))
    }
  }
}

extension MemDumpError.Reason {
  /// The reason for a manifest that tells another length than its file has.
  static func manifest(_ dump: borrowing DumpFile, _ byteCount: UInt64) -> Self {
    let own = dump.byteCount
    return .manifest(
      Manifest.path(of: dump.path), "it is of a dump of \(byteCount) bytes, and the file has \(own)")
  }
}
