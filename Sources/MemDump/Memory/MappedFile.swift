import SystemPackage

/// Reads untouched pages of a mapping from the file behind the mapping: a read through the process would bring the
/// pages into its memory.
enum MappedFile {
  /// Reads `range`, which lies in `region`; the runs answer for every byte. Where all of `range` is a hole, as in
  /// shared memory that nobody has written to, the run goes on to the end of the hole, though not beyond `limit`.
  static func read(
    _ range: Range<Address>, upTo limit: Address, of region: MemoryRegion, in target: TargetProcess,
    into buffer: inout MutableRawSpan
  ) -> [MemoryRun] {
    guard region.inode != 0, let file = open(region, in: target) else {
      return [MemoryRun(.unread(.notResident), range.byteCount)]
    }
    let start = region.fileOffset &+ (range.lowerBound - region.range.lowerBound)
    let hole = Syscall.holeByteCount(file.file, at: start)
    if hole >= range.byteCount {
      buffer.clear(0..<buffer.byteCount)
      return [MemoryRun(.absent, min(hole, limit - range.lowerBound))]
    }
    return read(file.file, at: start, into: &buffer)
  }

  private static func read(
    _ file: FileDescriptor, at start: UInt64, into buffer: inout MutableRawSpan
  ) -> [MemoryRun] {
    var runs: [MemoryRun] = []
    var count = 0
    do throws(Errno) {
      while count < buffer.byteCount {
        let read = try buffer.withPart(count..<buffer.byteCount) { (rest: inout MutableRawSpan) throws(Errno) in
          try Syscall.read(file, at: start &+ UInt64(count), into: &rest)
        }
        if read == 0 { break }
        count += read
      }
    } catch {
      runs.add(.bytes, UInt64(count))
      runs.add(.unread(.failed(error)), UInt64(buffer.byteCount - count))
      return runs
    }
    // What is left of the file's last page reads as zeros, the pages behind it not at all.
    let end = min(Int((Address(start) + UInt64(count)).pageEnd.rawValue - start), buffer.byteCount)
    buffer.clear(count..<end)
    runs.add(.bytes, UInt64(end))
    runs.add(.unread(.behindEndOfFile), UInt64(buffer.byteCount - end))
    return runs
  }

  /// Opens the very file that is mapped: through map_files, whatever the name of the file is now, or where we may not
  /// use map_files, by the name in the target's own root, and only if the inode is still the same.
  static func open(_ region: MemoryRegion, in target: TargetProcess) -> Descriptor? {
    if let file = openRegular(ProcFS.mappedFile(target.id, region.range), isMapped: { _ in true }) { return file }
    let name = String(decoding: region.name.drop { $0 == UInt8(ascii: "/") }, as: UTF8.self)
    return openRegular(ProcFS.path(target.id, .root).appending(name)) {
      $0.inode == region.inode && $0.device == region.device
    }
  }

  /// Opens a file only if that is a regular file, whatever its name stands for an instant later.
  static func openRegular(
    _ path: FilePath, isMapped: (Syscall.Attributes) -> Bool = { _ in true }
  ) -> Descriptor? {
    guard let file = try? Descriptor(openingRegular: path), let opened = try? Syscall.attributes(file.file),
      isMapped(opened)
    else { return nil }
    return file
  }
}
