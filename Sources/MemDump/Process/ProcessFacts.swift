/// What a core tells of its process, besides memory and registers.
struct ProcessFacts: Sendable {
  /// Its number.
  var process: Int32 = 0
  /// Its line of /proc/PID/stat.
  var stat: ProcessStat?
  /// Its short name.
  var name: [UInt8] = []
  /// Its command line.
  var commandLine: [[UInt8]] = []
  /// Its real user and group.
  var (user, group): (UInt32, UInt32) = (0, 0)
  /// What the kernel told it when it started: pairs of numbers; see getauxval(3).
  var auxiliaryVector: [UInt8] = []
}

extension ProcessFacts {
  /// Asks the kernel. What it does not tell is left empty.
  init(_ target: TargetProcess) {
    process = target.id.rawValue
    stat = (try? ProcFS.read(target.id, .stat)).flatMap(ProcessStat.init(parsing:))
    name = target.name
    commandLine = target.commandLine()
    if let status = try? target.status() {
      (user, group) = (status.userIDs.first ?? 0, status.groupIDs.first ?? 0)
    }
    auxiliaryVector = (try? ProcFS.read(target.id, .auxiliaryVector)) ?? []
  }
}
