import SystemPackage

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
  func stretch(_ range: Range<Address>, in file: FileDescriptor, at offset: UInt64) -> Stretch<FileContent> {
    let hole = min(Syscall.holeByteCount(file, at: offset), range.byteCount)
    guard hole == 0 else {
      return Stretch(range: Range(start: range.lowerBound, byteCount: hole), content: .gap(.absent))
    }
    let data = min(Syscall.dataByteCount(file, at: offset), range.byteCount)
    return Stretch(range: Range(start: range.lowerBound, byteCount: data), content: .bytes(file, offset: offset))
  }
}
