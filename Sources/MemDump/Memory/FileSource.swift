import SystemPackage

/// A source whose memory lies in a file as it is, so that its pages can be mapped instead of copied.
protocol FileSource: MemorySource {
  /// The name of the file.
  var path: FilePath { get }

  /// What is at an address, for as long as it goes on; nil outside of every region.
  func stretch(at address: Address) -> FileStretch?
}

/// A stretch of the memory of a file.
enum FileStretch {
  /// So many bytes, in the file from `offset` on.
  case bytes(FileDescriptor, offset: UInt64, byteCount: UInt64)
  /// What has no bytes there.
  case gap(MemoryRun)
}

extension FileSource {
  /// Reads a stretch as ``MemorySource/read(at:into:)`` does.
  func readStretch(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard buffer.byteCount > 0 else { return [] }
    switch stretch(at: address) {
    case nil: return []
    case .gap(let run):
      if run.content == .absent { buffer.clear(0..<min(Int(clamping: run.byteCount), buffer.byteCount)) }
      return [run]
    case .bytes(let file, let offset, let byteCount):
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
}
