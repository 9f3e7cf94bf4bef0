extension ProcessLook {
  /// Looks at a process for its heap: one that has none of glibc's is not stopped for it.
  package static func atHeap(
    of target: TargetProcess, mode: LookMode, budget: UInt64, withRegisters: Bool = false
  ) throws(MemDumpError) -> ProcessLook {
    var finder = try ArenaFinder(LiveMemory(target))
    let mode = try finder.arenas().isEmpty ? .live : mode
    return try ProcessLook(target, mode: mode, budget: budget, withRegisters: withRegisters)
  }
}
