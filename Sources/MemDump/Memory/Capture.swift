import SystemPackage
internal import Synchronization

/// Memory of a process as it was at one instant: copied while every thread of it stood still.
///
/// What did not fit the time or the room is read from the live process later, and said so in ``readLive``.
public final class Capture: MemorySource {
  /// The map of the instant.
  public let regions: [MemoryRegion]
  /// The ranges that were asked for, by the map of the instant.
  public let ranges: [Range<Address>]
  /// How long the process stood still.
  public let pause: Pause
  /// Threads that did not stop, because they were in uninterruptible sleep.
  public let runningThreadCount: Int
  /// The registers of its threads at that instant; nil where they were not asked for, or there was no time for them.
  public let registers: [ThreadRegisters]?
  /// A process has addresses.
  public var hasAddresses: Bool { true }

  private let buffer: PageBuffer
  private let live: LiveMemory
  private let pieces: [Piece]
  private let liveRanges = Mutex<[Range<Address>]>([])

  /// A stretch of the selected memory, as it was at the instant.
  private struct Piece: Sendable {
    enum Content: Sendable {
      case copied(offset: Int)
      case unread(Errno)
      case swapped
      case notPresent
      case notTaken
    }
    var range: Range<Address>
    var content: Content
  }

  /// The ranges that were read after the process ran again, in order.
  public var readLive: [Range<Address>] { liveRanges.withLock { $0 } }

  /// Stops a process, copies memory, and lets it go on.
  ///
  /// - Parameters:
  ///   - memory: the process.
  ///   - holder: launched before anything else.
  ///   - budget: how long the process may stand still, in nanoseconds.
  ///   - withRegisters: whether to read the registers of every thread too.
  ///   - select: gives the ranges to copy by a map; asked before the stop, for the room it takes, and again once stopped.
  public init(
    _ memory: LiveMemory, holder: consuming Holder, budget: UInt64, withRegisters: Bool = false,
    select: ([MemoryRegion]) throws(MemDumpError) -> [Range<Address>]
  ) throws(MemDumpError) {
    let room = try Self.room(for: try select(memory.regions), in: memory)
    let buffer: PageBuffer
    do throws(Errno) { buffer = try PageBuffer(byteCount: room) } catch {
      throw MemDumpError(.memory(needed: UInt64(room)))
    }
    let started = Syscall.monotonicTime
    let taken: Taken
    do throws(MemDumpError) {
      taken = try Self.take(memory, holder: holder, budget: budget, withRegisters, to: buffer, select)
    } catch {
      guard error.isOutOfTime else { throw error }
      // The budget was over before every thread stood still: all is read live, and said so.
      let pause = Pause(end: .timeUp, startedAt: started, releasedAt: started, endedAt: Syscall.monotonicTime)
      let ranges = try select(memory.regions)
      taken = Taken(live: memory, ranges: ranges, plan: try CapturePlan(ranges, in: memory, room: 0), pause: pause)
    }
    self.buffer = buffer
    (live, regions, ranges) = (taken.live, taken.live.regions, taken.ranges)
    (pause, runningThreadCount, registers) = (taken.pause, taken.runningThreadCount, taken.registers)
    pieces = Self.pieces(taken.plan, before: taken.pause.releasedAt)
  }

  /// What a stop gave.
  private struct Taken {
    var live: LiveMemory
    var ranges: [Range<Address>]
    var plan: CapturePlan
    var pause: Pause
    var runningThreadCount = 0
    var registers: [ThreadRegisters]?
  }

  private static func take(
    _ memory: LiveMemory, holder: consuming Holder, budget: UInt64, _ withRegisters: Bool,
    to buffer: borrowing PageBuffer,
    _ select: ([MemoryRegion]) throws(MemDumpError) -> [Range<Address>]
  ) throws(MemDumpError) -> Taken {
    let stopped = try holder.stop(memory.target, budget: budget)
    let running = stopped.runningThreadCount
    let registers = withRegisters ? try? stopped.registers() : nil
    let regions = adopt(flagsOf: memory.regions, for: try memory.target.regions(usage: false))
    let live = LiveMemory(memory, regions: regions)
    let ranges = try select(regions)
    var plan = try CapturePlan(ranges, in: live, room: buffer.byteCount)
    // The holder lets go at the deadline whatever we do; to stop copying a little earlier makes it our own orderly end.
    plan.copy(from: live, to: buffer, until: stopped.startedAt + budget - min(budget / 50, 2_000_000))
    let pause = try stopped.resume()
    return Taken(
      live: live, ranges: ranges, plan: plan, pause: pause, runningThreadCount: running, registers: registers)
  }

  /// No file holds it.
  public func fileOffset(of address: Address) -> UInt64? { nil }

  /// See ``MemorySource/read(at:into:)``.
  public func read(at address: Address, into target: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    let index = pieces.partitionIndex { $0.range.upperBound > address }
    guard index < pieces.endIndex, pieces[index].range.contains(address), target.byteCount > 0 else { return [] }
    let piece = pieces[index]
    let rest = piece.range.upperBound - address
    let window = min(Int(clamping: rest), target.byteCount)
    switch piece.content {
    case .copied(let offset):
      let start = offset + Int(address - piece.range.lowerBound)
      buffer.withBytes(start..<start + window) { bytes in target.copy(bytes) }
      return [MemoryRun(.bytes, UInt64(window))]
    case .unread(let errno):
      return [MemoryRun(.unread(.failed(errno)), rest)]
    case .swapped:
      return [MemoryRun(.unread(.swapped), rest)]
    case .notPresent:
      guard let index = regions.index(holding: address) else { return [] }
      let region = regions[index]
      if region.isDevice { return [MemoryRun(.unread(.device), rest)] }
      return live.missing(
        Range(start: address, byteCount: UInt64(window)), upTo: piece.range.upperBound, of: region, into: &target)
    case .notTaken:
      let runs = try target.withPart(0..<window) { (part: inout MutableRawSpan) throws(MemDumpError) in
        try live.read(at: address, into: &part)
      }
      let length = min(rest, runs.reduce(0) { $0 + $1.byteCount })
      liveRanges.withLock { ranges in
        if let last = ranges.last, last.upperBound == address {
          ranges[ranges.count - 1] = last.lowerBound..<(address + length)
        } else {
          ranges.append(Range(start: address, byteCount: length))
        }
      }
      return runs
    }
  }

  /// What is present now, a sixteenth more for what the process may touch until it stands still, and a MiB.
  private static func room(for ranges: [Range<Address>], in memory: LiveMemory) throws(MemDumpError) -> Int {
    var present: UInt64 = 0
    do throws(Errno) {
      for range in ranges {
        present += try memory.pages(in: range).filter { !$0.isSwapped }.reduce(0) { $0 + $1.range.byteCount }
      }
    } catch { throw memory.failure(error) }
    let room = present + present / 16 + (1 << 20)
    if let available = ProcFS.availableMemory(), room > available { throw MemDumpError(.memory(needed: room)) }
    return Int(clamping: room)
  }

  /// The map that is read once stopped has no usage, because that costs a walk over all page tables; what smaps said of a
  /// device stays true.
  private static func adopt(flagsOf known: [MemoryRegion], for regions: [MemoryRegion]) -> [MemoryRegion] {
    regions.map { region in
      var region = region
      if let index = known.index(holding: region.range.lowerBound) { region.usage = known[index].usage }
      return region
    }
  }

  private static func pieces(_ plan: CapturePlan, before released: UInt64) -> [Piece] {
    var pieces: [Piece] = []
    func add(_ range: Range<Address>, _ content: Piece.Content) {
      if !range.isEmpty { pieces.append(Piece(range: range, content: content)) }
    }
    for stretch in plan.stretches {
      switch stretch.content {
      case .notPresent: add(stretch.range, .notPresent)
      case .swapped: add(stretch.range, .swapped)
      case .notTaken: add(stretch.range, .notTaken)
      case .present(let offset, let job):
        guard let taken = plan.results[job], taken.finishedAt <= released else {
          add(stretch.range, .notTaken)
          continue
        }
        var position = stretch.range.lowerBound
        for run in taken.runs(of: stretch.range) {
          let end = position + run.byteCount
          let place = offset + Int(position - stretch.range.lowerBound)
          if case .unread(.failed(let errno)) = run.content {
            add(position..<end, .unread(errno))
          } else {
            add(position..<end, .copied(offset: place))
          }
          position = end
        }
      }
    }
    return pieces
  }
}
