extension ProcessLook {
  /// Looks at a process for its heap; a process without a heap that can be walked, and without a sign of one, is not stopped for
  /// that. A 32-bit process is refused: its heap is of another layout.
  ///
  /// - Parameter others: chooses memory to look at beside what the process itself wrote.
  package static func atHeap(
    of target: TargetProcess, mode: LookMode?, budget: Duration, withRegisters: Bool = false,
    others: @escaping ([MemoryRegion]) -> [Range<Address>] = { _ in [] },
    allocators: [any Allocator] = Allocators.all
  ) throws(MemDumpError) -> ProcessLook {
    guard !target.isNarrow else { throw MemDumpError(.narrow(target.label)) }
    let select: Selection = { (OwnWriting.privateMemory.ranges(in: $0) + others($0)).union() }
    guard try Allocators.mayWalk(target, among: allocators) else {
      return try ProcessLook(target, mode: .live, budget: budget, select: select)
    }
    return try ProcessLook(target, mode: mode, budget: budget, withRegisters: withRegisters, select: select)
  }
}
