import SystemPackage
internal import Synchronization

/// A source whose memory lies in a file as it is, so that its pages can be mapped instead of copied.
protocol FileSource: MemorySource {
  /// The name of the file.
  var path: FilePath { get }

  /// The stretch of one content from an address on; nil outside every region.
  func stretch(at address: Address) -> Stretch<FileContent>?
}

/// The content of a file for a stretch of memory.
enum FileContent: StretchContent {
  /// The bytes of the stretch, from a file offset on.
  case bytes(FileDescriptor, offset: UInt64)
  /// No bytes.
  case gap(MemoryRun.Content)

  func moved(by byteCount: UInt64) -> FileContent {
    switch self {
    case .bytes(let file, let offset): .bytes(file, offset: offset + byteCount)
    case .gap: self
    }
  }
}

extension FileSource {
  /// Reads a stretch as ``MemorySource/read(at:into:)`` does.
  func readStretch(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard buffer.byteCount > 0, let stretch = stretch(at: address) else { return [] }
    let byteCount = stretch.range.byteCount
    switch stretch.content {
    case .gap(let content):
      if content == .absent { buffer.clear(0..<min(Int(clamping: byteCount), buffer.byteCount)) }
      return [MemoryRun(content, byteCount)]
    case .bytes(let file, let offset):
      do throws(Errno) {
        let wanted = Int(min(UInt64(buffer.byteCount), byteCount))
        let count = try buffer.withPart(0..<wanted) { (part: inout MutableRawSpan) throws(Errno) in
          try Syscall.read(file, at: offset, into: &part)
        }
        guard count == 0 else { return [MemoryRun(.bytes, UInt64(count))] }
      } catch { throw MemDumpError(.file(path, .read, error)) }
      throw MemDumpError(.fileCut(path))
    }
  }

  /// The part of a stretch of memory that is alike in the file: a hole of it, which holds no bytes, or what is up to the next.
  ///
  /// - Parameters:
  ///   - range: the stretch.
  ///   - file: the file.
  ///   - offset: where the stretch begins in the file.
  ///   - data: what is known of the holes of the file.
  func stretch(
    _ range: Range<Address>, in file: FileDescriptor, at offset: UInt64, _ data: DataExtent
  ) -> Stretch<FileContent> {
    let (hole, present) = data.byteCounts(in: file, at: offset)
    return hole > 0
      ? Stretch(range: Range(start: range.lowerBound, byteCount: min(hole, range.byteCount)), content: .gap(.absent))
      : Stretch(
        range: Range(start: range.lowerBound, byteCount: min(present, range.byteCount)),
        content: .bytes(file, offset: offset))
  }
}

/// The part of a file without holes that was asked for last: a search asks for the same one again and again.
final class DataExtent: Sendable {
  private let last = Mutex<Range<UInt64>>(0..<0)

  /// The bytes of a hole at an offset, up to its end; or else 0, and the bytes up to the next hole.
  func byteCounts(in file: FileDescriptor, at offset: UInt64) -> (hole: UInt64, present: UInt64) {
    let known = last.withLock { $0 }
    if known.contains(offset) { return (0, known.upperBound - offset) }
    let hole = Syscall.holeByteCount(file, at: offset)
    if hole > 0 { return (hole, 0) }
    let present = min(Syscall.dataByteCount(file, at: offset), .max - offset)
    last.withLock { $0 = offset..<offset + present }
    return (0, present)
  }
}
