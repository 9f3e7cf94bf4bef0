/// The content of a stretch of memory that is being gathered, and where bytes of it are or will be.
enum StagedContent: StretchContent {
  /// Bytes, in the buffer from an offset on.
  case bytes(at: Int)
  /// Bytes that are still to be copied to an offset of the buffer.
  case pending(at: Int)
  /// Bytes that the source itself holds in memory, from an offset on.
  case held(at: Int)
  /// No bytes: absent or unread.
  case gap(MemoryRun.Content)

  func moved(by byteCount: UInt64) -> StagedContent {
    switch self {
    case .bytes(let place): .bytes(at: place + Int(byteCount))
    case .pending(let place): .pending(at: place + Int(byteCount))
    case .held(let place): .held(at: place + Int(byteCount))
    case .gap: self
    }
  }
}

/// A source of memory that is read in two steps: one thread at a time finds out what there is, over any empty distance,
/// and then several copy at once.
protocol StagedSource: Sendable {
  /// The regions of the source, in the order of their addresses.
  var regions: [MemoryRegion] { get }

  /// Gathers the stretches from the start of `range` on, without a gap between them, up to as many bytes as the buffer
  /// has room for. Stretches without bytes take no room there. An empty result means that the start of the range is
  /// outside every region.
  func gather(
    _ range: Range<Address>, into buffer: inout MutableRawSpan
  ) throws(MemDumpError) -> [Stretch<StagedContent>]

  /// Copies the pending bytes. The runs answer for every byte, in order, and none spans two transfers.
  func copyPending(_ pending: [Syscall.Transfer], into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun]

  /// Lends `body` bytes that the source holds in memory.
  func withHeldBytes<Failure: Error>(
    _ range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Void
  ) throws(Failure)
}

extension [MemoryRun] {
  /// The stretches for runs that were read from an address on to a place of a buffer.
  func gathered(from address: Address, at place: Int) -> [Stretch<StagedContent>] {
    var reached = address
    return map { run in
      let range = Range(start: reached, byteCount: run.byteCount)
      reached = range.upperBound
      let content = run.content == .bytes ? .bytes(at: place) : StagedContent.gap(run.content)
      return Stretch(range: range, content: content.moved(by: range.lowerBound - address))
    }
  }
}
