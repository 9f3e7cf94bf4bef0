public import SystemPackage

/// The failure of a call of the library.
///
/// ``code`` is for programs, ``description`` for people: one sentence that says what failed, on what, why, and what to try.
public struct MemDumpError: Error, Sendable {
  /// A kind of failure. New ones may be added.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The name of the code.
    public let rawValue: String
    /// Makes a code from its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// There is no process of that number.
    public static let noSuchProcess = Code(rawValue: "no-such-process")
    /// A word stands where a process is needed, and means none.
    public static let notAProcess = Code(rawValue: "not-a-process")
    /// A word means several processes, or a process and a file.
    public static let ambiguous = Code(rawValue: "ambiguous")
    /// The process ended while we looked at its memory.
    public static let processEnded = Code(rawValue: "process-ended")
    /// The process ran another program (execve) while we looked at its memory.
    public static let processReplaced = Code(rawValue: "process-replaced")
    /// We may not look at the process's memory.
    public static let accessDenied = Code(rawValue: "access-denied")
    /// The process could not be stopped.
    public static let stopFailed = Code(rawValue: "stop-failed")
    /// No snapshot is made of the process, since a snapshot could harm the process or cannot be done.
    public static let snapshotRefused = Code(rawValue: "snapshot-refused")
    /// The process could not be resumed as asked.
    public static let rescueFailed = Code(rawValue: "rescue-failed")
    /// A selector is malformed, or matches nothing, or too much.
    public static let badSelector = Code(rawValue: "bad-selector")
    /// A trigger is malformed.
    public static let badTrigger = Code(rawValue: "bad-trigger")
    /// A pattern has a name that no pattern has.
    public static let unknownPattern = Code(rawValue: "unknown-pattern")
    /// A list of needles has a line that is malformed, or none that counts.
    public static let badNeedles = Code(rawValue: "bad-needles")
    /// A regular expression is malformed.
    public static let badExpression = Code(rawValue: "bad-expression")
    /// This build has no engine for regular expressions.
    public static let noRegexEngine = Code(rawValue: "no-regex-engine")
    /// A file could not be opened, read or written.
    public static let file = Code(rawValue: "file")
    /// There is not enough room on disk or in memory.
    public static let noSpace = Code(rawValue: "no-space")
    /// A file or a text from the kernel is malformed.
    public static let malformed = Code(rawValue: "malformed")
    /// The process is of a kind for which this is not made.
    public static let unsupported = Code(rawValue: "unsupported")
    /// The work was told to end before all was done.
    public static let interrupted = Code(rawValue: "interrupted")
    /// Pointers cannot be followed in a source without addresses, or in one that can be read only once.
    public static let noAddresses = Code(rawValue: "no-addresses")
    /// A source has no registers, without which no stack is known.
    public static let noRegisters = Code(rawValue: "no-registers")
    /// Nothing is mapped at an address, or it was not read.
    public static let noAddress = Code(rawValue: "no-address")
    /// A command could not be started.
    public static let command = Code(rawValue: "command")
  }

  /// The operation on a file that failed.
  package enum FileAction: String, Sendable {
    case open, read, create, write, rename, examine
    case giveName = "give a name to"
  }

  /// Why an address leads nowhere.
  package enum AddressProblem: Sendable {
    /// No memory is mapped there; the word at `from`, if any, leads there.
    case unmapped(from: Address?)
    case notRead
  }

  /// Why a selector did not give a region.
  package enum SelectorProblem: Sendable {
    case notASelector
    case endNotAfterStart
    case nothingMatches(ProcessLabel?)
    case severalMatch([RegionLine])
    case unmapped(Range<Address>, mapped: [Range<Address>])
    case wentAway
  }

  /// A region as an error lists it: one of several that a selector matches.
  package struct RegionLine: Sendable {
    package var number: Int
    package var start: Address
    package var byteCount: UInt64
    package var permissions: String
    /// The name of the region, safe to print.
    package var label: String

    package init(number: Int, start: Address, byteCount: UInt64, permissions: String, label: String) {
      (self.number, self.start, self.byteCount) = (number, start, byteCount)
      (self.permissions, self.label) = (permissions, label)
    }
  }

  /// Why a word means no process.
  package enum NameProblem: Sendable {
    /// The word is all digits, and no process number.
    case number
    /// No process has the name; with those whose names are similar.
    case unknown([Candidate])
    /// Nor is there a file of that name.
    case neither([Candidate])
    /// The process has no children, or none of so many of one name is a child of another.
    case childless(Int)
  }

  /// A process that a word may mean.
  public struct Candidate: Sendable {
    /// The process.
    public var id: ProcessID
    /// The number of its parent; 0 for none.
    public var parent: Int32
    /// The age of the process, in whole seconds.
    public var age: UInt64
    /// The resident memory of the process, in bytes.
    public var residentByteCount: UInt64
    /// The command line, or the name where there is none; bytes of the process's own choice.
    public var commandLine: [UInt8]

    package init(id: ProcessID, parent: Int32, age: UInt64, residentByteCount: UInt64, commandLine: [UInt8]) {
      (self.id, self.parent, self.age) = (id, parent, age)
      (self.residentByteCount, self.commandLine) = (residentByteCount, commandLine)
    }
  }

  package indirect enum Reason: Sendable {
    case noSuchProcess(ProcessID)
    case notAProcess(String, NameProblem)
    case severalProcesses(String, [Candidate], mayTakeAll: Bool, areChildren: Bool)
    case fileAndProcess(String, [Candidate])
    case otherNumbers(ProcessID, shown: Int32)
    case processEnded(ProcessLabel)
    case processReplaced(ProcessLabel)
    case access(ProcessLabel, AccessProblem)
    case traced(ProcessLabel, by: ProcessLabel)
    case stop(ProcessLabel, thread: ThreadID?, Errno)
    case holder(Errno)
    case killTimer(Errno)
    case stopDenied(ProcessLabel, AccessProblem)
    case snapshot(ProcessLabel, SnapshotProblem)
    case rescue(ProcessLabel, RescueProblem)
    case events(ProcessLabel, EventProblem)
    case selector(String, SelectorProblem)
    case trigger(String, TriggerProblem)
    case unknownPattern(String, known: [String])
    case needles(FilePath, line: Int?, NeedleProblem)
    case expression(String, offset: Int, String)
    case noRegexEngine
    case file(FilePath, FileAction, Errno)
    case noDump(FilePath)
    case fileCut(FilePath)
    case fileExists(FilePath)
    case notARegularFile(FilePath)
    case notACore(FilePath)
    case compressed(FilePath, program: String)
    case unknownLength(FilePath)
    case baseTooHigh(FilePath, byteCount: UInt64)
    case fileTooLarge(FilePath, byteCount: UInt64)
    case narrow(ProcessLabel)
    case notSeekable
    case terminalOutput
    case diskSpace(FilePath, needed: UInt64, available: UInt64)
    case copyMemory(needed: UInt64)
    case workMemory(needed: UInt64)
    case malformed(String, line: Int)
    case manifest(FilePath, String)
    case noAddresses(String, isStream: Bool)
    case noRegisters(String)
    case address(Address, AddressProblem)
    case command(String, Errno)
    case interrupted
    case nothingSelected(ProcessLabel)
    case thread(Errno)
  }

  package let reason: Reason

  package init(_ reason: Reason) { self.reason = reason }

  /// The most lines that a list in an error has.
  package static let longestList = 20

  /// The processes that a word may mean, where that is the error.
  public var candidates: [Candidate] {
    switch reason {
    case .severalProcesses(_, let candidates, _, _), .fileAndProcess(_, let candidates),
      .notAProcess(_, .unknown(let candidates)), .notAProcess(_, .neither(let candidates)):
      candidates
    default: []
    }
  }

  /// Whether the words of the command line are wrong, whatever there is on the machine.
  package var isUsage: Bool {
    switch reason {
    case .unknownPattern, .expression, .notSeekable, .trigger, .notAProcess(_, .number), .selector(_, .notASelector),
      .selector(_, .endNotAfterStart):
      true
    default: false
    }
  }

  /// The error for a program that cannot be started.
  package static func command(_ name: String, _ errno: Errno) -> MemDumpError { MemDumpError(.command(name, errno)) }

  /// The error for a dump that would go to a terminal.
  package static var terminalOutput: MemDumpError { MemDumpError(.terminalOutput) }

  /// The error for standard input where memory must be read out of order.
  package static var notSeekable: MemDumpError { MemDumpError(.notSeekable) }

  /// The error for a file of memory whose addresses are not known.
  package static func noAddresses(_ name: String) -> MemDumpError {
    MemDumpError(.noAddresses(name, isStream: false))
  }

  /// The error for memory without registers where stacks are asked for.
  package static func noRegisters(_ name: String) -> MemDumpError { MemDumpError(.noRegisters(name)) }

  /// The name of standard output in messages.
  package static let standardOutput: FilePath = "standard output"

  /// The error for standard output that cannot be written to.
  package static func output(_ errno: Errno) -> MemDumpError { MemDumpError(.file(standardOutput, .write, errno)) }

  /// The error for work that was told to end.
  package static let interruption = MemDumpError(.interrupted)

  /// Whether the reader of our output has gone (EPIPE). A helper that has gone is another thing.
  package var isBrokenPipe: Bool {
    guard case .file(let path, .write, .brokenPipe) = reason else { return false }
    return path == Self.standardOutput
  }

  /// Whether a process could not be stopped within the time allowed.
  var isOutOfTime: Bool { if case .stop(_, _, .outOfTime) = reason { true } else { false } }

  /// Writes bytes to standard output, unbuffered; write(2).
  package static func writeOutput(_ bytes: [UInt8]) throws(MemDumpError) {
    try unsafe writeOutput(bytes.span.bytes)
  }

  /// Writes bytes to standard output, unbuffered; write(2).
  package static func writeOutput(_ bytes: RawSpan) throws(MemDumpError) {
    do throws(Errno) { try Syscall.write(bytes, to: .standardOutput) } catch { throw output(error) }
  }

  /// The kind of failure.
  public var code: Code {
    switch reason {
    case .noSuchProcess: .noSuchProcess
    case .notAProcess: .notAProcess
    case .severalProcesses, .fileAndProcess: .ambiguous
    case .processEnded: .processEnded
    case .processReplaced: .processReplaced
    case .access(_, .noSuchProcess): .noSuchProcess
    case .access: .accessDenied
    case .events(_, .processor), .events(_, .notConfigured), .events(_, .noBreakpoints), .events(_, .tooManyThreads):
      .unsupported
    case .events: .accessDenied
    case .traced, .stop, .stopDenied, .holder, .killTimer: .stopFailed
    case .snapshot: .snapshotRefused
    case .rescue: .rescueFailed
    case .selector, .nothingSelected: .badSelector
    case .trigger: .badTrigger
    case .unknownPattern: .unknownPattern
    case .needles: .badNeedles
    case .expression: .badExpression
    case .noRegexEngine: .noRegexEngine
    case .file, .noDump, .fileCut, .fileExists, .fileTooLarge, .notARegularFile, .unknownLength, .baseTooHigh,
      .notSeekable,
      .terminalOutput:
      .file
    case .narrow, .otherNumbers: .unsupported
    case .diskSpace, .copyMemory, .workMemory, .thread: .noSpace
    case .malformed, .manifest, .notACore, .compressed: .malformed
    case .noAddresses: .noAddresses
    case .noRegisters: .noRegisters
    case .address: .noAddress
    case .command: .command
    case .interrupted: .interrupted
    }
  }

  /// The process that the failure is about; nil where there is none.
  public var process: ProcessID? {
    switch reason {
    case .noSuchProcess(let id), .otherNumbers(let id, _): id
    case .processEnded(let label), .processReplaced(let label), .access(let label, _), .traced(let label, _),
      .stop(let label, _, _), .stopDenied(let label, _), .snapshot(let label, _), .rescue(let label, _),
      .narrow(let label), .nothingSelected(let label), .selector(_, .nothingMatches(let label?)):
      label.id
    default: nil
    }
  }

  /// The process that holds the one that the failure is about, a debugger for one; nil where there is none.
  public var tracer: ProcessID? { if case .traced(_, let label) = reason { label.id } else { nil } }

  /// The file that the failure is about; nil where there is none.
  public var path: FilePath? {
    switch reason {
    case .file(let path, _, _), .noDump(let path), .fileCut(let path), .fileExists(let path),
      .notARegularFile(let path), .notACore(let path), .compressed(let path, _), .unknownLength(let path),
      .baseTooHigh(let path, _),
      .fileTooLarge(let path, _), .diskSpace(let path, _, _), .manifest(let path, _), .needles(let path, _, _):
      path
    default: nil
    }
  }

  /// The bytes of disk or memory that were needed, where there was no room for them; nil for any other failure.
  public var neededByteCount: UInt64? {
    switch reason {
    case .diskSpace(_, let needed, _), .copyMemory(let needed), .workMemory(let needed): needed
    default: nil
    }
  }

  /// The system error behind the failure; nil where there is none.
  public var cause: Errno? {
    switch reason {
    case .stop(_, _, let errno), .holder(let errno), .killTimer(let errno), .file(_, _, let errno),
      .command(_, let errno), .thread(let errno):
      errno
    case .snapshot(_, .refused(let errno)), .snapshot(_, .unfinished(let errno, _)): errno
    case .events(_, .refused(let errno)): errno
    case .access(_, .unknown(let errno)), .access(_, .forbiddenToCapable(let errno)): errno
    default: nil
    }
  }
}
