import SystemPackage

/// The remains of a snapshot whose holder was killed: the child dies with the holder, and stays a zombie until the
/// process waits for it, which the process has no reason to do.
enum SnapshotRemains {
  /// The time that a child that is being killed may take to end, in nanoseconds.
  private static let patience: UInt64 = 2_000_000_000

  /// Has the process wait for the end of a child. Returns whether no trace of the child is left.
  static func takeAway(_ report: SnapshotReport, of process: TargetProcess) -> Bool {
    var report = report
    // Not at every moment the process can be made to.
    for _ in 0..<3 {
      guard let child = ProcessID(rawValue: report.child), !waitUntilEnded(child, of: process) else { return true }
      guard let holder = try? Holder.launch() else { continue }
      do throws(Errno) {
        try holder.endSnapshot(report, of: process)
        return true
      } catch {
        // The holder has tried for long enough.
        if error == .resourceTemporarilyUnavailable { return false }
        guard error == .staleNFSFileHandle else { continue }
        // It has run another program since: a child is the process's, whatever that runs.
        guard let gadgets = gadgets(of: process.id) else { return false }
        report.gadgets = gadgets
      }
    }
    return false
  }

  private static func gadgets(of process: ProcessID) -> Gadgets? {
    guard let target = try? TargetProcess(process), let memory = try? LiveMemory(target) else { return nil }
    return (try? Gadgets.find(in: memory)) ?? nil
  }

  /// Does the same for a child that the holder did not report, once nobody holds the process. The process stood still as a
  /// whole until then, so a child without a signal that is as young as that is no other's.
  ///
  /// - Parameters:
  ///   - ticks: when the holder was asked, in clock ticks after boot.
  ///   - gadgets: what the holder was asked with.
  ///   - process: the process.
  /// - Returns: whether no trace of a child is left.
  static func takeAway(bornAfter ticks: UInt64, _ gadgets: Gadgets, of process: TargetProcess) -> Bool {
    // The thread that was told to make a child does so on its own, as soon as nobody holds it.
    let end = Syscall.monotonicTime + patience / 4
    var found = children(of: process, bornAfter: ticks)
    while found.isEmpty, Syscall.monotonicTime < end {
      Syscall.sleep(nanoseconds: 5_000_000)
      found = children(of: process, bornAfter: ticks)
    }
    var isClean = true
    for child in found {
      let inner = (try? ProcFS.read(child, .status)).map { ProcessStatus(parsing: $0).innerID } ?? 0
      let report = SnapshotReport(isTried: true, child: child.rawValue, innerChild: inner, gadgets: gadgets)
      isClean = takeAway(report, of: process) && isClean
    }
    return isClean
  }

  private static func children(of process: TargetProcess, bornAfter ticks: UInt64) -> [ProcessID] {
    ((try? ProcFS.processes()) ?? []).filter { child in
      guard let stat = stat(child) else { return false }
      return stat.parent == process.id.rawValue && stat.exitSignal == 0 && stat.startTime >= ticks
    }
  }

  /// Waits for the end of a child. Returns whether nothing is left: the child, or its parent, has gone as a whole.
  private static func waitUntilEnded(_ child: ProcessID, of process: TargetProcess) -> Bool {
    let end = Syscall.monotonicTime + patience
    while let stat = stat(child), stat.parent == process.id.rawValue, Syscall.monotonicTime < end {
      if stat.state == UInt8(ascii: "Z") { return false }
      Syscall.sleep(nanoseconds: 1_000_000)
    }
    return stat(child)?.parent != process.id.rawValue
  }

  private static func stat(_ process: ProcessID) -> ProcessStat? {
    (try? ProcFS.read(process, .stat)).flatMap { ProcessStat(parsing: $0) }
  }
}
