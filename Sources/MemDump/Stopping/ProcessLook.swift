/// A look at memory of a process: at one instant, in a short stop, or page after page while it runs.
///
/// Whoever looks reads ``source`` and ends the look, which gives the proof that the process runs as before.
public struct ProcessLook: Sendable {
  /// Gives the ranges to look at by a map. Where the process is stopped it is asked before, for the room that takes, and
  /// once more then.
  public typealias Selection = ([MemoryRegion]) throws(MemDumpError) -> [Range<Address>]

  /// The process.
  public let target: TargetProcess
  /// How it is treated.
  public let mode: LookMode
  /// Which of its memory was selected, in order.
  public let ranges: [Range<Address>]
  /// The pause; nil in mode live.
  public let pause: Pause?
  /// When the memory was so, or, in mode live, when the look began: on the monotonic clock, in nanoseconds.
  public let instant: UInt64
  /// The process before.
  public let before: Witness

  /// The memory: of one instant, or that of the live process.
  public var source: any MemorySource { memory }

  let memory: any MemorySource & StagedSource
  private let capture: Capture?

  /// Looks at a process.
  ///
  /// - Parameters:
  ///   - target: the process.
  ///   - mode: how it is treated; a child of mode snapshot lives until the look is ended or gone.
  ///   - budget: in the modes stop and snapshot, how long it may stand still, in nanoseconds.
  ///   - withRegisters: whether to read the registers of every thread too; not in mode live.
  ///   - readsSwap: whether swapped pages are read too, which brings them back into the memory of the process.
  ///   - map: the map to go by; nil to read it now, with usage.
  ///   - select: what to look at; without it, what the process itself wrote in private memory.
  public init(
    _ target: TargetProcess, mode: LookMode, budget: UInt64, withRegisters: Bool = false, readsSwap: Bool = false,
    map: [MemoryRegion]? = nil, select: Selection = { OwnWriting.privateMemory.ranges(in: $0) }
  ) throws(MemDumpError) {
    let method = mode.method
    let holder = method == nil ? nil : try Holder.launch()
    before = try Witness(target)
    let started = Syscall.monotonicTime
    let live = try LiveMemory(target, regions: map, readsSwap: readsSwap)
    (self.target, self.mode) = (target, mode)
    if let holder, let method {
      let capture = try Capture(
        live, holder: holder, budget: budget, by: method, withRegisters: withRegisters, select: select)
      (memory, self.capture, ranges, pause) = (capture, capture, capture.ranges, capture.pause)
    } else {
      (memory, capture, ranges, pause) = (live, nil, try select(live.regions), nil)
    }
    instant = pause?.startedAt ?? started
  }

  /// The proof up to now, of a look that goes on.
  ///
  /// Throws ``MemDumpError/Code/processEnded`` or ``MemDumpError/Code/processReplaced`` where what was read of a live
  /// process may not be its own.
  public func proof() throws(MemDumpError) -> LookProof {
    try checkIdentity()
    return proof(leavesChild: false)
  }

  /// Lets go of what keeps the instant, so that nothing of a child can be read any more, and only then sees how the process
  /// runs.
  ///
  /// - Parameter early: whether the work on it was cut short: then a live process may have ended meanwhile.
  /// - Throws: as ``proof()``.
  public func end(early: Bool = false) throws(MemDumpError) -> LookProof {
    let leavesChild = capture.map { !$0.end() } ?? false
    if !early { try checkIdentity() }
    return proof(leavesChild: leavesChild)
  }

  /// What was kept of an instant is whole even if the process has ended since.
  private func checkIdentity() throws(MemDumpError) {
    if capture == nil { try target.checkIdentity() }
  }

  private func proof(leavesChild: Bool) -> LookProof {
    LookProof(
      process: target.label, mode: mode, pause: pause, instant: instant, before: before, after: try? Witness(target),
      readInStop: capture?.readInStop ?? [], readFromChild: capture?.readFromChild ?? [],
      readLive: capture?.readLive ?? [], runningThreadCount: capture?.runningThreadCount ?? 0, leavesChild: leavesChild)
  }
}
