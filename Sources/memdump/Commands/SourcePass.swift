import ArgumentParser
import MemDump

/// One pass of a command over the sources it was given: opens one after the other, watches over the work, and ends with the
/// summary and the exit status.
struct SourcePass {
  let sources: [String]
  let options: ScanOptions
  let report: ScanReport

  /// Looks at source after source; one that cannot be read does not stop the others.
  ///
  /// - Parameters:
  ///   - scan: looks at the ranges of a source.
  ///   - print: prints what was found, before the summary.
  func run(
    _ scan: (any MemorySource, [Range<Address>], _ number: Int, ScanControl) throws(MemDumpError) -> Scan.Summary,
    print: () throws -> Void
  ) throws {
    let started = Syscall.monotonicTime
    let (failed, signal) = try perform(scan)
    try print()
    try report.finish(elapsed: Syscall.monotonicTime - started)
    if let signal { throw ExitCode(128 + signal) }
    if failed { try ExitStatus.failed.leave() }
    if report.total.findingCount == 0 { try ExitStatus.nothingFound.leave() }
  }

  /// Returns whether a source could not be read, and the signal that ended it, if one did.
  private func perform(
    _ scan: (any MemorySource, [Range<Address>], _ number: Int, ScanControl) throws(MemDumpError) -> Scan.Summary
  ) throws -> (failed: Bool, signal: Int32?) {
    var failed = false
    for (number, word) in sources.enumerated() {
      do throws(MemDumpError) {
        let argument = try SourceArgument(word)
        let control = ScanControl()
        let (source, ranges) = try argument.open(
          base: options.base, selectors: options.region, all: options.all, control: control)
        report.add(source, word: word)
        let total = source.isSequential ? nil : ranges.reduce(0) { $0 + $1.byteCount }
        let (summary, signal) = try Progress.watch(control, totalByteCount: total) { () throws(MemDumpError) in
          try scan(source, ranges, number, control)
        }
        report.add(summary)
        if let signal { return (failed, signal) }
        if case .process(let process) = argument { try process.checkIdentity() }
      } catch {
        guard !error.isBrokenPipe else { throw BrokenPipe() }
        guard sources.count > 1 else { throw error }
        StandardError.write("memdump: \(error)")
        failed = true
        report.skip(upTo: number + 1)
      }
    }
    return (failed, nil)
  }
}
