/// What a core tells of a process, besides memory and registers.
struct ProcessFacts: Sendable {
  /// The PID.
  var process: Int32 = 0
  /// The contents of /proc/PID/stat.
  var stat: ProcessStat?
  /// The short name (comm).
  var name: [UInt8] = []
  /// The words of the command line.
  var commandLine: [[UInt8]] = []
  /// The real user ID and the real group ID.
  var (user, group): (UInt32, UInt32) = (0, 0)
  /// The auxiliary vector: pairs of numbers that the kernel gave the process at the start; see getauxval(3).
  var auxiliaryVector: [UInt8] = []
}

extension ProcessFacts {
  /// Asks the kernel about a process. Facts that the kernel does not tell are left empty.
  init(_ target: TargetProcess) {
    process = target.id.rawValue
    stat = (try? ProcFS.read(target.id, .stat)).flatMap(ProcessStat.init(parsing:))
    name = target.name
    commandLine = target.commandLine()
    if let status = try? target.status() {
      (user, group) = (status.userIDs.first ?? 0, status.groupIDs.first ?? 0)
    }
    auxiliaryVector = (try? ProcFS.read(target.path(.auxiliaryVector))) ?? []
  }
}
