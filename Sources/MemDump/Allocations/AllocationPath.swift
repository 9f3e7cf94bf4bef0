/// A path of calls that ends in a function that hands out memory, and what was seen of its blocks.
public struct AllocationPath: Sendable {
  /// The function that handed the blocks out, such as `malloc`.
  public var function: String
  /// The calls, the innermost first: the caller of the function.
  public var frames: [ThreadStack.Frame]
  /// The names of the frames; nil where a frame's address is not mapped any more.
  public var names: [StackNames.Name?]
  /// What is the same of frames in one function.
  var identities: [String] = []
  /// Whether the stack was followed to where its thread began.
  public var isWhole: Bool
  /// What a block takes of the heap, in bytes, with what the allocator keeps beside it; nil where the heap is not one that is
  /// walked.
  public var footprint: UInt64?
  /// The blocks that were seen handed out while everything was seen.
  public var sampled = 0
  /// Those that were not taken back before the end of their burst, were not seen again in a later one, and were in use at the
  /// end, where the heap is walked.
  public var survived = 0
  /// The time in which blocks of the path could be seen, in nanoseconds.
  public var watchedTime: UInt64 = 0
  /// The part of that which would have been enough without the interruptions, in nanoseconds.
  public var undisturbedTime: UInt64 = 0
  /// The part of all blocks of that size that stay, in thousandths; nil where there was no growth, or it was not measured.
  public var growthThousandths: UInt64?
  /// Whether the path is one of those that make what grows; see ``GrowthMaker``.
  public var isNamed = false

  /// The bytes a second of blocks that survive; nil where their size is not known.
  public var bytesPerSecond: UInt64? {
    guard let footprint, undisturbedTime > 0 else { return nil }
    return UInt64(Double(survived) * Double(footprint) * 1e9 / Double(undisturbedTime))
  }
}

/// A path of calls that touched new pages of memory: who extends it, and not who keeps it.
public struct PageFaultPath: Sendable {
  /// The calls, the innermost first.
  public var frames: [ThreadStack.Frame]
  /// The names of the frames.
  public var names: [StackNames.Name?]
  /// The pages that the path touched first.
  public var pageCount = 0
}
