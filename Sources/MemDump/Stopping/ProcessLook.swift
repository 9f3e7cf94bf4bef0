/// A look at memory of a process: at one instant, in a short stop, or page after page while the process runs.
///
/// Whoever looks reads ``source`` and ends the look, which gives the proof that the process runs as before.
public struct ProcessLook: Sendable {
  /// A choice of the ranges to look at by a map. Where the process is stopped, the choice is made before, to learn how
  /// much room the ranges take, and once more in the stop.
  public typealias Selection = ([MemoryRegion]) throws(MemDumpError) -> [Range<Address>]

  /// The process that is looked at.
  public let target: TargetProcess
  /// The mode of the look.
  public var mode: LookMode { choice.mode }
  /// How the mode was chosen.
  public let choice: ModeChoice
  /// The memory that was selected, in order.
  public let ranges: [Range<Address>]
  /// The pause of the process; nil in mode live.
  public let pause: Pause?
  /// The instant of the memory, or, in mode live, the start of the look: on the monotonic clock, in nanoseconds.
  public let instant: UInt64
  /// The process as it was seen before.
  public let before: Witness

  /// The memory: of one instant, or that of the live process.
  public var source: any MemorySource { memory }

  let memory: any MemorySource & StagedSource
  private let capture: Capture?

  /// Looks at a process.
  ///
  /// - Parameters:
  ///   - target: the process.
  ///   - mode: the mode of the look; the child of mode snapshot lives until the look is ended or gone. Nil for the one that
  ///     is kindest to the process and gives a picture of one instant: see ``ModeChoice``.
  ///   - budget: in the modes stop and snapshot, how long the process may stand still.
  ///   - withRegisters: whether to read the registers of every thread too; not in mode live.
  ///   - stacks: the stacks of its threads to look at beside the memory that is selected; not in mode live.
  ///   - readsSwap: whether swapped pages are read too, which makes them resident in the process again.
  ///   - map: the map to select from; nil to read one now, with usage.
  ///   - select: the choice of memory; by default, what the process itself wrote in private memory.
  public init(
    _ target: TargetProcess, mode: LookMode?, budget: Duration, withRegisters: Bool = false,
    stacks: StackSelection? = nil, readsSwap: Bool = false,
    map: [MemoryRegion]? = nil, select: Selection = { OwnWriting.privateMemory.ranges(in: $0) }
  ) throws(MemDumpError) {
    var holder = mode == .live ? nil : try Holder.launch()
    before = try Witness(target)
    let started = Syscall.monotonicTime
    let live = try LiveMemory(target, regions: map, readsSwap: readsSwap)
    let selected = try select(live.regions)
    var choices =
      mode.map { [ModeChoice(mode: $0)] }
      ?? ModeChoice.candidates(for: live, selected, budget: budget.nanosecondCount)
    var problem: SnapshotProblem?
    var capture: Capture?
    var choice = choices.removeFirst()
    while let method = choice.mode.method {
      do throws(MemDumpError) {
        let taken = if let first = holder.take() { first } else { try Holder.launch() }
        capture = try Capture(
          live, holder: taken, budget: budget, by: method, withRegisters: withRegisters, stacks: stacks,
          select: select)
        break
      } catch {
        guard case .snapshot(_, let found) = error.reason, !choices.isEmpty else { throw error }
        (problem, choice) = (found, choices.removeFirst())
      }
    }
    choice.snapshotProblem = problem
    (self.target, self.choice, self.capture) = (target, choice, capture)
    (memory, pause) = (capture ?? live, capture?.pause)
    ranges = capture?.ranges ?? selected
    instant = pause?.startedAt ?? started
  }

  /// The proof up to now, of a look that goes on.
  ///
  /// Throws ``MemDumpError/Code/processEnded`` or ``MemDumpError/Code/processReplaced`` where the memory read from a
  /// live process may be that of another one.
  public func proof() throws(MemDumpError) -> LookProof {
    try checkIdentity()
    return proof(leavesChild: false)
  }

  /// Lets go of what keeps the instant, which ends all reads from a child, and only then sees how the process runs.
  ///
  /// - Parameter early: whether the work on the look was cut short: then a live process may have ended meanwhile.
  /// - Throws: as ``proof()``.
  public func end(early: Bool = false) throws(MemDumpError) -> LookProof {
    let leavesChild = capture.map { !$0.end() } ?? false
    if !early { try checkIdentity() }
    return proof(leavesChild: leavesChild)
  }

  /// Throws where the process has ended or is another one. Memory kept of an instant is whole even then.
  private func checkIdentity() throws(MemDumpError) {
    if capture == nil { try target.checkIdentity() }
  }

  private func proof(leavesChild: Bool) -> LookProof {
    LookProof(
      process: target.label, choice: choice, pause: pause, instant: instant, before: before,
      after: LaterWitness(target),
      readInStop: capture?.readInStop ?? [], readFromChild: capture?.readFromChild ?? [],
      readLive: capture?.readLive ?? [], runningThreadCount: capture?.runningThreadCount ?? 0,
      lacksRegisters: capture?.lacksRegisters ?? false, leavesChild: leavesChild)
  }
}
