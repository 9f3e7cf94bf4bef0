import SystemPackage

/// A walk through memory, chunk by chunk, in which no boundary shows: the only owner of boundaries.
///
/// The memory is cut into runs: adjacent addresses that were selected and read. Each run is handed out in windows. A
/// window owns a part of its bytes, with `margin` bytes on either side wherever the run goes on. So a reader that
/// decides by an anchor byte and at most `margin` bytes around the anchor sees each anchor exactly once and with all
/// that matters, whatever the size of a chunk. Untouched memory reads as zeros; a long range of untouched memory is
/// passed over, with `margin` zeros left on either side.
struct ChunkWalk: ~Copyable {
  /// The size of a chunk that is copied fastest out of a process, in bytes.
  static let defaultChunk = 1 << 20
  /// The size, in bytes, from which on a part of a file is mapped: fewer bytes are copied sooner.
  private static let leastMapped: UInt64 = 64 << 10

  /// The place of a window in memory.
  struct Window {
    /// The address of the first byte of the window.
    var base: Address
    /// The bytes that the window owns, which are decided on in no other window.
    var owned: Range<Int>
    /// The ranges of untouched memory in the window, in order; their zeros are nobody's bytes.
    var untouched: [Range<Int>] = []

    /// Whether a byte was never written. No match begins at such a byte: most untouched memory is not even looked at.
    func isUntouched(_ offset: Int) -> Bool {
      let index = untouched.partitionIndex { $0.upperBound > offset }
      return index < untouched.count && untouched[index].lowerBound <= offset
    }
  }

  /// The numbers of bytes that a walk has gone over.
  struct Totals: Sendable {
    var byteCount: UInt64 = 0
    var absentByteCount: UInt64 = 0
    var unreadByteCount: UInt64 = 0
  }

  private let source: any MemorySource
  /// The source, if that is a file whose pages are mapped.
  private let file: (any FileSource)?
  private let margin: Int
  private let chunk: Int
  /// The size of a mapped part of a file, in bytes: mapped bytes need not be near, and huge pages fit in.
  private let window: Int
  private var method: FillMethod
  private let lead: Int
  private var buffer: PageBuffer

  // The run being gathered: buffer[start ..< end], of which the bytes before `owned` have been handed out.
  private var start: Int
  private var owned: Int
  private var end: Int
  private var endAddress = Address(0)
  /// The ranges of untouched memory in the buffer.
  private var untouched: [Range<Int>] = []
  /// The addresses to hand out as owned; nil for all.
  private var owner: Range<Address>?
  private(set) var totals = Totals()

  init(_ source: any MemorySource, margin: Int, chunk: Int = defaultChunk) throws(MemDumpError) {
    precondition(margin >= 0 && chunk > 0)
    (self.source, self.margin, self.chunk) = (source, margin, chunk)
    // Bytes that are carried over end where a page begins, so that every read goes to the start of a page.
    lead = (2 * margin + Int(pageSize) - 1) / Int(pageSize) * Int(pageSize)
    file = UInt64(chunk) >= Self.leastMapped ? source as? any FileSource : nil
    window = 4 * chunk
    method = FillMethod(trial: window)
    let room = lead + (file == nil ? chunk : window) + margin
    do throws(Errno) {
      buffer = file == nil ? try PageBuffer(byteCount: room) : try PageBuffer(byteCount: room, windowAt: lead)
    } catch { throw MemDumpError(.workMemory(needed: UInt64(room))) }
    (start, owned, end) = (lead, lead, lead)
  }

  /// Hands out the memory of `range`, all of it owned, with the margins that lie in `surroundings`: for a thread that
  /// takes a part of a run, while others take the rest.
  mutating func walk(
    _ range: Range<Address>, within surroundings: Range<Address>,
    _ body: (RawSpan, Window) throws(MemDumpError) -> Bool
  ) throws(MemDumpError) {
    // From the start of a page, so that pages go to pages.
    let start = max(surroundings.lowerBound, (range.lowerBound - UInt64(margin)).pageStart)
    owner = range
    defer { owner = nil }
    try walk([start..<min(surroundings.upperBound, range.upperBound + UInt64(margin))], body)
  }

  /// Hands out the memory of `ranges`, which are in order, until `body` returns false.
  mutating func walk(
    _ ranges: [Range<Address>], _ body: (RawSpan, Window) throws(MemDumpError) -> Bool
  ) throws(MemDumpError) {
    for range in ranges {
      guard try walk(range, body) else { return }
    }
    _ = try finishRun(body)
  }

  private mutating func walk(
    _ range: Range<Address>, _ body: (RawSpan, Window) throws(MemDumpError) -> Bool
  ) throws(MemDumpError) -> Bool {
    var address = range.lowerBound
    if address != endAddress { guard try finishRun(body) else { return false } }
    while address < range.upperBound {
      endAddress = address
      let (runs, wanted) = try fill(address..<range.upperBound)
      if runs.isEmpty { break }
      for run in runs {
        let byteCount = min(run.byteCount, range.upperBound - address)
        guard try gather(run.content, byteCount, limit: lead + wanted, body) else { return false }
        address = address + byteCount
        endAddress = address
      }
      let goesOn = try handOutAndCarry(body)
      if let file, buffer.isCut { throw MemDumpError(.fileCut(file.path)) }
      guard goesOn else { return false }
    }
    return true
  }

  /// Fills the buffer from `lead` on with the start of `range`; also returns for how many bytes there was room.
  private mutating func fill(_ range: Range<Address>) throws(MemDumpError) -> (runs: [MemoryRun], wanted: Int) {
    guard let file, buffer.hasWindow, let stretch = file.stretch(at: range.lowerBound),
      case .bytes(let descriptor, let offset) = stretch.content, offset % pageSize == 0
    else { return try copy(range, atMost: chunk) }
    // Up to a multiple of its size in the file, so that the next window begins there.
    let count = min(stretch.range.byteCount, range.byteCount, UInt64(window) - offset % UInt64(window))
    let started = Syscall.monotonicTime
    // What cannot be mapped can be read.
    if method.maps, count >= Self.leastMapped,
      (try? buffer.map(Int(count), of: descriptor, at: offset)) != nil
    {
      method.note(byteCount: count, nanoseconds: Syscall.monotonicTime - started)
      return ([MemoryRun(.bytes, count)], Int(count))
    }
    let filled = try copy(range, atMost: min(chunk, Int(count)))
    if !method.maps { method.note(byteCount: UInt64(filled.wanted), nanoseconds: Syscall.monotonicTime - started) }
    return filled
  }

  private mutating func copy(
    _ range: Range<Address>, atMost limit: Int
  ) throws(MemDumpError) -> (runs: [MemoryRun], wanted: Int) {
    do throws(Errno) { try buffer.unmap() } catch { throw MemDumpError(.workMemory(needed: UInt64(window))) }
    let wanted = Int(min(UInt64(limit), range.byteCount))
    let runs = try buffer.withMutableBytes(lead..<lead + wanted) {
      (span: inout MutableRawSpan) throws(MemDumpError) in try source.read(at: range.lowerBound, into: &span)
    }
    return (runs, wanted)
  }

  /// Takes in a run that begins at buffer index `end`.
  private mutating func gather(
    _ content: MemoryRun.Content, _ byteCount: UInt64, limit: Int,
    _ body: (RawSpan, Window) throws(MemDumpError) -> Bool
  ) throws(MemDumpError) -> Bool {
    let room = UInt64(max(0, limit - end))
    switch content {
    case .bytes:
      totals.byteCount += mine(byteCount)
      end += Int(min(byteCount, room))
    case .absent where byteCount <= room + UInt64(margin):
      totals.absentByteCount += mine(byteCount)
      if byteCount > room { buffer.clear(limit..<end + Int(byteCount)) }
      untouched.append(end..<end + Int(byteCount))
      end += Int(byteCount)
    case .absent:
      totals.absentByteCount += mine(byteCount)
      // Too long to hold: zeros to close the run before it with, and zeros to open the one behind it.
      buffer.clear(end..<end + margin)
      guard try handOut(upTo: end, visible: end + margin, body) else { return false }
      buffer.clear(lead - margin..<lead)
      (start, owned, end) = (lead - margin, lead, lead)
      untouched.removeAll()
    case .unread:
      totals.unreadByteCount += mine(byteCount)
      guard try finishRun(body) else { return false }
      let next = byteCount <= room ? end + Int(byteCount) : lead
      (start, owned, end) = (next, next, next)
    }
    return true
  }

  /// How many of the next bytes are owned, and not margin.
  private func mine(_ byteCount: UInt64) -> UInt64 {
    let next = Range(start: endAddress, byteCount: byteCount)
    return owner.map { next.clamped(to: $0).byteCount } ?? next.byteCount
  }

  /// Ends the run: hands out all that is left of the run.
  private mutating func finishRun(_ body: (RawSpan, Window) throws(MemDumpError) -> Bool) throws(MemDumpError) -> Bool {
    let goesOn = try handOut(upTo: end, visible: end, body)
    (start, owned) = (end, end)
    untouched.removeAll()
    return goesOn
  }

  /// Hands out the bytes that have their margin, and moves the rest to the front of the next read.
  private mutating func handOutAndCarry(
    _ body: (RawSpan, Window) throws(MemDumpError) -> Bool
  ) throws(MemDumpError) -> Bool {
    let decidable = max(owned, end - margin)
    guard try handOut(upTo: decidable, visible: end, body) else { return false }
    let carried = max(start, decidable - margin)
    buffer.move(carried..<end, to: lead - (end - carried))
    (start, owned) = (lead - (end - carried), lead - (end - decidable))
    untouched = untouched.filter { $0.upperBound > carried }.map {
      $0.lowerBound + lead - end..<$0.upperBound + lead - end
    }
    end = lead
    return true
  }

  private mutating func handOut(
    upTo decidable: Int, visible: Int, _ body: (RawSpan, Window) throws(MemDumpError) -> Bool
  ) throws(MemDumpError) -> Bool {
    guard decidable > owned else { return true }
    let base = endAddress - UInt64(end - start)
    var mine = owned - start..<decidable - start
    owned = decidable
    if let owner {
      mine = mine.clamped(to: Int(clamping: owner.lowerBound - base)..<Int(clamping: owner.upperBound - base))
      if mine.isEmpty { return true }
    }
    let untouched = self.untouched.map { $0.lowerBound - start..<$0.upperBound - start }
    let window = Window(base: base, owned: mine, untouched: untouched)
    return try buffer.withBytes(start..<visible) { (bytes: RawSpan) throws(MemDumpError) in try body(bytes, window) }
  }
}
