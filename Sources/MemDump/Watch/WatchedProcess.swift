internal import SystemPackage

/// A process that is looked at again and again, with the counts of its looks, and nothing of its memory.
final class WatchedProcess {
  let target: TargetProcess
  private var verdict: WatchVerdict
  private var start: MemoryProfile?
  private var line = TrendLine()
  private var lookCount = 0
  /// The last look, with its memory, and the heap there.
  private var held: (look: ProcessLook, heap: HeapSummary?)?
  /// The thread that ends calls that the last look made start over, while the look is counted.
  private var overdueCalls: OverdueCalls?
  /// Whether the process is to be looked at again.
  private(set) var isWatched = true
  /// A file that can be read from as soon as the process has ended (pidfd_open(2)).
  private let ended: Descriptor?
  private var gauge: TriggerGauge?
  /// The reading at which the trigger fired; nil where it did not.
  private(set) var fired: UInt64?

  /// The most memory that each of the two counts of texts of a look may take, in bytes.
  private static let tallyLimit: UInt64 = 64 << 20
  /// The number of chunk sizes whose content is sampled.
  private static let sampledClasses = 16
  /// The number of chunk sizes whose holders are looked for.
  private static let tracedClasses = 4

  init(_ target: TargetProcess, gauge: TriggerGauge? = nil) {
    (self.target, self.gauge) = (target, gauge)
    verdict = WatchVerdict(target)
    ended = try? Syscall.processFile(target.id)
  }

  /// The descriptor of ``ended``; nil where the kernel has no such file.
  var endSignal: FileDescriptor? {
    switch ended {
    case .some(let file): file.file
    case .none: nil
    }
  }

  /// Looks at the process, and counts what there is more of. The copy of a stop is held until ``release()``.
  ///
  /// Returns nil where `control` was told to stop before all was counted.
  func look(_ watch: Watch, isLast: Bool, control: WorkControl) throws(MemDumpError) -> WatchLook? {
    let look = try ProcessLook(
      target, mode: watch.mode, budget: watch.budget, withRegisters: isLast || gauge?.trigger.metric == .heap)
    overdueCalls = OverdueCalls(of: target)
    verdict.add(look.pause)
    verdict.choice = look.choice
    let started = Syscall.monotonicTime
    var profile = try MemoryProfile(
      look.source, allocators: watch.allocators, threads: watch.threads, limit: Self.tallyLimit, control: control)
    let proof = try look.proof()
    if control.isStopped { return nil }
    lookCount += 1
    line.add(profile.byteCounts(templates: TrendLine.templateLimit), at: look.instant)
    if let start { try compare(profile, with: start, look, watch.minimumGrowth) }
    let figures = WatchLook(
      number: lookCount, proof, profile, in: look.source.regions, startedAt: started)
    verdict.add(figures)
    if lookCount == 1 {
      verdict.allocators = try Allocators.others(
        than: profile.heap, in: look.source, process: target, among: watch.allocators.filter(\.isGeneral))
    }
    held = (look, profile.heap)
    profile.forgetPlaces()
    if start == nil { start = profile }
    return figures
  }

  /// Looks for the holders of the chunks that grow, in the look that is held.
  func findReferences(control: WorkControl) throws(MemDumpError) {
    let indices = verdict.rows.indices.filter { index in
      verdict.rows[index].growth.kind == .chunkSize && verdict.rows[index].trend.isGrowing
    }.prefix(Self.tracedClasses)
    guard let held, let heap = held.heap, !indices.isEmpty else { return }
    var search = try ReferenceSearch(held.look.source, heap: heap, process: target, control: control)
    let sizes = indices.compactMap { verdict.rows[$0].growth.chunkByteCount }
    let references = try search.references(toBlocksOfSizes: sizes)
    // What was not gone over to the end would tell of less than there is.
    if control.isStopped { return }
    for (index, references) in zip(indices, references) { verdict.rows[index].references = references }
  }

  /// Gives the copy of the last look back.
  func release() {
    overdueCalls?.end()
    overdueCalls = nil
    // That it has ended is told by the next look, or by its end signal.
    if let held, let proof = try? held.look.end(), proof.leavesChild || !proof.after.isEnd { verdict.add(proof) }
    held = nil
  }

  private func compare(
    _ profile: MemoryProfile, with start: MemoryProfile, _ look: ProcessLook, _ minimum: UInt64?
  ) throws(MemDumpError) {
    let growth = profile.growth(since: start, minimum: minimum)
    let all = growth.first { $0.subject == .allSocketAddresses }
    let wholes = profile.wholeGrowth(since: start)
    let kinds = profile.kindsThatGrow(since: start, minimum: minimum)
    verdict.rows = growth.map { row in
      let trend = line.trend(of: row, all: all, wholes: wholes, kinds: kinds, until: look.instant)
      return WatchVerdict.Row(growth: row, trend: trend)
    }
    verdict.heapGrowth = profile.heapGrowth(since: start)
    guard let heap = profile.heap else { return }
    let sizes = growth.map(\.chunkByteCount)
    let indices = sizes.indices.filter { sizes[$0] != nil }.prefix(Self.sampledClasses)
    let classes = indices.compactMap { index in heap.classes.first { $0.footprint == sizes[index] } }
    for (index, sample) in zip(indices, try heap.samples(of: classes, in: look.source, process: target)) {
      verdict.rows[index].sample = sample
    }
  }

  /// Whether the trigger fires at the figures of a look.
  func measures(_ look: WatchLook) -> Bool {
    switch gauge?.trigger.metric {
    case .heap: measures(look.heapByteCount, at: look.instant)
    case .rss, .swap, nil: false
    }
  }

  /// Whether the trigger fires at a reading without a stop.
  func measures() -> Bool {
    guard let metric = gauge?.trigger.metric, metric != .heap, let footprint = try? target.status().footprint else {
      return false
    }
    return measures(metric == .rss ? footprint.resident : footprint.swap, at: Syscall.monotonicTime)
  }

  private func measures(_ value: UInt64, at instant: UInt64) -> Bool {
    guard fired == nil, gauge?.add(value, at: instant) == true else { return false }
    fired = value
    return true
  }

  /// Takes note of a failure, or of the end of the process. Returns the event to report.
  func fail(_ error: MemDumpError) -> Watch.Event {
    let isEnd = [.processEnded, .processReplaced, .noSuchProcess].contains(error.code)
    // What could not be seen once will not be seen later; what could may be seen again.
    if isEnd || lookCount == 0 { isWatched = false }
    verdict.hasEnded = verdict.hasEnded || isEnd
    verdict.isReplaced = verdict.isReplaced || error.code == .processReplaced
    // Two looks make a verdict.
    if isEnd, lookCount > 1 { return verdict.isReplaced ? .replaced : .ended }
    verdict.errors.append(error)
    return .failed(error)
  }

  /// Ends the watch of the process. Returns the verdict.
  func finish(isPartial: Bool) -> WatchVerdict {
    verdict.isPartial = isPartial
    return verdict
  }

  /// Takes a dump of all memory, under a name of its own, as the end of the watch.
  func takeDump(_ watch: Watch, into directory: FilePath, control: WorkControl) throws(MemDumpError) -> Watch.Event {
    isWatched = false
    // In a directory where others may make files, nobody is to know the name before, and take it.
    let mark = String(UInt32.random(in: .min ... .max), radix: 16)
    let path = directory.appending("memdump-\(target.id)-\(Syscall.wallNanoseconds / 1_000_000_000)-\(mark).core")
    let summary = try Dump(.all(nil, includingDontDump: false), mode: watch.mode, budget: watch.budget).run(
      target, to: .file(path, replacing: false), control: control)
    verdict.dump = path
    verdict.add(summary.proof.pause)
    verdict.add(summary.proof)
    return .dumped(path, summary)
  }
}

extension WatchVerdict {
  mutating func add(_ pause: Pause?) {
    guard let pause else { return }
    pauseCount += 1
    pauseTime += pause.duration
    longestPause = max(longestPause, pause.duration)
  }

  mutating func add(_ look: WatchLook) {
    if first == nil { first = look }
    last = look
    add(look.proof)
  }

  mutating func add(_ proof: LookProof) {
    isVerified = isVerified && proof.isVerified
    fitsPause = fitsPause && proof.fitsPause
  }
}
