import SystemPackage
internal import Synchronization

/// A copy of memory to where a layout has it. Each thread reads a block, writes it to files while the bytes are in
/// cache, and brings it to those takers who need blocks one after the other.
struct DumpCopy {
  /// The result of a copy.
  struct Result: Sendable {
    /// The number of bytes that were read from the process.
    var byteCount: UInt64 = 0
    /// The holes: memory that was not read, in the order of addresses.
    var holes: [Manifest.Hole] = []
  }

  private let source: any StagedSource
  private let layout: FileLayout
  private let control: WorkControl
  private let threads: Int

  /// - Parameter threads: the number of threads that share the work. Two read faster than a file or a pipe takes bytes,
  ///   and more would stand in each other's way: a file is written by one at a time.
  init(
    _ layout: FileLayout, of source: any StagedSource, control: WorkControl,
    threads: Int = min(Syscall.processorCount, 2)
  ) {
    (self.layout, self.source, self.control, self.threads) = (layout, source, control, threads)
  }

  /// Hands the whole file to every taker. Throws what the source or a taker threw first, or where `control` was told to
  /// stop.
  func run(_ takers: [any BlockTaker]) throws(MemDumpError) -> Result {
    control.expect(layout.byteCount)
    let work: DumpWork
    do throws(Errno) { work = try DumpWork(layout, of: source, takers, control, threads: threads) } catch {
      throw MemDumpError(.workMemory(needed: DumpWork.mostByteCount(threads)))
    }
    Syscall.concurrently(threads) { _ in work.run() }
    let byteCount = layout.byteCount
    Syscall.concurrently(takers.count) { index in work.finish(takers[index], at: byteCount) }
    return try work.result()
  }
}

/// The work on a dump that its threads share.
private final class DumpWork: Sendable {
  /// The size of a block that is written at once, in bytes: ext4 takes longer for smaller ones, tmpfs for larger ones.
  private static let fileBlock = 512 << 10
  /// The size of a block that another thread may take, in bytes: it stays in the cache that the two have in common.
  private static let passedBlock = 256 << 10
  /// The number of blocks that may wait for their turn, so that writers need not wait for readers.
  private static let waitingBlocks = 8

  private let source: any StagedSource
  private let cursor: Mutex<BlockCursor>
  private let buffers: BlockBuffers
  private let control: WorkControl
  /// The takers of blocks in any order, and those of blocks one after the other.
  private let files: [any BlockTaker]
  private let lanes: [BlockLane]

  private let hasFailed = Atomic<Bool>(false)
  private let failure = Mutex<MemDumpError?>(nil)
  private let byteCount = Atomic<UInt64>(0)
  private let gaps = Mutex<[(number: Int, gaps: [Stretch<MemoryRun.Content>])]>([])

  private var isOver: Bool { hasFailed.load(ordering: .relaxed) || control.isStopped }

  init(
    _ layout: FileLayout, of source: any StagedSource, _ takers: [any BlockTaker], _ control: WorkControl, threads: Int
  ) throws(Errno) {
    self.source = source
    cursor = Mutex(BlockCursor(layout, of: source))
    files = takers.filter { !$0.isSequential }
    lanes = takers.filter(\.isSequential).map { BlockLane($0) }
    buffers =
      try lanes.isEmpty
      ? BlockBuffers(count: threads, byteCount: Self.fileBlock)
      : BlockBuffers(count: threads + Self.waitingBlocks, byteCount: Self.passedBlock)
    self.control = control
  }

  /// The most memory that the buffers take, in bytes.
  static func mostByteCount(_ threads: Int) -> UInt64 {
    UInt64(max(threads * fileBlock, (threads + waitingBlocks) * passedBlock))
  }

  /// Does the work of one thread.
  func run() {
    while let buffer = buffers.take(users: 1 + lanes.count) {
      // The end, or a failure: who waits for a buffer need not wait any more.
      let filled = unlessOver { () throws(MemDumpError) in try fill(buffer) }
      guard let block = filled ?? nil else { return buffers.close() }
      for file in files { give(block, buffer, to: file) }
      for lane in lanes { lane.add(block, buffer: buffer) }
      buffers.leave(buffer)
      for lane in lanes {
        lane.handOut { block, buffer in
          give(block, buffer, to: lane.taker)
          buffers.leave(buffer)
        }
      }
    }
  }

  func finish(_ taker: any BlockTaker, at byteCount: UInt64) {
    unlessOver { () throws(MemDumpError) in try taker.finish(at: byteCount) }
  }

  func result() throws(MemDumpError) -> DumpCopy.Result {
    if let error = failure.withLock({ $0 }) { throw error }
    guard !control.isStopped else { throw MemDumpError(.interrupted) }
    var all: [Stretch<MemoryRun.Content>] = []
    for (_, gaps) in gaps.withLock({ $0.sorted { $0.number < $1.number } }) {
      for gap in gaps { all.join(gap) }
    }
    return DumpCopy.Result(
      byteCount: byteCount.load(ordering: .relaxed), holes: all.compactMap { Manifest.Hole($0) })
  }

  /// Fills a buffer with the next block; nil where there is none.
  private func fill(_ buffer: Int) throws(MemDumpError) -> DumpBlock? {
    try buffers.withMutableBytes(buffer) { (bytes: inout MutableRawSpan) throws(MemDumpError) -> DumpBlock? in
      guard let plan = try next(into: &bytes) else { return nil }
      let passed = plan.byteCount
      let block = try plan.completed(from: source, in: &bytes)
      control.add(passed)
      byteCount.wrappingAdd(block.byteCount, ordering: .relaxed)
      if !block.gaps.isEmpty { gaps.withLock { $0.append((block.number, block.gaps)) } }
      return block
    }
  }

  private func next(into bytes: inout MutableRawSpan) throws(MemDumpError) -> BlockPlan? {
    try cursor.withLock { (cursor) throws(MemDumpError) in try cursor.next(into: &bytes) { isOver } }
  }

  private func give(_ block: DumpBlock, _ buffer: Int, to taker: any BlockTaker) {
    for extent in block.extents {
      unlessOver { () throws(MemDumpError) in
        if extent.isHeld {
          try source.withHeldBytes(extent.bytes) { (bytes: RawSpan) throws(MemDumpError) in
            try taker.take(bytes, at: extent.offset)
          }
        } else {
          try buffers.withBytes(buffer, extent.bytes) { (bytes: RawSpan) throws(MemDumpError) in
            try taker.take(bytes, at: extent.offset)
          }
        }
      }
    }
  }

  /// Runs `body` unless the work is over, and keeps the first error, which ends the work.
  @discardableResult
  private func unlessOver<Value>(_ body: () throws(MemDumpError) -> Value) -> Value? {
    guard !isOver else { return nil }
    do throws(MemDumpError) { return try body() } catch {
      failure.withLock { $0 = $0 ?? error }
      hasFailed.store(true, ordering: .relaxed)
      return nil
    }
  }
}
