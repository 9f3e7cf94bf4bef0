internal import SystemPackage

/// A process that is looked at again and again, with the counts of its looks, and nothing of its memory.
final class WatchedProcess {
  let target: TargetProcess
  private var verdict: WatchVerdict
  private var start: MemoryProfile?
  private var line = TrendLine()
  private var lookCount = 0
  /// The last look, with its memory, and the heaps there.
  private var held: (look: ProcessLook, heaps: Heaps)?
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
  /// The number of types of objects whose holders are looked for.
  private static let tracedTypes = 3
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
    let profile = try MemoryProfile(
      look.source, allocators: watch.allocators, threads: watch.threads, process: target, limit: Self.tallyLimit,
      control: control)
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
        than: profile.heaps, in: look.source, process: target, among: watch.allocators.filter(\.isGeneral))
    }
    // What is in which page at this look; of one that has ended meanwhile, the last look tells.
    if let accounts = try? accounts(of: profile.heaps, in: look.source) { verdict.accounts = accounts }
    held = (look, profile.heaps)
    if start == nil { start = profile }
    return figures
  }

  private func accounts(
    of heaps: Heaps, in source: any MemorySource
  ) throws(MemDumpError) -> [HeapAccount] {
    var accounts: [HeapAccount] = []
    for heap in heaps.all { accounts.append(try HeapAccount(of: heap, in: source, process: target)) }
    return accounts
  }

  /// Looks for what pins pages of the heaps that are mostly free, and who holds that, in the look that is held.
  private func findPins(_ search: inout ReferenceSearch?, control: WorkControl) throws(MemDumpError) {
    guard let held, verdict.accounts.count == held.heaps.all.count else { return }
    for (index, heap) in held.heaps.all.enumerated() where !control.isStopped {
      try verdict.accounts[index].findPins(of: heap, in: held.look.source, process: target)
      if verdict.accounts[index].pins.isEmpty { continue }
      var used: ReferenceSearch
      if let known = search.take() {
        used = known
      } else {
        used = try ReferenceSearch(held.look.source, heaps: held.heaps, process: target, control: control)
      }
      try verdict.accounts[index].findHolders(&used)
      search = consume used
    }
  }

  /// Looks for the holders of the objects of types that grow, in the look that is held. Returns whether there are such types.
  private func findHolders(control: WorkControl) throws(MemDumpError) -> Bool {
    let indices = verdict.rows.indices.filter { index in
      // Of objects that are larger and not more, any may be the one that grew.
      verdict.rows[index].growth.kind == .objectType && verdict.rows[index].trend.isGrowing
        && verdict.rows[index].growth.blockGrowth > 0
    }.prefix(Self.tracedTypes)
    guard let held, !indices.isEmpty else { return false }
    let prepared = try ObjectHolderSearch.prepare(
      held.look.source, heaps: held.heaps, process: target, control: control)
    guard case .ready(var search) = consume prepared else { return true }
    for index in indices {
      guard case .objects(let name) = verdict.rows[index].growth.subject else { continue }
      let holders = try search.holders(ofType: name)
      if control.isStopped { return true }
      verdict.rows[index].holders = holders
    }
    return true
  }

  /// Looks for the holders of the objects and chunks that grow, in the look that is held.
  func findReferences(control: WorkControl) throws(MemDumpError) {
    let hasTypes = try findHolders(control: control)
    // Of blocks of a language's own, the types say more than the sizes.
    let indices = verdict.rows.indices.filter { index in
      let row = verdict.rows[index]
      return row.growth.kind == .chunkSize && row.trend.isGrowing && !(hasTypes && row.growth.isOfRuntime)
    }.prefix(Self.tracedClasses)
    guard let held, !held.heaps.isEmpty else { return }
    var known: ReferenceSearch?
    if !indices.isEmpty {
      var search = try ReferenceSearch(held.look.source, heaps: held.heaps, process: target, control: control)
      let classes = indices.compactMap { verdict.rows[$0].growth.blockClass }
      let references = try search.references(toBlocksOf: classes)
      // What was not gone over to the end would tell of less than there is.
      if control.isStopped { return }
      for (index, references) in zip(indices, references) { verdict.rows[index].references = references }
      known = consume search
    }
    try findPins(&known, control: control)
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
    for heap in profile.heaps.all {
      let before = start.heaps.all.first { $0.allocator.name == heap.allocator.name }
      try sample(heap, since: before, in: look.source)
    }
  }

  /// Tells the content of the classes of a heap that grow, of those that grow most: of their new blocks, since what the others
  /// have says nothing of what grows.
  private func sample(
    _ heap: HeapSummary, since before: HeapSummary?, in source: any MemorySource
  ) throws(MemDumpError) {
    var (rows, classes, seen): ([Int], [HeapClass], Int) = ([], [], 0)
    for (number, row) in verdict.rows.enumerated() {
      guard let key = row.growth.blockClass, seen < Self.sampledClasses else { continue }
      seen += 1
      guard key.includes(heap.allocator), let found = heap.classes.first(where: { $0.footprint == key.footprint })
      else {
        continue
      }
      rows.append(number)
      classes.append(found)
    }
    if let before, !classes.isEmpty { classes = try heap.newBlocks(of: classes, since: before, in: source) }
    let samples = try heap.samples(of: classes, in: source, process: target)
    for (number, sample) in zip(rows, samples) { verdict.rows[number].sample = sample }
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
