import SystemPackage
internal import Synchronization

/// Copies memory to where a layout has it: one thread reads, and each taker has one of its own.
struct DumpCopy {
  /// What was copied, and what was not there.
  struct Result: Sendable {
    /// Bytes that were read from the process.
    var byteCount: UInt64 = 0
    /// What was not read, in the order of addresses.
    var holes: [Manifest.Hole] = []
  }

  private let source: any MemorySource
  private let layout: FileLayout
  private let control: ScanControl

  init(_ layout: FileLayout, of source: any MemorySource, control: ScanControl) {
    (self.layout, self.source, self.control) = (layout, source, control)
  }

  /// Hands the whole file to every taker. Throws what the source or a taker threw first, or where `control` was told to stop.
  func run(_ takers: [any BlockTaker]) throws(MemDumpError) -> Result {
    control.expect(layout.byteCount)
    let ring: BlockRing
    do throws(Errno) { ring = try BlockRing(takerCount: takers.count) } catch {
      throw MemDumpError(.memory(needed: UInt64(BlockRing.blockByteCount)))
    }
    let failure = FirstFailure()
    let byteCount = layout.byteCount
    let threads = takers.enumerated().map { number, taker in
      Syscall.startThread {
        ring.take(as: number) { block, bytes in
          failure.record { () throws(MemDumpError) in try taker.take(bytes, of: block) }
        }
        failure.record { () throws(MemDumpError) in try taker.finish(at: byteCount) }
        return 0
      }
    }
    var reader = BlockReader(ring: ring, control: control, failure: failure)
    var result: Result?
    failure.record { () throws(MemDumpError) in
      guard threads.allSatisfy(\.hasStarted) else { throw MemDumpError(.thread(.resourceTemporarilyUnavailable)) }
      result = try reader.read(layout, of: source)
    }
    reader.end()
    for thread in threads { _ = thread.join() }
    if let error = failure.error { throw error }
    guard let result, !control.isStopped else { throw MemDumpError(.interrupted) }
    return result
  }
}

/// The first thing that went wrong in one of several threads; the others then do nothing any more.
private final class FirstFailure: Sendable {
  private let first = Mutex<MemDumpError?>(nil)
  private let happened = Atomic<Bool>(false)

  var error: MemDumpError? { first.withLock { $0 } }
  var hasHappened: Bool { happened.load(ordering: .relaxed) }

  func record(_ body: () throws(MemDumpError) -> Void) {
    guard !hasHappened else { return }
    do throws(MemDumpError) { try body() } catch {
      first.withLock { $0 = $0 ?? error }
      happened.store(true, ordering: .relaxed)
    }
  }
}

/// The reading thread: gathers what stands together in the file into blocks.
private struct BlockReader {
  let ring: BlockRing
  let control: ScanControl
  let failure: FirstFailure
  private var number = 0
  private var block = BlockRing.Block(offset: 0)
  private var isOpen = false
  private var result = DumpCopy.Result()

  private var room: Int { BlockRing.blockByteCount - block.byteCount }

  init(ring: BlockRing, control: ScanControl, failure: FirstFailure) {
    (self.ring, self.control, self.failure) = (ring, control, failure)
  }

  mutating func read(_ layout: FileLayout, of source: any MemorySource) throws(MemDumpError) -> DumpCopy.Result {
    addHeader(layout.header)
    for piece in layout.pieces {
      var address = piece.range.lowerBound
      while address < piece.range.upperBound {
        guard !control.isStopped, !failure.hasHappened else { return result }
        address = try read(piece, from: address, of: source)
      }
    }
    if block.byteCount > 0 { close() }
    return result
  }

  /// Tells the takers that nothing more comes.
  mutating func end() {
    if !isOpen { ring.waitForRoom() }
    ring.publish(number, nil)
  }

  private mutating func addHeader(_ header: [UInt8]) {
    var rest = header[...]
    while !rest.isEmpty {
      open(at: UInt64(header.count - rest.count))
      let part = rest.prefix(room)
      ring.fill(number, block.byteCount..<block.byteCount + part.count) { span in
        unsafe part.withUnsafeBytes { span.copy(unsafe RawSpan(_unsafeBytes: $0)) }
      }
      block.add(part.count, isRead: true)
      rest = rest.dropFirst(part.count)
    }
  }

  /// Reads once, from `address` on. Returns where to go on.
  private mutating func read(
    _ piece: FileLayout.Piece, from start: Address, of source: any MemorySource
  ) throws(MemDumpError) -> Address {
    open(at: piece.offset + (start - piece.range.lowerBound))
    let wanted = Int(min(UInt64(room), piece.range.upperBound - start))
    let used = block.byteCount
    var runs = try ring.fill(number, used..<used + wanted) { (span: inout MutableRawSpan) throws(MemDumpError) in
      try source.read(at: start, into: &span)
    }
    if runs.isEmpty { runs = [goneRun(source, start, piece.range.upperBound)] }
    var address = start
    for run in runs {
      let end = min(address + run.byteCount, piece.range.upperBound)
      let length = Int(clamping: end - address)
      control.add(end - address)
      if run.content == .bytes {
        result.byteCount += UInt64(length)
      } else {
        result.holes.add(run.content, address..<end)
      }
      address = end
      // A stretch that goes on behind the block is passed over; the next block begins behind it.
      guard length <= room else { break }
      if case .unread = run.content {
        // It reads as zeros, whatever the source has left in the buffer.
        ring.fill(number, block.byteCount..<block.byteCount + length) { $0.clear(0..<length) }
      }
      block.add(length, isRead: run.content == .bytes)
    }
    return address
  }

  /// Nothing is mapped here any more.
  private func goneRun(_ source: any MemorySource, _ start: Address, _ end: Address) -> MemoryRun {
    let next = source.regions.firstIndex(endingAfter: start)
    let mapped = next < source.regions.count ? source.regions[next].range.lowerBound : end
    return MemoryRun(.unread(.failed(.badAddress)), max(1, min(mapped, end) - start))
  }

  /// Makes sure that there is a block whose end is at `offset` of the file, with room in it.
  private mutating func open(at offset: UInt64) {
    if isOpen {
      let end = block.offset + UInt64(block.byteCount)
      let gap = offset - end
      if gap < UInt64(room), block.byteCount > 0 {
        if gap > 0 {
          ring.fill(number, block.byteCount..<block.byteCount + Int(gap)) { $0.clear(0..<Int(gap)) }
          block.add(Int(gap), isRead: false)
        }
        return
      }
      if block.byteCount > 0 { close() }
    }
    if !isOpen { ring.waitForRoom() }
    isOpen = true
    block = BlockRing.Block(offset: offset)
  }

  private mutating func close() {
    ring.publish(number, block)
    number += 1
    isOpen = false
    block.byteCount = 0
  }
}

extension [Manifest.Hole] {
  /// Adds a hole, as a part of the last one where that is of the same sort.
  mutating func add(_ content: MemoryRun.Content, _ range: Range<Address>) {
    let reason: String
    var errno: Int?
    switch content {
    case .bytes: return
    case .absent: reason = "untouched"
    case .unread(let why): (reason, errno) = (why.name, why.errno.map { Int($0.rawValue) })
    }
    if let last, last.range.upperBound == range.lowerBound, last.reason == reason, last.errno == errno {
      self[count - 1].range = last.range.lowerBound..<range.upperBound
    } else {
      append(Manifest.Hole(range: range, reason: reason, errno: errno))
    }
  }
}
