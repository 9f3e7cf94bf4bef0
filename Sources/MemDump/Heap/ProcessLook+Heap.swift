extension ProcessLook {
  /// Looks at a process for its heap; a process without a heap that can be walked is not stopped for that. A 32-bit process is
  /// refused: its heap is of another layout.
  package static func atHeap(
    of target: TargetProcess, mode: LookMode?, budget: UInt64, withRegisters: Bool = false,
    allocators: [any Allocator] = Allocators.all
  ) throws(MemDumpError) -> ProcessLook {
    guard !target.isNarrow else { throw MemDumpError(.narrow(target.label)) }
    let canWalk = try Allocators.canWalk(LiveMemory(target), process: target, among: allocators)
    guard canWalk else { return try ProcessLook(target, mode: .live, budget: budget) }
    return try ProcessLook(target, mode: mode, budget: budget, withRegisters: withRegisters)
  }
}
