import SystemPackage

/// A process to look at, held so that a later process with the same number is never taken for it.
///
/// Opening it does nothing to the process. Safe to use from any thread.
public final class TargetProcess: Sendable {
  /// Its number.
  public let id: ProcessID
  /// Its short name (comm) when it was opened, unescaped.
  public let name: [UInt8]
  /// When it started, in clock ticks after boot.
  public let startTime: UInt64
  /// Its memory through the file system; nil where we may not open it. It stays bound to the memory of now: after an exec
  /// it reads as ended.
  let memoryFile: FileDescriptor?
  /// What its last stop left to be ended in time.
  let restartedCalls = RestartedCalls()

  /// Opens the process. Throws ``MemDumpError/Code/noSuchProcess``.
  public init(_ id: ProcessID) throws(MemDumpError) {
    let bytes: [UInt8]
    do throws(Errno) { bytes = try ProcFS.read(id, .stat) } catch {
      throw error == .noSuchFileOrDirectory || error == .noSuchProcess
        ? MemDumpError(.noSuchProcess(id)) : MemDumpError(.file(ProcFS.path(id, .stat), .read, error))
    }
    guard let stat = ProcessStat(parsing: bytes) else {
      throw MemDumpError(.malformed(ProcFS.path(id, .stat).string, line: 1))
    }
    self.id = id
    startTime = stat.startTime
    isKernelThread = stat.isKernelThread
    name = (try? ProcFS.read(id, .status)).map { ProcessStatus(parsing: $0).name } ?? []
    memoryFile = try? Syscall.typed {
      try FileDescriptor.open(ProcFS.path(id, .mem), .readOnly, options: [.closeOnExec])
    }
  }

  deinit { try? memoryFile?.close() }

  /// Whether it is a thread of the kernel, which has no memory to show.
  public let isKernelThread: Bool

  /// The name, safe to print.
  public var printableName: String { EscapedText(name).description }

  /// What errors call it.
  public var label: ProcessLabel { ProcessLabel(id, name: name) }

  /// What errors call a process that may have ended.
  static func label(of process: ProcessID) -> ProcessLabel {
    (try? TargetProcess(process))?.label ?? ProcessLabel(process, name: [])
  }

  /// What the kernel tells of it now. Throws ``MemDumpError/Code/processEnded``.
  public func status() throws(MemDumpError) -> ProcessStatus {
    ProcessStatus(parsing: try read(.status))
  }

  /// Its memory map, numbered from 1. With `usage` also what each mapping takes up, which costs a walk over its page
  /// tables (about 10 ms per GiB).
  public func regions(usage: Bool) throws(MemDumpError) -> [MemoryRegion] {
    let entry = usage ? ProcFS.Entry.smaps : .maps
    let bytes = try read(entry)
    do throws(MalformedText) { return usage ? try SmapsParser.parse(bytes) : try MapsParser.parse(bytes) } catch {
      throw MemDumpError(.malformed(ProcFS.path(id, entry).string, line: error.line))
    }
  }

  /// Why its memory cannot be read; nil where it can.
  public var problem: MemDumpError? { Access.problem(self).map { MemDumpError(.access(label, $0)) } }

  /// The command line, its words as the process was given them.
  public func commandLine() -> [[UInt8]] {
    guard let bytes = try? ProcFS.read(id, .cmdline), !bytes.isEmpty else { return [] }
    var words = bytes.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
    if words.last?.isEmpty == true { words.removeLast() }
    return words
  }

  /// What of its memory the kernel would put into a core.
  public func coreFilter() -> CoreFilter {
    let text = (try? ProcFS.read(id, .coreFilter)).map { String(decoding: $0, as: UTF8.self) }
    return text.flatMap { CoreFilter(parsing: $0.prefix(while: \.isHexDigit)) } ?? .standard
  }

  /// The path of the program it runs, as the kernel tells it.
  public func executable() -> [UInt8] { (try? Syscall.readLink(ProcFS.path(id, .exe))) ?? [] }

  /// What every thread is doing.
  public func threadStates() throws(MemDumpError) -> [ThreadID: ProcessStatus.State] {
    let threads: [ThreadID]
    do throws(Errno) { threads = try ProcFS.threads(id) } catch { throw gone(error, .threads) }
    var states: [ThreadID: ProcessStatus.State] = [:]
    for thread in threads {
      guard let bytes = try? ProcFS.read(ProcFS.path(id, thread: thread, .stat)) else { continue }
      states[thread] = ProcessStat(parsing: bytes).flatMap { ProcessStatus.State(rawValue: $0.state) }
    }
    return states
  }

  /// Makes sure that it is still the process that was opened, with the memory it had then.
  ///
  /// Throws ``MemDumpError/Code/processEnded``, or ``MemDumpError/Code/processReplaced`` when it has run another program
  /// since (execve).
  public func checkIdentity() throws(MemDumpError) {
    guard let bytes = try? ProcFS.read(id, .stat), let stat = ProcessStat(parsing: bytes),
      stat.startTime == startTime, stat.state != UInt8(ascii: "Z"), stat.state != UInt8(ascii: "X")
    else { throw MemDumpError(.processEnded(label)) }
    guard let memoryFile else { return }
    // A /proc/PID/mem that was opened before an exec belongs to memory that no one uses any more, and reads as ended.
    // Address 0 is never mapped, so the memory of now answers EIO, and nothing is faulted in.
    var byte: [UInt8] = [0]
    var span = byte.mutableSpan
    var target = unsafe span.mutableBytes
    if let count = try? Syscall.read(memoryFile, at: 0, into: &target), count == 0 {
      throw MemDumpError(.processReplaced(label))
    }
  }

  private func read(_ entry: ProcFS.Entry) throws(MemDumpError) -> [UInt8] {
    do throws(Errno) { return try ProcFS.read(id, entry) } catch { throw gone(error, entry) }
  }

  /// What a failed read of an entry means: the process is gone, or we may not look at it.
  func gone(_ error: Errno, _ entry: ProcFS.Entry) -> MemDumpError {
    switch error {
    case .noSuchFileOrDirectory, .noSuchProcess: MemDumpError(.processEnded(label))
    case .permissionDenied, .notPermitted: MemDumpError(.access(label, Access.diagnose(self)))
    default: MemDumpError(.file(ProcFS.path(id, entry), .read, error))
    }
  }
}
