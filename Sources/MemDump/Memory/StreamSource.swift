public import SystemPackage
internal import Synchronization

/// Bytes that come once and in order, from standard input or a pipe. Without a base, addresses are offsets.
///
/// Only a reader that goes forward, without a gap, gets bytes; that is how a scan reads.
public final class StreamSource: MemorySource {
  /// One region without an end.
  public let regions: [MemoryRegion]
  /// True: a stream has no way back.
  public var isSequential: Bool { true }
  /// Whether a base address was given.
  public let hasAddresses: Bool

  private let file: FileDescriptor
  private let path: FilePath
  private let base: Address
  private let control: WorkControl
  private let position = Mutex<UInt64>(0)

  /// Reads from an open file.
  ///
  /// - Parameters:
  ///   - file: the file, which stays the caller's.
  ///   - path: the name of the file in errors.
  ///   - base: the address of the first byte; nil where only offsets are known.
  ///   - control: ends the stream when told to stop, though the writer may still wait.
  public init(_ file: FileDescriptor, path: FilePath, base: Address? = nil, control: WorkControl = WorkControl()) {
    self.control = control
    (self.file, self.path, self.base, hasAddresses) = (file, path, base ?? Address(0), base != nil)
    regions = [.whole(self.base..<Address(.max))]
  }

  /// Throws where a stream begins as a compressed one does: nothing would be found in it.
  private func checkCompression(_ buffer: borrowing MutableRawSpan, _ count: Int) throws(MemDumpError) {
    let start = unsafe buffer.withUnsafeBytes { unsafe Array($0.prefix(min(count, CompressedFile.longestSign))) }
    if let program = CompressedFile.program(for: start) { throw MemDumpError(.compressed(path, program: program)) }
  }

  /// The number of bytes of the stream before an address.
  public func fileOffset(of address: Address) -> UInt64? { address - base }

  /// See ``MemorySource/read(at:into:)``. Waits for as much as the buffer holds; an empty result is the end.
  public func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard position.withLock({ $0 }) == address - base else { return [] }
    var count = 0
    do throws(Errno) {
      while count < buffer.byteCount {
        while !Syscall.isReadable(file, within: 100_000_000), !control.isStopped {}
        if control.isStopped { break }
        let read = try buffer.withPart(count..<buffer.byteCount) { (rest: inout MutableRawSpan) throws(Errno) in
          try Syscall.read(file, into: &rest)
        }
        if read == 0 { break }
        count += read
      }
    } catch { throw MemDumpError(.file(path, .read, error)) }
    if !hasAddresses, address == base { try checkCompression(buffer, count) }
    position.withLock { $0 += UInt64(count) }
    return count == 0 ? [] : [MemoryRun(.bytes, UInt64(count))]
  }
}
