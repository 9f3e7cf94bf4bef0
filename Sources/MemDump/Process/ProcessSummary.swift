/// A process as a list shows it.
public struct ProcessSummary: Sendable {
  /// The PID.
  public var id: ProcessID
  /// The PID of the parent; 0 for none.
  public var parent: Int32
  /// The short name (comm) of the process, unescaped.
  public var name: [UInt8]
  /// The command line, with blanks between the words.
  public var commandLine: [UInt8]
  /// The age of the process, in whole seconds.
  public var age: UInt64
  /// The resident memory (RSS) of the process, in bytes.
  public var resident: UInt64

  /// The number and the short name of every process that is no thread of the kernel. Reads /proc/PID/stat, which touches
  /// nothing of a process.
  package static func names() -> [(id: ProcessID, name: [UInt8])] {
    ((try? ProcFS.processes()) ?? []).compactMap { id in
      guard let stat = (try? ProcFS.read(id, .stat)).flatMap(ProcessStat.init(parsing:)), !stat.isKernelThread else {
        return nil
      }
      return (id, stat.name)
    }
  }

  /// Every process of a name, see ``ProcessQuery``, the largest first.
  public static func processes(named name: String) -> [ProcessSummary] {
    summaries(of: ProcessTable().processes(named: Array(name.utf8)))
  }

  /// The processes of a table, the largest first.
  ///
  /// - Parameters:
  ///   - entries: the entries.
  ///   - count: of how many, the largest, the command line is read, which is in their memory.
  static func summaries(of entries: [ProcessTable.Entry], commandLines count: Int = .max) -> [ProcessSummary] {
    let uptime = (try? ProcFS.uptimeTicks()) ?? 0
    var targets: [(target: TargetProcess, summary: ProcessSummary)] = entries.compactMap { entry in
      guard let target = try? TargetProcess(entry.id), let status = try? target.status() else { return nil }
      let summary = ProcessSummary(
        id: entry.id, parent: entry.parent, name: entry.name, commandLine: [],
        age: (uptime - min(uptime, target.startTime)) / 100, resident: status.footprint?.resident ?? 0)
      return (target, summary)
    }
    targets.sort { ($1.summary.resident, $0.summary.id) < ($0.summary.resident, $1.summary.id) }
    for index in targets.indices.prefix(count) {
      // A process that overwrites its own arguments, as nginx does, leaves empty ones behind.
      let words = targets[index].target.commandLine(limit: 4096).filter { !$0.isEmpty }
      targets[index].summary.commandLine = Array(words.joined(separator: [UInt8(ascii: " ")])).trimmingBlanks
    }
    return targets.map(\.summary)
  }
}

extension [UInt8] {
  /// The bytes without the blanks at the end.
  fileprivate var trimmingBlanks: [UInt8] {
    Array(prefix((lastIndex { $0 != UInt8(ascii: " ") }).map { $0 + 1 } ?? 0))
  }
}

extension MemoryRegion {
  /// The map of a process, by one look at /proc/PID/maps; nil where we may not have the map.
  package static func map(of process: ProcessID) -> [MemoryRegion]? {
    (try? ProcFS.read(process, .maps)).flatMap { try? MapsParser.parse($0) }
  }
}
