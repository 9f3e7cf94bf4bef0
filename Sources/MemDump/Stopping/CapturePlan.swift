import SystemPackage
internal import Synchronization

/// What to copy while a process stands still: the present pages of some ranges, packed without gaps into a buffer, in jobs
/// that several threads share.
struct CapturePlan {
  struct Stretch: Sendable {
    enum Content: Sendable {
      case present(offset: Int, job: Int)
      case swapped
      case notPresent
      /// A copy-on-write child has it.
      case inChild
      /// There is no room for it.
      case notTaken
    }
    var range: Range<Address>
    var content: Content
  }

  /// What a job found, and when it had.
  struct Result: Sendable {
    var transfers: [Syscall.Transfer]
    var runs: [MemoryRun]
    var finishedAt: UInt64

    /// The runs of one stretch of the job.
    func runs(of range: Range<Address>) -> [MemoryRun] {
      var found: [MemoryRun] = []
      var copied = runs[...]
      for transfer in transfers {
        var left = UInt64(transfer.byteCount)
        while left > 0, let run = copied.popFirst() {
          if transfer.address == range.lowerBound { found.append(run) }
          left -= min(left, run.byteCount)
        }
      }
      return found
    }
  }

  /// A job is this much at most: small enough that the time is looked at often.
  private static let jobByteCount = 1 << 20

  private struct Job: Sendable {
    var start: Int
    var transfers: [Syscall.Transfer] = []
    var byteCount = 0
  }

  private(set) var stretches: [Stretch] = []
  private(set) var results: [Result?] = []
  private var jobs: [Job] = []

  /// - Parameters:
  ///   - ranges: what to copy.
  ///   - memory: the process.
  ///   - room: how much fits.
  ///   - isKept: whether a region needs no copy, because a copy-on-write child has it.
  init(
    _ ranges: [Range<Address>], in memory: LiveMemory, room: Int, isKept: (MemoryRegion) -> Bool = { _ in false }
  ) throws(MemDumpError) {
    var used = 0
    for range in ranges {
      for (part, region) in memory.regions.parts(of: range) {
        if let region, isKept(region) {
          stretches.append(Stretch(range: part, content: .inChild))
        } else {
          try add(part, memory, room, &used)
        }
      }
    }
    results = Array(repeating: nil, count: jobs.count)
  }

  private mutating func add(
    _ range: Range<Address>, _ memory: LiveMemory, _ room: Int, _ used: inout Int
  ) throws(MemDumpError) {
    do throws(Errno) {
      var reached = range.lowerBound
      for run in try memory.pages(in: range.lowerBound.pageStart..<range.upperBound.pageEnd) {
        let part = run.range.clamped(to: range)
        add(reached..<part.lowerBound, .notPresent, memory)
        if run.content == .swapped { add(part, .swapped, memory) } else { addPresent(part, memory, room, &used) }
        reached = part.upperBound
      }
      add(reached..<range.upperBound, .notPresent, memory)
    } catch { throw memory.failure(error) }
  }

  /// Copies job by job until all is done or time is up, with a second thread where there is enough to do.
  mutating func copy(from memory: LiveMemory, to buffer: borrowing PageBuffer, until deadline: UInt64) {
    let jobs = jobs
    let next = Atomic<Int>(0)
    let results = Mutex<[Result?]>(Array(repeating: nil, count: jobs.count))
    let threads = jobs.count > 4 ? min(Syscall.processorCount, 4) : 1
    Syscall.concurrently(threads) { _ in
      while Syscall.monotonicTime < deadline {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < jobs.count else { return }
        let job = jobs[index]
        let runs = buffer.withMutableBytes(job.start..<job.start + job.byteCount) { (span: inout MutableRawSpan) in
          try? memory.copy(job.transfers, into: &span)
        }
        let finished = Syscall.monotonicTime
        guard let runs else { return }
        results.withLock { $0[index] = Result(transfers: job.transfers, runs: runs, finishedAt: finished) }
      }
    }
    self.results = results.withLock { $0 }
  }

  /// Adds a stretch, cut where one region ends and the next begins.
  private mutating func add(_ range: Range<Address>, _ content: Stretch.Content, _ memory: LiveMemory) {
    var start = range.lowerBound
    while start < range.upperBound {
      let region = memory.regions.index(holding: start).map { memory.regions[$0].range.upperBound }
      let end = min(range.upperBound, region ?? range.upperBound)
      stretches.append(Stretch(range: start..<end, content: content))
      start = end
    }
  }

  private mutating func addPresent(_ range: Range<Address>, _ memory: LiveMemory, _ room: Int, _ used: inout Int) {
    var start = range.lowerBound
    while start < range.upperBound {
      guard let index = memory.regions.index(holding: start) else { return }
      let region = memory.regions[index]
      let regionEnd = min(range.upperBound, region.range.upperBound)
      if region.isDevice {
        add(start..<regionEnd, .notPresent, memory)
        start = regionEnd
        continue
      }
      if (jobs.last?.byteCount ?? .max) >= Self.jobByteCount { jobs.append(Job(start: used)) }
      let job = jobs.count - 1
      let byteCount = min(Int(clamping: regionEnd - start), Self.jobByteCount - jobs[job].byteCount)
      let end = start + UInt64(byteCount)
      guard used + byteCount <= room else {
        stretches.append(Stretch(range: start..<regionEnd, content: .notTaken))
        start = regionEnd
        continue
      }
      jobs[job].transfers.append(Syscall.Transfer(address: start, offset: jobs[job].byteCount, byteCount: byteCount))
      jobs[job].byteCount += byteCount
      stretches.append(Stretch(range: start..<end, content: .present(offset: used, job: job)))
      used += byteCount
      start = end
    }
  }
}
