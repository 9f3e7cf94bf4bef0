import SystemPackage
internal import Synchronization

/// A taker of the bytes of a dump. Parts of the file that are not given are zeros.
protocol BlockTaker: AnyObject, Sendable {
  /// Whether the taker needs bytes one after the other, in the order of the file; if not, from several threads at once.
  var isSequential: Bool { get }

  /// Takes bytes that belong at `offset` of the file.
  func take(_ bytes: RawSpan, at offset: UInt64) throws(MemDumpError)

  /// Takes the zeros that may be left up to the end of the file.
  func finish(at byteCount: UInt64) throws(MemDumpError)
}

/// A writer of blocks to a file, all but pages of zeros, which become holes of the file.
final class SparseFileWriter: BlockTaker {
  private static let pageByteCount = 4096
  private let file: FileDescriptor
  private let path: FilePath
  private let written = Atomic<UInt64>(0)

  let isSequential = false

  /// The number of bytes that were written.
  var byteCount: UInt64 { written.load(ordering: .relaxed) }

  /// Makes a writer to a file that has its final length.
  init(_ file: FileDescriptor, path: FilePath) { (self.file, self.path) = (file, path) }

  func take(_ bytes: RawSpan, at offset: UInt64) throws(MemDumpError) {
    var start = 0
    while start < bytes.byteCount {
      let isZero = bytes.isZero(Self.page(start, of: bytes))
      var end = start
      repeat {
        end = Self.page(end, of: bytes).upperBound
      } while end < bytes.byteCount
        && bytes.isZero(Self.page(end, of: bytes)) == isZero
      if !isZero {
        do throws(Errno) {
          try Syscall.write(bytes.extracting(start..<end), to: file, at: offset + UInt64(start))
        } catch {
          throw MemDumpError(.file(path, .write, error))
        }
        written.wrappingAdd(UInt64(end - start), ordering: .relaxed)
      }
      start = end
    }
  }

  func finish(at byteCount: UInt64) {}

  private static func page(_ start: Int, of bytes: RawSpan) -> Range<Int> {
    start..<min(start + pageByteCount, bytes.byteCount)
  }
}

/// A writer of blocks one behind the other, with zeros where nothing is: to a pipe, or into a digest.
final class SequentialWriter: BlockTaker {
  /// The number of zeros that are put at once.
  private static let zeroByteCount = 256 << 10

  let isSequential = true
  private let zeros: PageBuffer
  private let position = Mutex<UInt64>(0)
  private let isStopped: @Sendable () -> Bool
  private let put: @Sendable (RawSpan) throws(MemDumpError) -> Void

  /// - Parameters:
  ///   - isStopped: whether to stop; asked in the middle of long stretches of zeros.
  ///   - put: takes the bytes that come next.
  init(
    isStopped: @escaping @Sendable () -> Bool, put: @escaping @Sendable (RawSpan) throws(MemDumpError) -> Void
  ) throws(MemDumpError) {
    do throws(Errno) { zeros = try PageBuffer(byteCount: Self.zeroByteCount) } catch {
      throw MemDumpError(.workMemory(needed: UInt64(Self.zeroByteCount)))
    }
    (self.isStopped, self.put) = (isStopped, put)
  }

  func take(_ bytes: RawSpan, at offset: UInt64) throws(MemDumpError) {
    try finish(at: offset)
    try put(bytes)
    position.withLock { $0 = offset + UInt64(bytes.byteCount) }
  }

  func finish(at end: UInt64) throws(MemDumpError) {
    var reached = position.withLock { $0 }
    while reached < end, !isStopped() {
      let count = Int(min(UInt64(zeros.byteCount), end - reached))
      try zeros.withBytes(0..<count) { (bytes: RawSpan) throws(MemDumpError) in try put(bytes) }
      reached += UInt64(count)
    }
    position.withLock { $0 = reached }
  }
}
