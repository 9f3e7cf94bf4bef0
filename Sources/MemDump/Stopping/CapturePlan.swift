import SystemPackage
internal import Synchronization

/// The plan of a copy in a stop: the present pages of some ranges, packed into a buffer, in jobs that threads share.
struct CapturePlan {
  /// The result of a job, and the time when it was done.
  struct Result: Sendable {
    var runs: [MemoryRun]
    var finishedAt: UInt64
  }

  /// The largest job, in bytes: small enough that the time is looked at often.
  private static let jobByteCount = 1 << 20

  private struct Job: Sendable {
    /// The offset in the buffer where the job begins, which is where a stretch to copy begins.
    var start: Int
    var transfers: [Syscall.Transfer] = []
    var byteCount = 0
  }

  private var stretches: [Stretch<CapturedContent>] = []
  private var results: [Result?] = []
  private var jobs: [Job] = []

  /// - Parameters:
  ///   - ranges: the ranges to copy.
  ///   - memory: the process.
  ///   - room: the bytes that fit in the buffer.
  ///   - isKept: whether a region needs no copy, because a copy-on-write child has it.
  init(
    _ ranges: [Range<Address>], in memory: LiveMemory, room: Int, isKept: (MemoryRegion) -> Bool = { _ in false }
  ) throws(MemDumpError) {
    var used = 0
    var ahead = PagesAhead(memory, ranges)
    for range in ranges {
      for part in memory.regions.parts(of: range) {
        if let region = part.content, isKept(region) {
          stretches.append(Stretch(range: part.range, content: .inChild))
        } else {
          add(try ahead.pages(of: part.range), of: part.content, room, &used)
        }
      }
    }
    results = Array(repeating: nil, count: jobs.count)
  }

  /// Adds the pages of one region, or of what is not mapped.
  private mutating func add(_ pages: [PageRun], of region: MemoryRegion?, _ room: Int, _ used: inout Int) {
    let canCopy = region.map { !$0.isDevice } ?? false
    for page in pages {
      switch page.content {
      case .resident where canCopy: addPresent(page.range, room, &used)
      case .swapped: stretches.append(Stretch(range: page.range, content: .swapped))
      case .resident, .missing: stretches.append(Stretch(range: page.range, content: .notPresent))
      }
    }
  }

  /// Copies job by job until all are done or time is up, with a second thread where there is enough to do.
  ///
  /// Throws where the process as a whole cannot be read, which is another thing than no time.
  mutating func copy(
    from memory: LiveMemory, to buffer: borrowing PageBuffer, until deadline: UInt64
  ) throws(MemDumpError) {
    let jobs = jobs
    let next = Atomic<Int>(0)
    let results = Mutex<(all: [Result?], failure: Errno?)>((Array(repeating: nil, count: jobs.count), nil))
    let threads = jobs.count > 4 ? min(Syscall.processorCount, 4) : 1
    Syscall.concurrently(threads) { _ in
      while Syscall.monotonicTime < deadline {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < jobs.count else { return }
        let job = jobs[index]
        do throws(Errno) {
          let runs = try buffer.withMutableBytes(job.start..<job.start + job.byteCount) {
            (span: inout MutableRawSpan) throws(Errno) in
            try memory.copy(job.transfers, into: &span)
          }
          let finished = Syscall.monotonicTime
          results.withLock { $0.all[index] = Result(runs: runs, finishedAt: finished) }
        } catch {
          return results.withLock { $0.failure = $0.failure ?? error }
        }
      }
    }
    let (all, failure) = results.withLock { $0 }
    if let failure { throw memory.failure(failure) }
    self.results = all
  }

  /// The stretches as they were captured: what was not copied before the process ran again counts as not taken.
  func captured(before released: UInt64) -> [Stretch<CapturedContent>] {
    var captured: [Stretch<CapturedContent>] = []
    var job = -1
    var runs: ArraySlice<MemoryRun>?
    for stretch in stretches {
      guard case .copied(let place) = stretch.content else {
        captured.append(stretch)
        continue
      }
      if job + 1 < jobs.count, jobs[job + 1].start == place {
        job += 1
        runs = results[job].flatMap { $0.finishedAt <= released ? $0.runs[...] : nil }
      }
      guard runs != nil else {
        captured.append(Stretch(range: stretch.range, content: .notTaken))
        continue
      }
      runs?.take(stretch.range) { part in
        var content = stretch.content(at: part.range.lowerBound)
        if case .unread(.failed(let errno)) = part.content { content = .unread(errno) }
        captured.append(Stretch(range: part.range, content: content))
      }
    }
    return captured
  }

  private mutating func addPresent(_ range: Range<Address>, _ room: Int, _ used: inout Int) {
    var start = range.lowerBound
    while start < range.upperBound {
      if (jobs.last?.byteCount ?? .max) >= Self.jobByteCount { jobs.append(Job(start: used)) }
      let job = jobs.count - 1
      let byteCount = min(Int(clamping: range.upperBound - start), Self.jobByteCount - jobs[job].byteCount)
      guard used + byteCount <= room else {
        stretches.append(Stretch(range: start..<range.upperBound, content: .notTaken))
        return
      }
      let part = Range(start: start, byteCount: UInt64(byteCount))
      jobs[job].transfers.append(
        Syscall.Transfer(address: start, offset: jobs[job].byteCount, byteCount: byteCount))
      jobs[job].byteCount += byteCount
      stretches.append(Stretch(range: part, content: .copied(at: used)))
      used += byteCount
      start = part.upperBound
    }
  }
}
