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

  /// Every process whose name, or whose program's file name, is `name`, the largest first.
  public static func processes(named name: String) -> [ProcessSummary] {
    let uptime = (try? ProcFS.uptimeTicks()) ?? 0
    var found: [ProcessSummary] = []
    for id in (try? ProcFS.processes()) ?? [] {
      guard let target = try? TargetProcess(id), let status = try? target.status() else { continue }
      let words = target.commandLine(limit: 4096)
      let program = words.first?.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
      guard target.name.elementsEqual(name.utf8) || program.elementsEqual(name.utf8) else { continue }
      found.append(
        ProcessSummary(
          id: id, parent: status.parent, name: target.name,
          // A process that overwrites its own arguments, as nginx does, leaves empty ones behind.
          commandLine: Array(words.filter { !$0.isEmpty }.joined(separator: [UInt8(ascii: " ")])).trimmingBlanks,
          age: (uptime - min(uptime, target.startTime)) / 100, resident: status.footprint?.resident ?? 0))
    }
    return found.sorted { ($1.resident, $0.id) < ($0.resident, $1.id) }
  }
}

extension MemoryRegion {
  /// The map of a process, by one look at /proc/PID/maps; nil where we may not have the map.
  package static func map(of process: ProcessID) -> [MemoryRegion]? {
    (try? ProcFS.read(process, .maps)).flatMap { try? MapsParser.parse($0) }
  }
}

extension MemDumpError {
  /// The error for a word where a PID is needed, with a list of the processes of that name.
  package static func notAProcess(_ word: String) -> MemDumpError {
    let candidates = ProcessSummary.processes(named: word).map { process in
      Candidate(
        id: process.id, parent: process.parent, age: process.age, residentByteCount: process.resident,
        commandLine: process.commandLine)
    }
    return MemDumpError(.notAProcess(word, candidates: candidates))
  }
}

extension [UInt8] {
  /// The bytes without the blanks at the end.
  fileprivate var trimmingBlanks: [UInt8] {
    Array(prefix((lastIndex { $0 != UInt8(ascii: " ") }).map { $0 + 1 } ?? 0))
  }
}
