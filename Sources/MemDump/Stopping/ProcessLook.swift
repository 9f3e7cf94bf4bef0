/// A look at what a process itself wrote in its private memory: at one instant, in a short stop, or page after page while it
/// runs.
public struct ProcessLook: Sendable {
  /// The process.
  public let target: TargetProcess
  /// The memory: a ``Capture``, or the live process.
  public let source: any MemorySource
  /// Which of it.
  public let ranges: [Range<Address>]
  /// How it was read.
  public let mode: LookMode
  /// The pause; nil in mode live.
  public let pause: Pause?
  /// When the memory was so, or, in mode live, when the look began: on the monotonic clock, in nanoseconds.
  public let instant: UInt64
  /// The process before.
  public let before: Witness
  /// The process after the stop; nil where it has ended.
  public let after: Witness?

  /// Whether the process was seen to run as before.
  public var isVerified: Bool { after.map { $0.runs(as: before) } ?? false }
  /// What did not fit the pause and is read while the process runs, as far as it was read.
  public var readLive: [Range<Address>] { (source as? Capture)?.readLive ?? [] }

  /// Looks at a process.
  ///
  /// - Parameters:
  ///   - target: the process.
  ///   - mode: how it is treated; a child of mode snapshot lives as long as this.
  ///   - budget: in the modes stop and snapshot, how long it may stand still, in nanoseconds.
  ///   - withRegisters: whether to read the registers of every thread too; not in mode live.
  public init(
    _ target: TargetProcess, mode: LookMode, budget: UInt64, withRegisters: Bool = false
  ) throws(MemDumpError) {
    let method = mode.method
    let holder = method == nil ? nil : try Holder.launch()
    before = try Witness(target)
    let started = Syscall.monotonicTime
    let live = try LiveMemory(target)
    (self.target, self.mode) = (target, mode)
    if let holder, let method {
      let capture = try Capture(live, holder: holder, budget: budget, by: method, withRegisters: withRegisters) {
        (regions) throws(MemDumpError) in Self.ranges(regions)
      }
      (source, ranges, pause) = (capture, capture.ranges, capture.pause)
    } else {
      (source, ranges, pause) = (live, Self.ranges(live.regions), nil)
    }
    instant = pause?.startedAt ?? started
    after = try? Witness(target)
  }

  /// Lets go of what keeps the instant: nothing of a child can be read any more. Returns whether no trace of it is left.
  public func end() -> Bool { (source as? Capture)?.end() ?? true }

  private static func ranges(_ regions: [MemoryRegion]) -> [Range<Address>] {
    regions.filter { $0.isOwnWriting && !$0.permissions.contains(.shared) }.map(\.range)
  }
}
