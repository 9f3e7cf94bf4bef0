import SystemPackage

/// The processes there are, as far as a name needs them: without memdump itself and its helpers. No memory of any is
/// touched for that.
struct ProcessTable {
  /// A process of the table.
  struct Entry {
    var id: ProcessID
    var parent: Int32
    /// The short name (comm), at most 15 bytes, unescaped.
    var name: [UInt8]
    /// The file name of the program that the process runs; empty where we may not know.
    var program: [UInt8]
    /// The start time, in clock ticks after boot.
    var startTime: UInt64
    var hasEnded: Bool
  }

  /// The processes, in the order of their numbers.
  let entries: [Entry]

  /// Reads the table.
  init() {
    let own = Syscall.ownProcess
    let ids = (try? ProcFS.processes()) ?? []
    entries = ids.compactMap { $0 == own ? nil : Self.entry($0) }.filter { $0.parent != own.rawValue }
  }

  private static func entry(_ id: ProcessID) -> Entry? {
    guard let bytes = try? ProcFS.read(id, .stat), let stat = ProcessStat(parsing: bytes) else { return nil }
    let program = (try? Syscall.readLink(ProcFS.path(id, .exe))) ?? []
    return Entry(
      id: id, parent: stat.parent, name: stat.name, program: Array(fileName(program)), startTime: stat.startTime,
      hasEnded: stat.hasEnded && ProcFS.livingThread(of: id) == nil)
  }

  /// The file name of a path, as the link of a program has it: behind that of a removed file stands ` (deleted)`.
  private static func fileName(_ path: [UInt8]) -> ArraySlice<UInt8> {
    let deleted = Array(" (deleted)".utf8)
    let path = path.suffix(deleted.count).elementsEqual(deleted) ? path.dropLast(deleted.count) : path[...]
    return path.split(separator: UInt8(ascii: "/")).last ?? []
  }

  /// The processes of a name: those whose short name or whose program's file name it is, or, where there are none, those
  /// whose first argument has that file name. Those that have ended count where no other is left.
  func processes(named name: [UInt8]) -> [Entry] {
    let called = processesCalled(name)
    if !called.isEmpty || name.isEmpty { return called }
    return Self.living(
      entries.filter { entry in
        guard let target = try? TargetProcess(entry.id), let word = target.commandLine(limit: 4096).first else {
          return false
        }
        return Self.fileName(word).elementsEqual(name)
      })
  }

  /// The processes whose short name or whose program's file name is `name`.
  func processesCalled(_ name: [UInt8]) -> [Entry] {
    // A process whose program we may not know has an empty one.
    name.isEmpty ? [] : Self.living(entries.filter { $0.name == name || $0.program == name })
  }

  /// The processes whose short name begins with a name, or has it in other letters.
  func processes(like name: [UInt8]) -> [Entry] {
    guard !name.isEmpty else { return [] }
    let wanted = name.map(Self.lowercased)
    return entries.filter { !$0.hasEnded && $0.name.map(Self.lowercased).starts(with: wanted) }
  }

  /// The children of processes: of one all of them, of several those that are among the several.
  func children(of parents: [Entry]) -> [Entry] {
    let candidates = parents.count == 1 ? entries.filter { !$0.hasEnded } : parents
    let ids = Set(parents.map(\.id.rawValue))
    return candidates.filter { ids.contains($0.parent) }
  }

  private static func living(_ entries: [Entry]) -> [Entry] {
    let living = entries.filter { !$0.hasEnded }
    return living.isEmpty ? entries : living
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
