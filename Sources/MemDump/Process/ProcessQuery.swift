/// A way to choose processes by a word: a number, or a name, and what is meant where a name has several.
///
/// A name is the short name of a process (comm), or the file name of its program, in the letters that it has; where no
/// process has such a name, the file name of the first word of its command line. memdump itself and its helpers have no
/// names. `name:` may stand before a name.
public struct ProcessQuery: Sendable {
  /// Whether the children of the process are meant, or, of several of a name, all but their parents.
  public var takesChildren = false
  /// Whether the process is meant that was started last.
  public var takesNewest = false
  /// Whether whoever asks takes several processes by their name; errors tell how.
  public var mayTakeAll = false

  /// Makes a query for the one process of a number or a name.
  public init() {}

  /// The word before a name that is no file.
  private static let prefix = "name:"

  /// Opens the one process that a word means. Throws ``MemDumpError/Code/notAProcess`` where it means none, and
  /// ``MemDumpError/Code/ambiguous`` where it means several.
  ///
  /// - Parameters:
  ///   - word: the word.
  ///   - opensFiles: whether files that the process has mapped may be opened.
  public func process(_ word: String, opensFiles: Bool = true) throws(MemDumpError) -> TargetProcess {
    let found = try entries(word, orFile: false)
    guard found.count == 1 else { throw several(word, found) }
    return try Self.open(found[0], opensFiles: opensFiles)
  }

  /// Opens all processes that a word means. Throws ``MemDumpError/Code/notAProcess`` where there are none.
  ///
  /// - Parameters:
  ///   - word: the word.
  ///   - opensFiles: whether files that the processes have mapped may be opened.
  public func processes(_ word: String, opensFiles: Bool = true) throws(MemDumpError) -> [TargetProcess] {
    try Self.open(entries(word, orFile: false), opensFiles: opensFiles)
  }

  /// Opens the processes that a word means where it may be the name of a file, too; none where it is that of a file alone.
  ///
  /// - Parameters:
  ///   - word: the word.
  ///   - isFile: whether there is a file of that name.
  ///   - opensFiles: whether files that the processes have mapped may be opened.
  package func processes(_ word: String, orFile isFile: Bool, opensFiles: Bool) throws(MemDumpError) -> [TargetProcess]
  {
    if isFile, !Self.isNumber(word), !word.hasPrefix(Self.prefix) {
      let called = ProcessTable().processesCalled(Array(word.utf8))
      guard called.isEmpty else { throw MemDumpError(.fileAndProcess(word, Self.candidates(called))) }
      return []
    }
    let found = try entries(word, orFile: true)
    guard found.count == 1 || (takesChildren && mayTakeAll) else { throw several(word, found) }
    return try Self.open(found, opensFiles: opensFiles)
  }

  /// Whether a word is a number, or the name of a process.
  package static func isProcess(_ word: String) -> Bool {
    isNumber(word) || !ProcessTable().processesCalled(Array(word.utf8)).isEmpty
  }

  private func entries(_ word: String, orFile: Bool) throws(MemDumpError) -> [ProcessTable.Entry] {
    try TargetProcess.checkNumbers()
    let isNumber = Self.isNumber(word)
    if isNumber, !takesChildren { return [try Self.entry(word)] }
    let table = ProcessTable()
    var found = isNumber ? [try Self.entry(word)] : try Self.named(word, table, orFile)
    if takesChildren {
      let count = found.count
      found = table.children(of: found)
      if found.isEmpty { throw MemDumpError(.notAProcess(word, .childless(count))) }
    }
    if takesNewest, let last = found.max(by: { ($0.startTime, $0.id) < ($1.startTime, $1.id) }) { found = [last] }
    return found
  }

  private static func named(
    _ word: String, _ table: ProcessTable, _ mayBeFile: Bool
  ) throws(MemDumpError) -> [ProcessTable.Entry] {
    let name = word.hasPrefix(prefix) ? String(word.dropFirst(prefix.count)) : word
    // A name that is no text can be given as it is printed.
    let (written, meant) = (Array(name.utf8), EscapedText.bytes(of: name))
    for name in written == meant ? [written] : [written, meant] {
      let found = table.processes(named: name)
      if !found.isEmpty { return found }
    }
    let similar = candidates(table.processes(like: written))
    throw MemDumpError(.notAProcess(name, mayBeFile ? .neither(similar) : .unknown(similar)))
  }

  private static func isNumber(_ word: String) -> Bool {
    !word.isEmpty && word.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// The entry of a process by its number alone.
  private static func entry(_ word: String) throws(MemDumpError) -> ProcessTable.Entry {
    guard let id = Int32(word).flatMap(ProcessID.init(rawValue:)) else {
      throw MemDumpError(.notAProcess(word, .number))
    }
    let target = try TargetProcess(id)
    return ProcessTable.Entry(
      id: id, parent: 0, name: target.name, program: [], startTime: target.startTime, hasEnded: false)
  }

  private static func open(
    _ entries: [ProcessTable.Entry], opensFiles: Bool
  ) throws(MemDumpError) -> [TargetProcess] {
    var targets: [TargetProcess] = []
    for entry in entries { targets.append(try open(entry, opensFiles: opensFiles)) }
    return targets
  }

  /// Opens a process, and none that has got its number since.
  private static func open(_ entry: ProcessTable.Entry, opensFiles: Bool) throws(MemDumpError) -> TargetProcess {
    let target = try TargetProcess(entry.id, opensFiles: opensFiles)
    guard target.startTime == entry.startTime else {
      throw MemDumpError(.processEnded(ProcessLabel(entry.id, name: entry.name)))
    }
    return target
  }

  private func several(_ word: String, _ found: [ProcessTable.Entry]) -> MemDumpError {
    MemDumpError(.severalProcesses(word, Self.candidates(found), mayTakeAll: mayTakeAll, areChildren: takesChildren))
  }

  private static func candidates(_ found: [ProcessTable.Entry]) -> [MemDumpError.Candidate] {
    ProcessSummary.summaries(of: found, commandLines: MemDumpError.longestList).map { process in
      MemDumpError.Candidate(
        id: process.id, parent: process.parent, age: process.age, residentByteCount: process.resident,
        commandLine: process.commandLine)
    }
  }
}
