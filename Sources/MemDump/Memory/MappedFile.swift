internal import Synchronization
import SystemPackage

/// The files behind mappings that are open: pages that are not in memory are seldom one.
final class MappedFiles: Sendable {
  /// What the kernel knows a file by.
  private struct Identity: Hashable {
    var device: UInt64
    var inode: UInt64

    init(_ region: MemoryRegion) { (device, inode) = (region.deviceNumber, region.inode) }
  }

  private let opened = Mutex<[Identity: OpenedFile]>([:])
  /// The most files that are kept open.
  private static let most = 16

  /// The file behind a mapping, where it is open.
  func file(_ region: MemoryRegion) -> OpenedFile? { opened.withLock { $0[Identity(region)] } }

  /// Keeps a file open.
  func keep(_ file: OpenedFile, of region: MemoryRegion) {
    opened.withLock { files in
      if files.count >= Self.most { files = [:] }
      files[Identity(region)] = file
    }
  }
}

/// Reads untouched pages of a mapping from the file behind the mapping: a read through the process would bring the
/// pages into its memory.
enum MappedFile {
  /// What a file has in place of a range of memory.
  private enum Content: Sendable {
    case hole(UInt64)
    case bytes([UInt8], [MemoryRun])
  }

  /// Reads `range`, which lies in `region`; the runs answer for every byte. Where all of `range` is a hole, as in
  /// shared memory that nobody has written to, the run goes on to the end of the hole, though not beyond `limit`.
  static func read(
    _ range: Range<Address>, upTo limit: Address, of region: MemoryRegion, in target: TargetProcess,
    kept files: MappedFiles, into buffer: inout MutableRawSpan
  ) -> [MemoryRun] {
    guard region.inode != 0, target.opensFiles else { return [MemoryRun(.unread(.notResident), range.byteCount)] }
    let byteCount = buffer.byteCount
    let kept = files.file(region)
    let answer = FileWait.answer(of: .device(region.deviceNumber), about: region.name) {
      () -> (Content?, OpenedFile?) in
      guard let file = kept ?? open(region, in: target) else { return (nil, nil) }
      let start = region.fileOffset &+ (range.lowerBound - region.range.lowerBound)
      return (content(of: file.file, at: start, byteCount: byteCount), file)
    }
    guard let answer else { return [MemoryRun(.unread(.noAnswer), range.byteCount)] }
    if let file = answer.1, kept == nil { files.keep(file, of: region) }
    switch answer.0 {
    case nil: return [MemoryRun(.unread(.notResident), range.byteCount)]
    case .hole(let hole):
      buffer.clear(0..<byteCount)
      return [MemoryRun(.absent, min(hole, limit - range.lowerBound))]
    case .bytes(let bytes, let runs):
      unsafe buffer.copy(bytes.span.bytes)
      return runs
    }
  }

  private static func content(of file: FileDescriptor, at start: UInt64, byteCount: Int) -> Content {
    let hole = Syscall.holeByteCount(file, at: start)
    if hole >= UInt64(byteCount) { return .hole(hole) }
    var bytes = [UInt8](repeating: 0, count: byteCount)
    var span = bytes.mutableSpan
    var buffer = unsafe span.mutableBytes
    let runs = read(file, at: start, into: &buffer)
    return .bytes(bytes, runs)
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

  /// The very file that is mapped, to be read part by part; nil where it cannot be opened.
  static func file(_ region: MemoryRegion, in target: TargetProcess) -> ForeignFile? {
    guard target.opensFiles else { return nil }
    return ForeignFile.open(at: .device(region.deviceNumber), about: region.name) { open(region, in: target) }
  }

  /// Opens the very file that is mapped: through map_files, whatever the name of the file is now, or where we may not
  /// use map_files, by the name in the target's own root, and only if the inode is still the same. May wait for ever.
  private static func open(_ region: MemoryRegion, in target: TargetProcess) -> OpenedFile? {
    if let file = try? Descriptor(openingRegular: target.mappedFile(region.range)) {
      return OpenedFile(file)
    }
    let name = FilePath(String(decoding: region.name, as: UTF8.self))
    guard let file = try? Descriptor(openingRegular: name, in: target.path(.root)),
      let found = try? Syscall.attributes(file.file), found.inode == region.inode, found.device == region.device
    else { return nil }
    return OpenedFile(file)
  }
}
