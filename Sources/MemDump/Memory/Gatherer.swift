/// What a stretch of memory is, and where bytes of it are or will be.
struct GatheredRun {
  enum Content: Hashable {
    /// Bytes, in the buffer from there on.
    case bytes(at: Int)
    /// Bytes that are still to be copied to there.
    case pending(at: Int)
    /// Bytes that the source itself has in its memory, from there on.
    case held(at: Int)
    /// No bytes: absent or unread.
    case gap(MemoryRun.Content)
  }

  var content: Content
  var byteCount: UInt64
}

/// Memory that is read in two steps: one thread after the other finds out what there is, over any distance that nothing
/// is in, and then several copy at once.
protocol Gatherer: Sendable {
  /// The regions there are, in the order of their addresses.
  var regions: [MemoryRegion] { get }

  /// Tells what there is from the start of `range` on, run by run without a gap between them, up to as many bytes as the
  /// buffer has room for. Runs without bytes take no room in it. An empty result means that the start of the range is
  /// outside of every region.
  func gather(_ range: Range<Address>, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [GatheredRun]

  /// Copies what was pending. The runs answer for every byte of it, in order, and none spans two transfers.
  func copyPending(_ pending: [Syscall.Transfer], into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun]

  /// Gives bytes that the source has in its memory.
  func withHeldBytes<Failure: Error>(
    _ range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Void
  ) throws(Failure)
}

extension GatheredRun {
  /// Runs that were read to a place of a buffer, each byte as far from its start as from that of the memory.
  static func placed(_ runs: [MemoryRun], at place: Int) -> [GatheredRun] {
    var place = place
    return runs.map { run in
      defer { place += Int(clamping: run.byteCount) }
      return GatheredRun(
        content: run.content == .bytes ? .bytes(at: place) : .gap(run.content), byteCount: run.byteCount)
    }
  }
}
