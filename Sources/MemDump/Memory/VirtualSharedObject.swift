/// The vDSO, the code that the kernel maps into every process: see vdso(7). The code is the same in each, so a page
/// that a process has not touched is read from ours.
enum VirtualSharedObject {
  /// Copies `range` of the `[vdso]` of another process. False where `region` is no vDSO, or not as long as ours.
  static func read(_ range: Range<Address>, of region: MemoryRegion, into buffer: inout MutableRawSpan) -> Bool {
    guard region.name.elementsEqual("[vdso]".utf8), let own, region.byteCount == own.byteCount else { return false }
    let offset = range.lowerBound - region.range.lowerBound
    guard range.upperBound <= region.range.upperBound, range.byteCount <= UInt64(buffer.byteCount) else { return false }
    return buffer.withPart(0..<Int(range.byteCount)) { part in
      let transfer = Syscall.Transfer(address: own.range.lowerBound + offset, offset: 0, byteCount: part.byteCount)
      let count = try? Syscall.read(Syscall.ownProcess, [transfer], into: &part)
      return count == part.byteCount
    }
  }

  private static let own: MemoryRegion? = {
    let map = (try? ProcFS.read(ProcFS.ownPath(.maps))).flatMap { try? MapsParser.parse($0) }
    return map?.first { $0.name.elementsEqual("[vdso]".utf8) }
  }()
}
