import ArgumentParser
import MemDump
import Synchronization

/// A pass of a command over its sources: opens them, watches the work, and ends with the summary and the exit status.
struct SourcePass {
  let sources: [SourceWord]
  let options: ScanOptions
  let report: ScanReport

  /// An opened source, with the ranges to look at and the number of threads.
  struct Work {
    var source: any MemorySource
    var ranges: [Range<Address>]
    var number: Int
    var threads: Int
  }

  /// The outcome of a pass over all sources.
  private struct Outcome {
    var started: UInt64
    /// The errors of sources that could not be read.
    var failures: [(number: Int, error: MemDumpError)] = []
    /// The proofs of how processes were looked at.
    var looks: [(number: Int, proof: LookProof)] = []
    /// The signal that ended the pass early.
    var signal: Int32?

    /// The errors, in the order of the sources.
    var errors: [MemDumpError] { failures.sorted { $0.number < $1.number }.map(\.error) }
    /// The proofs, in the order of the sources.
    var proofs: [LookProof] { looks.sorted { $0.number < $1.number }.map(\.proof) }
  }

  /// Looks at the sources, one after the other, each with all threads. An unreadable source does not stop the others.
  ///
  /// - Parameters:
  ///   - look: looks at a source, and prints the findings.
  ///   - finish: prints the lines that are left.
  func run(
    _ look: (Work, WorkControl) throws(MemDumpError) -> SearchSummary, finish: () throws -> Void
  ) throws {
    try end(perform(atOnce: 1, look), finish)
  }

  /// Counts the contents of sources, as many at once as there are threads. An unreadable source does not stop the
  /// others.
  ///
  /// - Parameters:
  ///   - tally: the tally that all is counted into.
  ///   - look: counts the contents of a source; called from several threads.
  ///   - print: prints the counts.
  func count(
    into tally: consuming Tally, _ look: (Work, SharedTally, WorkControl) throws(MemDumpError) -> SearchSummary,
    print: (Tally) throws -> Void
  ) throws {
    let outcome = tally.share { shared in
      perform(atOnce: min(options.threadCount, sources.count)) { (work, control) throws(MemDumpError) in
        try look(work, shared, control)
      }
    }
    try end(outcome) { try print(tally) }
  }

  private func end(_ outcome: Outcome, _ print: () throws -> Void) throws {
    let errors = outcome.errors
    if errors.contains(where: \.isBrokenPipe) { throw BrokenPipe() }
    if let error = errors.first, sources.count == 1 { throw error }
    for error in errors { ErrorReport(error).write() }
    try print()
    try report.finish(elapsed: Syscall.monotonicTime - outcome.started, looks: outcome.proofs)
    try ExitStatus(
      signal: outcome.signal, looks: outcome.proofs, hasFailed: !errors.isEmpty,
      hasFound: report.total.findingCount > 0
    ).leave()
  }

  private func perform(
    atOnce: Int, _ look: (Work, WorkControl) throws(MemDumpError) -> SearchSummary
  ) -> Outcome {
    let outcome = Mutex(Outcome(started: Syscall.monotonicTime))
    let control = WorkControl()
    let next = Atomic<Int>(0)
    let (_, signal) = Progress.watch(control) {
      Syscall.concurrently(atOnce) { _ in
        while !control.isStopped {
          let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard number < sources.count else { return }
          do throws(MemDumpError) {
            let proof = try self.look(at: number, with: max(1, options.threadCount / atOnce), control, look)
            if let proof { outcome.withLock { $0.looks.append((number, proof)) } }
          } catch {
            outcome.withLock { $0.failures.append((number, error)) }
            // Nobody reads what we would print.
            if error.isBrokenPipe { control.stop() }
          }
        }
      }
    }
    return outcome.withLock { outcome in
      outcome.signal = signal
      return outcome
    }
  }

  /// Looks at one source. Returns the proof that a process runs as before.
  private func look(
    at number: Int, with threads: Int, _ control: WorkControl,
    _ look: (Work, WorkControl) throws(MemDumpError) -> SearchSummary
  ) throws(MemDumpError) -> LookProof? {
    let argument = try sources[number].argument.get()
    // Before it is stopped, where it is.
    if case .process(let process) = argument { try report.addConnections(of: process) }
    var leftOutByteCount: UInt64 = 0
    let opened = try argument.open(base: options.base, control: control) { (process) throws(MemDumpError) in
      try options.pause.look(at: process) { (regions) throws(MemDumpError) in
        leftOutByteCount = options.leftOutByteCount(of: regions)
        return try options.ranges(in: regions, of: process)
      }
    }
    report.addLeftOut(leftOutByteCount)
    let source = opened.source
    let ranges = if let look = opened.look { look.ranges } else { try options.ranges(in: source.regions) }
    report.add(source, number: number, word: sources[number].word)
    if !source.isSequential { control.expect(ranges.reduce(0) { $0 + $1.byteCount }) }
    report.add(try look(Work(source: source, ranges: ranges, number: number, threads: threads), control))
    return try opened.end(early: control.isStopped)
  }
}
