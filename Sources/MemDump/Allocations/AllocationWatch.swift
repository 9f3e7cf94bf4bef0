/// A watch of who allocates what grows in a process, from the outside: by breakpoint registers that the kernel sets and takes
/// away, without ptrace(2), without a stop, and without a change of the process's memory.
///
/// In bursts, every block that is handed out and taken back is seen with the stack of the call. What outlives its burst, is not
/// seen again later and is in use at the end is what grows, if anything does. Between bursts, page faults tell who extends the
/// heap. How much the process may spend for it is bounded by the number of samples, after which the kernel itself disarms.
public struct AllocationWatch: Sendable {
  /// The time of the watch.
  public var time: Duration
  /// How much of one processor the process may spend for it, in thousandths.
  public var budgetThousandths: UInt64
  /// The size of blocks that are asked for; nil for all. Of a heap that is walked, what a block takes of it, otherwise the
  /// bytes that the program asks for.
  public var size: UInt64?

  /// Describes a watch.
  public init(time: Duration, budgetThousandths: UInt64 = 10, size: UInt64? = nil) {
    (self.time, self.budgetThousandths, self.size) = (time, budgetThousandths, size)
  }

  /// Looks whether a process can be watched at all. Throws ``MemDumpError/Code/accessDenied`` or
  /// ``MemDumpError/Code/unsupported`` where it cannot.
  public static func check(_ target: TargetProcess) throws(MemDumpError) {
    if let problem = PerfAccess.problem() { throw MemDumpError(.events(target.label, problem)) }
    if let problem = Access.problem(target) { throw MemDumpError(.events(target.label, .access(problem))) }
    guard !target.isNarrow else { throw MemDumpError(.narrow(target.label)) }
  }

  /// Watches a process.
  ///
  /// - Parameters:
  ///   - target: the process.
  ///   - control: may end the watch; what was seen until then makes the summary.
  public func run(
    _ target: TargetProcess, control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> AllocationSummary {
    try Self.check(target)
    var course = try AllocationCourse(self, target, control)
    return try course.run()
  }
}
