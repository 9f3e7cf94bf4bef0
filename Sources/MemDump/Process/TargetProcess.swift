import SystemPackage
internal import Synchronization

/// A process to look at, held so that a later process with the same PID is never taken for it.
///
/// To open a target does nothing to the process. Safe to use from any thread.
public final class TargetProcess: Sendable {
  /// The PID.
  public let id: ProcessID
  /// The short name (comm) when the process was opened, unescaped.
  public let name: [UInt8]
  /// The start time of the process, in clock ticks after boot.
  public let startTime: UInt64
  /// Whether files that the process has mapped are opened, for pages that are not in memory and for names of variables.
  public let opensFiles: Bool
  /// The thread that stands for the process.
  private let reader: Mutex<ThreadID>
  /// The open /proc/PID/mem; nil where we may not open that. The file stays bound to the present memory: after an exec
  /// the file reads as ended.
  let memoryFile: FileDescriptor?
  /// What its last stop left to be ended in time.
  let restartedCalls = RestartedCalls()

  /// Opens the process. Throws ``MemDumpError/Code/noSuchProcess``.
  ///
  /// - Parameters:
  ///   - id: the PID.
  ///   - opensFiles: whether files that the process has mapped may be opened.
  public init(_ id: ProcessID, opensFiles: Bool = true) throws(MemDumpError) {
    try Self.checkNumbers()
    let bytes: [UInt8]
    do throws(Errno) { bytes = try ProcFS.read(id, .stat) } catch {
      throw Self.failure(error, opening: id)
    }
    guard let stat = ProcessStat(parsing: bytes) else {
      throw MemDumpError(.malformed(ProcFS.path(id, .stat).string, line: 1))
    }
    self.id = id
    startTime = stat.startTime
    isKernelThread = stat.isKernelThread
    name = stat.name
    self.opensFiles = opensFiles
    let reader = stat.hasEnded ? ProcFS.livingThread(of: id) ?? id : id
    self.reader = Mutex(reader)
    memoryFile = try? Syscall.typed {
      try FileDescriptor.open(ProcFS.path(reader, .mem), .readOnly, options: [.closeOnExec])
    }
  }

  deinit { try? memoryFile?.close() }

  /// The number that /proc shows for ourselves; nil where it does not show us.
  private static let shownNumber = (try? Syscall.readLink(ProcFS.own)).flatMap {
    Int32(String(decoding: $0, as: UTF8.self))
  }

  /// Makes sure that a number means the same process under /proc as in system calls, which is not so where the /proc of
  /// another PID namespace is mounted. Throws ``MemDumpError/Code/unsupported``.
  static func checkNumbers() throws(MemDumpError) {
    let own = Syscall.ownProcess
    if let shownNumber, shownNumber != own.rawValue { throw MemDumpError(.otherNumbers(own, shown: shownNumber)) }
  }

  /// The reason why a process has no file that everyone may read: it does not exist, or the mount option hidepid hides it.
  private static func failure(_ error: Errno, opening id: ProcessID) -> MemDumpError {
    switch error {
    case .noSuchFileOrDirectory, .noSuchProcess:
      Syscall.belongsToAnother(id)
        ? MemDumpError(.access(ProcessLabel(id, name: []), .hidden)) : MemDumpError(.noSuchProcess(id))
    case .notPermitted, .permissionDenied: MemDumpError(.access(ProcessLabel(id, name: []), .hidden))
    default: MemDumpError(.file(ProcFS.path(id, .stat), .read, error))
    }
  }

  /// The thread through which the process is looked at: the main thread, or where that has ended (pthread_exit(3)) one
  /// that lives. The kernel shows memory, files and namespaces of a process by a thread that still has them.
  var livingThread: ThreadID { reader.withLock(\.self) }

  /// Looks whether another thread stands for the process now, because the one that did has ended.
  func findLivingThread() -> Bool {
    let current = livingThread
    guard ProcFS.hasEnded(current, of: id), let other = ProcFS.livingThread(of: id), other != current else {
      return false
    }
    reader.withLock { $0 = other }
    return true
  }

  /// The path of an entry of the process, as the thread that stands for it has it.
  func path(_ entry: ProcFS.Entry) -> FilePath { ProcFS.path(livingThread, entry) }

  /// The path of the file mapped at `range`; see ``ProcFS/mappedFile(_:_:)``.
  func mappedFile(_ range: Range<Address>) -> FilePath { ProcFS.mappedFile(livingThread, range) }

  /// Whether the process is a kernel thread, which has no memory to show.
  public let isKernelThread: Bool

  /// The name, safe to print.
  public var printableName: String { EscapedText(name).description }

  /// The label by which errors call the process.
  public var label: ProcessLabel { ProcessLabel(id, name: name) }

  /// The label by which errors call a process that may have ended.
  static func label(of process: ProcessID) -> ProcessLabel {
    (try? TargetProcess(process))?.label ?? ProcessLabel(process, name: [])
  }

  /// The present status of the process. Throws ``MemDumpError/Code/processEnded``.
  public func status() throws(MemDumpError) -> ProcessStatus {
    ProcessStatus(parsing: try read(.status))
  }

  /// The memory map, its regions numbered from 1. With `usage` also the memory that each region takes up, which costs a
  /// walk over the page tables (about 10 ms per GiB).
  public func regions(usage: Bool) throws(MemDumpError) -> [MemoryRegion] {
    let entry = usage ? ProcFS.Entry.smaps : .maps
    var parser = usage ? try usages() : SmapsParser()
    let map = usage ? [] : try read(entry)
    do throws(MalformedText) { return usage ? try parser.end() : try MapsParser.parse(map) } catch {
      throw MemDumpError(.malformed(ProcFS.path(id, entry).string, line: error.line))
    }
  }

  /// The sums of what all mappings take up, as the kernel adds them up at one instant (/proc/PID/smaps_rollup); nil where
  /// the kernel has no such sums (before Linux 4.14), or tells none.
  public func usageSum() -> MemoryRegion.Usage? { (try? read(.rollup)).flatMap(SmapsParser.sum) }

  /// The stack pointer of a thread that waits in the kernel; nil for one that runs, or that we may not ask. See
  /// proc_pid_syscall(5).
  func stackPointer(ofWaiting thread: ThreadID) -> Address? {
    guard let text = (try? read(.syscall, of: thread)) ?? nil else { return nil }
    // The last two words are the stack pointer and the program counter.
    let words = text.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
    guard words.count >= 3 else { return nil }
    return Address(parsing: String(decoding: words[words.count - 2], as: UTF8.self))
  }

  /// The reason why the memory of the process cannot be read; nil where the memory can be read.
  public var problem: MemDumpError? { Access.problem(self).map { MemDumpError(.access(label, $0)) } }

  /// The command line, its words as the process was given them, up to `limit` bytes: a process may have gigabytes of
  /// it, and the kernel takes it from the memory of the process.
  public func commandLine(limit: Int = 64 << 10) -> [[UInt8]] {
    guard let bytes = try? ProcFS.read(path(.cmdline), limit: limit), !bytes.isEmpty else { return [] }
    var words = bytes.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
    if words.last?.isEmpty == true { words.removeLast() }
    return words
  }

  /// The memory that the kernel would put into a core of the process, by /proc/PID/coredump_filter.
  public func coreFilter() -> CoreFilter {
    let text = (try? ProcFS.read(path(.coreFilter))).map { String(decoding: $0, as: UTF8.self) }
    return text.flatMap { CoreFilter(parsing: $0.prefix(while: \.isHexDigit)) } ?? .standard
  }

  /// Where the environment lies that the process was given; empty where we may not know.
  var environment: Range<Address> {
    (try? read(.stat)).flatMap { ProcessStat(parsing: $0) }?.environment ?? Address(0)..<Address(0)
  }

  /// The path of the program that the process runs, as the kernel tells it.
  public func executable() -> [UInt8] { (try? Syscall.readLink(path(.exe))) ?? [] }

  /// The state of every thread of the process.
  public func threadStates() throws(MemDumpError) -> [ThreadID: ProcessStatus.State] {
    var states: [ThreadID: ProcessStatus.State] = [:]
    for thread in try threads() {
      guard let bytes = try read(.stat, of: thread) else { continue }
      guard let stat = ProcessStat(parsing: bytes) else {
        throw MemDumpError(.malformed(ProcFS.path(id, thread: thread, .stat).string, line: 1))
      }
      // A state that only newer kernels know is none of those that stand still.
      states[thread] = ProcessStatus.State(rawValue: stat.state) ?? .running
    }
    return states
  }

  /// The name of a thread (comm), safe to print; nil where the thread has ended, or its name cannot be read.
  package func name(ofThread thread: ThreadID) -> String? {
    guard let bytes = (try? read(.comm, of: thread)) ?? nil else { return nil }
    return EscapedText(bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]).description
  }

  /// The threads of the process.
  func threads() throws(MemDumpError) -> [ThreadID] {
    do throws(Errno) { return try ProcFS.threads(id) } catch { throw gone(error, .threads) }
  }

  /// Reads an entry of a thread of the process; nil where the thread has ended.
  func read(_ entry: ProcFS.Entry, of thread: ThreadID) throws(MemDumpError) -> [UInt8]? {
    let path = ProcFS.path(id, thread: thread, entry)
    do throws(Errno) { return try ProcFS.read(path) } catch {
      if error == .noSuchFileOrDirectory || error == .noSuchProcess { return nil }
      throw MemDumpError(.file(path, .read, error))
    }
  }

  /// Makes sure that the process is still the one that was opened, with the same memory.
  ///
  /// Throws ``MemDumpError/Code/processEnded``, or ``MemDumpError/Code/processReplaced`` when the process has run
  /// another program since (execve).
  public func checkIdentity() throws(MemDumpError) {
    guard let stat = ProcessStat(parsing: try read(.stat)), stat.startTime == startTime,
      !stat.hasEnded || ProcFS.livingThread(of: id) != nil
    else { throw MemDumpError(.processEnded(label)) }
    guard let memoryFile else { return }
    // A /proc/PID/mem that was opened before an exec belongs to memory that no one uses any more, and reads as ended.
    // Address 0 is never mapped, so the memory of now answers EIO, and nothing is faulted in.
    var byte: [UInt8] = [0]
    var span = byte.mutableSpan
    var target = unsafe span.mutableBytes
    guard let count = try? Syscall.read(memoryFile, at: 0, into: &target), count == 0 else { return }
    // A process that is ending has let go of its memory before it is a zombie.
    let isEnding = ProcessStat(parsing: try read(.stat))?.isEnding ?? true
    throw MemDumpError(isEnding ? .processEnded(label) : .processReplaced(label))
  }

  /// The error for memory that is gone: the process has ended, or has run another program.
  var end: MemDumpError {
    do throws(MemDumpError) { try checkIdentity() } catch { return error }
    return MemDumpError(.processEnded(label))
  }

  private func read(_ entry: ProcFS.Entry) throws(MemDumpError) -> [UInt8] {
    do throws(Errno) {
      // The start time is that of the main thread.
      if entry == .stat { return try ProcFS.read(id, entry) }
      return try asking { (thread) throws(Errno) in
        let bytes = try ProcFS.read(thread, entry)
        // The map of a thread that has ended is empty.
        if bytes.isEmpty, entry == .maps { throw .noSuchProcess }
        return bytes
      }
    } catch { throw gone(error, entry) }
  }

  /// What the map with the usage of each mapping says: a long text, which is never in memory as a whole.
  private func usages() throws(MemDumpError) -> SmapsParser {
    do throws(Errno) {
      return try asking { (thread) throws(Errno) in
        var parser = SmapsParser()
        try LinePieces.forEach(in: ProcFS.path(thread, .smaps)) { parser.take($0) }
        if parser.isEmpty { throw .noSuchProcess }
        return parser
      }
    } catch { throw gone(error, .smaps) }
  }

  /// Asks the kernel by the thread that stands for the process, and once more by another one where that has ended.
  func asking<Value>(_ body: (ThreadID) throws(Errno) -> Value) throws(Errno) -> Value {
    do throws(Errno) { return try body(livingThread) } catch {
      guard error == .noSuchProcess || error == .noSuchFileOrDirectory, findLivingThread() else { throw error }
      return try body(livingThread)
    }
  }

  /// The error for a failed read of an entry: the process is gone, or we may not look at the entry.
  func gone(_ error: Errno, _ entry: ProcFS.Entry) -> MemDumpError {
    switch error {
    case .noSuchFileOrDirectory, .noSuchProcess: MemDumpError(.processEnded(label))
    case .permissionDenied, .notPermitted: MemDumpError(.access(label, Access.diagnose(self)))
    default: MemDumpError(.file(path(entry), .read, error))
    }
  }
}

extension TargetProcess {
  /// Whether the process is a 32-bit one; see `areNarrow` of its map.
  package var isNarrow: Bool { (try? regions(usage: false))?.areNarrow ?? false }
}
