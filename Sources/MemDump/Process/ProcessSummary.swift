/// A process as a list shows it.
public struct ProcessSummary: Sendable {
  /// Its number.
  public var id: ProcessID
  /// Its parent's number; 0 for none.
  public var parent: Int32
  /// Its short name (comm), unescaped.
  public var name: [UInt8]
  /// Its command line, the words joined by blanks.
  public var commandLine: [UInt8]
  /// How long ago it started, in whole seconds.
  public var age: UInt64
  /// What it takes up in memory, in bytes.
  public var resident: UInt64

  /// Every process whose name, or whose program's file name, is `name`, the largest first.
  public static func processes(named name: String) -> [ProcessSummary] {
    let uptime = (try? ProcFS.uptimeTicks()) ?? 0
    var found: [ProcessSummary] = []
    for id in (try? ProcFS.processes()) ?? [] {
      guard let target = try? TargetProcess(id), let status = try? target.status() else { continue }
      let words = target.commandLine()
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

extension MemDumpError {
  /// The error for a word where a process number is needed; it lists the processes of that name.
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
  /// Without the blanks at its end.
  fileprivate var trimmingBlanks: [UInt8] {
    Array(prefix((lastIndex { $0 != UInt8(ascii: " ") }).map { $0 + 1 } ?? 0))
  }
}
