/// What a stretch of memory is to who gathers it, and where bytes of it are or will be.
enum StagedContent: StretchContent {
  /// Bytes, in the buffer from there on.
  case bytes(at: Int)
  /// Bytes that are still to be copied to there.
  case pending(at: Int)
  /// Bytes that the source itself has in its memory, from there on.
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

/// Memory that is read in two steps: one thread after the other finds out what there is, over any distance that nothing
/// is in, and then several copy at once.
protocol StagedSource: Sendable {
  /// The regions there are, in the order of their addresses.
  var regions: [MemoryRegion] { get }

  /// Tells what there is from the start of `range` on, stretch by stretch without a gap between them, up to as many bytes as
  /// the buffer has room for. Stretches without bytes take no room in it. An empty result means that the start of the range
  /// is outside of every region.
  func gather(
    _ range: Range<Address>, into buffer: inout MutableRawSpan
  ) throws(MemDumpError) -> [Stretch<StagedContent>]

  /// Copies what was pending. The runs answer for every byte of it, in order, and none spans two transfers.
  func copyPending(_ pending: [Syscall.Transfer], into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun]

  /// Gives bytes that the source has in its memory.
  func withHeldBytes<Failure: Error>(
    _ range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Void
  ) throws(Failure)
}

extension [MemoryRun] {
  /// Runs that were read from an address on to a place of a buffer, as stretches.
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
