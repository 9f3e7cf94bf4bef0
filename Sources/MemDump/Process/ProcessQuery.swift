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

  /// The one process that a word means. Throws ``MemDumpError/Code/notAProcess`` where it means none, and
  /// ``MemDumpError/Code/ambiguous`` where it means several.
  public func process(_ word: String) throws(MemDumpError) -> ProcessID {
    let found = try processes(word)
    guard found.count == 1 else { throw several(word, found) }
    return found[0].id
  }

  /// All processes that a word means, in the order of their numbers. Throws ``MemDumpError/Code/notAProcess`` where there
  /// are none.
  public func all(_ word: String) throws(MemDumpError) -> [ProcessID] { try processes(word).map(\.id) }

  /// The processes that a word means where it may be the name of a file, too; empty where it is that of a file alone.
  ///
  /// - Parameters:
  ///   - word: the word.
  ///   - isFile: whether there is a file of that name.
  package func processes(_ word: String, orFile isFile: Bool) throws(MemDumpError) -> [ProcessID] {
    if isFile, !Self.isNumber(word), !word.hasPrefix(Self.prefix) {
      let called = ProcessTable().processesCalled(Array(word.utf8))
      guard called.isEmpty else { throw MemDumpError(.fileAndProcess(word, candidates(called))) }
      return []
    }
    let found = try processes(word, mayBeFile: true)
    guard found.count == 1 || (takesChildren && mayTakeAll) else { throw several(word, found) }
    return found.map(\.id)
  }

  private func processes(_ word: String, mayBeFile: Bool = false) throws(MemDumpError) -> [ProcessTable.Entry] {
    try TargetProcess.checkNumbers()
    let numbered = Self.isNumber(word) ? try Self.entry(word) : nil
    if let numbered, !takesChildren { return [numbered] }
    let table = ProcessTable()
    var found: [ProcessTable.Entry]
    if let numbered {
      _ = try TargetProcess(numbered.id)
      found = [numbered]
    } else {
      let name = word.hasPrefix(Self.prefix) ? String(word.dropFirst(Self.prefix.count)) : word
      found = table.processes(named: Array(name.utf8))
      // A name that is no text can be given as it is printed.
      if found.isEmpty { found = table.processes(named: EscapedText.bytes(of: name)) }
      if found.isEmpty {
        let similar = candidates(table.processes(like: Array(name.utf8)))
        throw MemDumpError(.notAProcess(name, mayBeFile ? .neither(similar) : .unknown(similar)))
      }
    }
    if takesChildren {
      let parents = found.count
      found = table.children(of: found)
      if found.isEmpty { throw MemDumpError(.notAProcess(word, .childless(parents))) }
    }
    if takesNewest, let last = found.max(by: { ($0.startTime, $0.id) < ($1.startTime, $1.id) }) { found = [last] }
    return found
  }

  private static func isNumber(_ word: String) -> Bool {
    !word.isEmpty && word.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// The entry of a process by its number alone.
  private static func entry(_ word: String) throws(MemDumpError) -> ProcessTable.Entry {
    guard let id = Int32(word).flatMap(ProcessID.init(rawValue:)) else {
      throw MemDumpError(.notAProcess(word, .number))
    }
    return ProcessTable.Entry(id: id, parent: 0, name: [], program: [], startTime: 0, hasEnded: false)
  }

  private func several(_ word: String, _ found: [ProcessTable.Entry]) -> MemDumpError {
    MemDumpError(.severalProcesses(word, candidates(found), mayTakeAll: mayTakeAll, areChildren: takesChildren))
  }

  private func candidates(_ found: [ProcessTable.Entry]) -> [MemDumpError.Candidate] {
    ProcessSummary.summaries(of: found, commandLines: MemDumpError.longestList).map { process in
      MemDumpError.Candidate(
        id: process.id, parent: process.parent, age: process.age, residentByteCount: process.resident,
        commandLine: process.commandLine)
    }
  }
}
