/// The allocations of a burst, by path and lifetime.
struct AllocationBurst {
  /// A block that was handed out.
  struct Sample {
    var block: Address
    var function: AllocationFunction
    var stack: ThreadStack
    var outcome: BlockLifetimes.Outcome
  }

  /// The blocks that count.
  private(set) var samples: [Sample] = []
  /// The blocks that were handed out and taken back while everything was seen, each as often as that happened.
  private(set) var (allocated, freed): ([Address], [Address]) = ([], [])
  /// The blocks that were taken back and had been handed out longer ago than blocks that count are watched.
  let released: [Address]
  /// Every block that was seen, while everything was seen or not.
  private(set) var blocks: Set<Address> = []
  /// The time in which everything was seen, in nanoseconds.
  let windowTime: UInt64
  /// The time in which blocks that count were handed out, in nanoseconds.
  let watchedTime: UInt64
  /// The part of it that would have been enough without the interruptions, in nanoseconds: what was done meanwhile takes less
  /// time when nobody watches.
  let undisturbedTime: UInt64
  /// Stacks that could not be followed to where their thread began, and those of them that were not copied as far.
  private(set) var (brokenCount, shortCount) = (0, 0)

  /// Unwinds the stacks of a burst, and tells which blocks outlived it.
  ///
  /// - Parameter cost: what an interruption takes, in nanoseconds.
  init(
    _ slice: EventSlice, _ set: TrapSet, cost: UInt64, _ unwinder: inout StackUnwinder
  ) throws(MemDumpError) {
    var events: [BlockLifetimes.Event] = []
    for (number, sample) in slice.samples.enumerated() {
      switch set.trap(at: sample.address)?.kind {
      case .returning, .returned:
        guard let block = sample.returned else { continue }
        events.append(.init(instant: sample.instant, block: Address(block), kind: .allocated(number)))
      case .freeing:
        guard let block = sample.arguments.first else { continue }
        events.append(.init(instant: sample.instant, block: Address(block), kind: .freed))
      case nil: continue
      }
    }
    blocks = Set(events.map(\.block))
    for event in events where slice.window.contains(event.instant) {
      if event.kind == .freed { freed.append(event.block) } else { allocated.append(event.block) }
    }
    windowTime = slice.window.upperBound - slice.window.lowerBound
    let lifetimes = BlockLifetimes(events, window: slice.window)
    (watchedTime, released) = (lifetimes.watchedTime, lifetimes.released)
    let disturbance = Disturbance(slice.samples.map { ($0.thread, $0.instant) }, window: slice.window, cost: cost)
    undisturbedTime = UInt64(Double(watchedTime) * (1 - disturbance.share))
    for (number, outcome) in lifetimes.outcomes.sorted(by: { $0.key < $1.key }) {
      let sample = slice.samples[number]
      guard let trap = set.trap(at: sample.address), let block = sample.returned,
        var stack = try Self.stack(of: sample, &unwinder)
      else { continue }
      if stack.end != .root { brokenCount += 1 }
      if case .unread = stack.end { shortCount += 1 }
      switch trap.kind {
      case .returning(let function):
        // The innermost frame is the function itself.
        stack.frames.removeFirst()
        samples.append(.init(block: Address(block), function: function, stack: stack, outcome: outcome))
      case .returned(let function):
        samples.append(.init(block: Address(block), function: function, stack: stack, outcome: outcome))
      case .freeing: continue
      }
    }
  }

  /// The stack of a sample; nil where it has no registers.
  static func stack(of sample: PerfSample, _ unwinder: inout StackUnwinder) throws(MemDumpError) -> ThreadStack? {
    guard let registers = ProcessorRegisters(sample.registers), let thread = ThreadID(rawValue: sample.thread),
      let top = registers[ProcessorRegisters.stackPointer]
    else { return nil }
    let copy = CopiedStack(start: Address(top), bytes: sample.stack)
    return try unwinder.stack(of: thread, registers, on: copy)
  }
}
