import ArgumentParser
import MemDump

/// Which mode a command takes where it is told none; nil to choose one for each process.
protocol StandardMode {
  static var mode: LookMode? { get }
  static var description: String { get }
}

/// For a command that can do with memory that changes while it is read.
enum LiveByDefault: StandardMode {
  static let mode: LookMode? = .live
  static let description = "default: live"
}

/// For a command that needs a consistent picture.
enum ChosenByDefault: StandardMode {
  static let mode: LookMode? = nil
  static let description = """
    default: stop, up to 256 MiB; snapshot for more, or where a copy has no room or takes longer than --max-pause; live where \
    neither can be
    """
}

/// The options for the treatment of a process.
struct PauseOptions<Standard: StandardMode>: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      How to treat a process. live: it runs on; stop: it stands still while its memory is copied; snapshot: it stands still \
      for a fork (x86_64). (\(Standard.description))
      """, valueName: "mode"))
  private var mode: LookMode?

  @Option(
    help: ArgumentHelp(
      "In the modes stop and snapshot: how long the process may stand still at most. (default: \(Self.standardPause))",
      valueName: "time"))
  private var maxPause: TimeSpan?

  private static var standardPause: TimeSpan { TimeSpan(milliseconds: 500) }

  @Flag(
    help: """
      Open no file of a process. Pages of its files that are not in memory then count as not read, and variables have no \
      names.
      """)
  var noFiles = false

  /// The mode that was asked for, or is the command's; nil to choose one.
  var chosenMode: LookMode? { mode ?? Standard.mode }

  /// The mode that was asked for; nil for none.
  var givenMode: LookMode? { mode }

  /// How long a process may stand still.
  var budget: Duration { (maxPause ?? Self.standardPause).duration }

  func validate() throws {
    if maxPause != nil, chosenMode == .live {
      throw ValidationError("--max-pause is for a mode that stops the process: --mode stop or --mode snapshot.")
    }
  }

  /// Looks at a process.
  ///
  /// - Parameters:
  ///   - target: the process.
  ///   - withRegisters: whether to read the registers of its threads too.
  ///   - select: which of its memory.
  func look(
    at target: TargetProcess, withRegisters: Bool = false,
    select: ProcessLook.Selection = { OwnWriting.privateMemory.ranges(in: $0) }
  ) throws(MemDumpError) -> ProcessLook {
    try ProcessLook(
      target, mode: chosenMode, budget: budget, withRegisters: withRegisters, select: select)
  }

  /// Looks at a process for its heap.
  func lookAtHeap(
    of target: TargetProcess, withRegisters: Bool = false,
    others: @escaping ([MemoryRegion]) -> [Range<Address>] = { _ in [] }
  ) throws(MemDumpError) -> ProcessLook {
    try ProcessLook.atHeap(
      of: target, mode: chosenMode, budget: budget, withRegisters: withRegisters, others: others)
  }

  /// Looks at the stacks of a process, and at the frames of Python, for which it has to stand still.
  func lookAtStacks(
    of target: TargetProcess, and python: PythonCalls?, map: [MemoryRegion]
  ) throws(MemDumpError) -> ProcessLook {
    try ProcessLook(
      target, mode: chosenMode, budget: budget, stacks: StackSelection(), map: map
    ) { (_) throws(MemDumpError) in try python?.ranges() ?? [] }
  }
}
