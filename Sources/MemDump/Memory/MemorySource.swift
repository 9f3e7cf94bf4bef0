public import SystemPackage

/// Memory to read: a live process, a dump, a core. Readers know nothing else of where bytes come from.
///
/// Safe to use from several threads at once.
public protocol MemorySource: AnyObject, Sendable {
  /// The regions of the memory, in the order of their addresses. A source without a map has one.
  var regions: [MemoryRegion] { get }

  /// Whether addresses are those of a process; otherwise they are offsets in a file.
  var hasAddresses: Bool { get }

  /// Whether the source can be read only once, from the start to the end.
  var isSequential: Bool { get }

  /// Whether the source is a part of a process's memory that someone chose, such as a dump of one region: like is to be
  /// compared with that part alone.
  var isExcerpt: Bool { get }

  /// Whether the source holds less than its headers say, such as a core that was cut short.
  var isTruncated: Bool { get }

  /// The number of segments of a core that are left out, because they overlap others or have no addresses.
  var omittedSegmentCount: Int { get }

  /// The registers of the threads at the instant of the memory; nil where there are none.
  var registers: [ThreadRegisters]? { get }

  /// The source of what the process cannot have changed since the instant of the memory: private mappings of files that may
  /// not be written to. The source itself by default.
  var constants: any MemorySource { get }

  /// The file offset of the byte at an address; nil where the byte is in no file.
  func fileOffset(of address: Address) -> UInt64?

  /// Reads memory from `address` on.
  ///
  /// Returns what was found, run by run, from `address` on without a gap. The runs together are as long as the buffer, or
  /// shorter where less was asked of the system at once, or longer where the last one is no run of ``MemoryRun/Content/bytes``
  /// and goes on behind the buffer: so a reader passes over 64 GiB of untouched memory in one step. Bytes of the buffer that
  /// belong to untouched memory are set to zero, as the process itself would see them; those of unread memory are undefined.
  /// An empty result means that `address` is outside of every region.
  ///
  /// Throws where the source as a whole has come to an end, such as a process that exited.
  func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun]
}

extension MemorySource {
  /// See ``constants``.
  public var constants: any MemorySource { self }
  /// False: most sources can be read anywhere, and at several places at once.
  public var isSequential: Bool { false }
  /// False: most sources have all that is to be compared.
  public var isExcerpt: Bool { false }
  /// False: most sources are whole.
  public var isTruncated: Bool { false }
  /// None: only a core has segments.
  public var omittedSegmentCount: Int { 0 }
  /// Nil: memory that changes while it is read has no registers of one instant.
  public var registers: [ThreadRegisters]? { nil }
}

/// A run of adjacent memory of one sort.
public struct MemoryRun: Hashable, Sendable {
  /// What a read found.
  public enum Content: Hashable, Sendable {
    /// Bytes, now in the buffer.
    case bytes
    /// Memory that was never touched, or a hole in a file; the run reads as zeros.
    case absent
    /// Memory that was not read, of whose contents nothing is known.
    case unread(UnreadReason)
  }

  /// What a read found in the run.
  public var content: Content
  /// The length of the run, in bytes.
  public var byteCount: UInt64

  /// Makes a run.
  public init(_ content: Content, _ byteCount: UInt64) { (self.content, self.byteCount) = (content, byteCount) }
}

/// Why a stretch of memory was not read.
public enum UnreadReason: Hashable, Sendable {
  /// The kernel refused, with this error.
  case failed(Errno)
  /// The page is swapped out, and reading would have brought it back in.
  case swapped
  /// The page is part of a shared or file mapping that the process has not touched, and the file behind the mapping is
  /// not ours to read: a read through the process would have made the process larger.
  case notResident
  /// The file system of the mapped file did not answer in time: one on a network, or in user space, that hangs.
  case noAnswer
  /// The memory is that of a device: reading could do something.
  case device
  /// The page lies behind the end of the mapped file; the process itself would get SIGBUS.
  case behindEndOfFile
  /// A core or dump says that the memory was there but does not hold it.
  case notInFile

  /// The word for the reason in a manifest.
  public var name: String {
    switch self {
    case .failed: "unreadable"
    case .swapped: "swapped"
    case .notResident: "not-resident"
    case .noAnswer: "no-answer"
    case .device: "device"
    case .behindEndOfFile: "behind-end-of-file"
    case .notInFile: "not-in-file"
    }
  }

  /// The system error of a failed read; nil for other reasons.
  public var errno: Errno? {
    if case .failed(let errno) = self { errno } else { nil }
  }
}

extension MemoryRun.Content: StretchContent {}

extension ArraySlice<MemoryRun> {
  /// Takes the runs that answer for a range, whose length is that of whole runs.
  mutating func take(_ range: Range<Address>, _ body: (Stretch<MemoryRun.Content>) -> Void) {
    var reached = range.lowerBound
    while reached < range.upperBound, let run = popFirst() {
      let part = Range(start: reached, byteCount: run.byteCount)
      body(Stretch(range: part, content: run.content))
      reached = part.upperBound
    }
  }
}

extension [MemoryRun] {
  /// Adds a run, as a part of the last one where that is of the same sort.
  mutating func add(_ content: MemoryRun.Content, _ byteCount: UInt64) {
    guard byteCount > 0 else { return }
    if let last = indices.last, self[last].content == content {
      self[last].byteCount += byteCount
    } else {
      append(MemoryRun(content, byteCount))
    }
  }
}
