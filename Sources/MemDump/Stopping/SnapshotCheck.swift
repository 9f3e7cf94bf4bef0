import SystemPackage

/// A check whether a snapshot of a process can be made without harm, before the process is touched.
public enum SnapshotCheck {
  /// The memory that has to be left for others, in bytes, whatever happens.
  public static let reserve: UInt64 = 64 << 20
  /// The cost of a 4 KiB page and of a huge page in a fork, in nanoseconds: twice what was measured on an idle machine.
  private static let (pageCost, hugePageCost): (UInt64, UInt64) = (200, 4000)
  private static let hugePageSize: UInt64 = 2 << 20

  /// The problem that speaks against a snapshot; nil for none.
  ///
  /// - Parameters:
  ///   - memory: the memory of the process, with the usage of its regions.
  ///   - budget: how long the process may stand still, in nanoseconds.
  static func problem(_ memory: LiveMemory, budget: UInt64) throws(MemDumpError) -> SnapshotProblem? {
    #if arch(x86_64)
      if memory.regions.areNarrow { return .narrow }
      if let problem = regionProblem(memory.regions, kernel: ProcFS.kernelVersion()) { return problem }
      if let problem = try threadProblem(memory.target) { return problem }
      if (try? ProcFS.read(memory.target.id, .cgroup)).flatMap(CgroupFS.frozen) != nil { return .frozen }
      if let kind = AskedFiles.fileSystem(of: memory.target) { return .askedFiles(kind) }
      if !hasUnusedStack(memory) { return .deepStack }
      let expected = forkTime(memory.regions)
      if expected > budget { return .pause(expected: expected, allowed: budget) }
      return memoryProblem(memory)
    #else
      return .processor
    #endif
  }

  /// The problem of regions that speaks against a fork; nil for none.
  ///
  /// Before Linux 6.5 a page that a device writes to on behalf of the process is not pinned: after a fork, the first of
  /// both to touch it gets another one (FOLL_PIN in Documentation/core-api/pin_user_pages.rst). A thread that waits for
  /// such a read does not stop, so only reads in the background matter, whose rings are mapped.
  static func regionProblem(_ regions: [MemoryRegion], kernel: (major: UInt64, minor: UInt64)) -> SnapshotProblem? {
    let pinsPages = kernel >= (6, 5)
    for region in regions {
      let name = String(decoding: region.name, as: UTF8.self)
      if !pinsPages, name.hasPrefix("/[aio]") || name.hasPrefix("anon_inode:[io_uring]") { return .backgroundReads }
      guard let flags = region.usage?.flags else { continue }
      if !flags.isDisjoint(with: ["um", "uw", "ui"]) { return .userFaults }
      if flags.contains("ht"), !region.permissions.contains(.shared) { return .reservedHugePages }
    }
    return nil
  }

  /// The time that a fork takes, in nanoseconds: it copies the page table entries of private memory.
  static func forkTime(_ regions: [MemoryRegion]) -> UInt64 {
    var (small, huge): (UInt64, UInt64) = (0, 0)
    for region in regions {
      guard let usage = region.usage else { continue }
      huge += min(usage.anonymousHuge, usage.anonymous)
      small += usage.anonymous - min(usage.anonymousHuge, usage.anonymous)
    }
    return 1_000_000 + small / pageSize * pageCost + huge / hugePageSize * hugePageCost
  }

  /// The memory that is left for all, and for the control group of a process, in bytes; nil where that is not known.
  static func availableMemory(_ target: TargetProcess) -> (all: UInt64?, group: CgroupFS.MemoryLimit?) {
    let groups = try? ProcFS.read(target.path(.cgroup))
    return (ProcFS.availableMemory(), groups.flatMap(CgroupFS.memoryLimit))
  }

  /// The problem of too little memory; nil for none. The page tables are copied at once; what the process writes to is
  /// copied page by page, of which a quarter is a lot for the seconds that a dump takes. Where a lack of memory would
  /// kill not the child but the whole group, all pages count.
  private static func memoryProblem(_ memory: LiveMemory) -> SnapshotProblem? {
    let anonymous = memory.regions.reduce(0) { $0 + ($1.usage?.anonymous ?? 0) }
    let tables = (try? memory.target.status())?.footprint?.pageTables ?? 0
    let needed = tables + anonymous / 4 + reserve
    let available = availableMemory(memory.target)
    if let all = available.all, all < needed { return .memory(needed: needed, available: all) }
    guard let group = available.group else { return nil }
    let neededOfGroup = group.killsAll ? tables + anonymous + reserve : needed
    return group.available < neededOfGroup
      ? .memoryLimit(needed: neededOfGroup, available: group.available) : nil
  }

  private static func threadProblem(_ target: TargetProcess) throws(MemDumpError) -> SnapshotProblem? {
    if target.livingThread != target.id { return .mainThreadEnded }
    var stoppedCount = 0
    for thread in try target.threads() {
      guard let bytes = try target.read(.status, of: thread) else { continue }
      let status = ProcessStatus(parsing: bytes)
      if status.seccomp != 0 { return .seccomp }
      if status.hasShadowStack { return .shadowStack }
      if status.state == .stopped { stoppedCount += 1 }
    }
    return stoppedCount > 0 ? .stopped : nil
  }

  /// Whether there is unused memory at the lower end of the first stack, as far as can be seen while the process runs: the
  /// holder looks once more (unused_stack.c).
  private static func hasUnusedStack(_ memory: LiveMemory) -> Bool {
    let wanted = 4 * Int(pageSize)
    guard let stack = memory.regions.first(where: { $0.name == Array("[stack]".utf8) }),
      stack.range.byteCount > UInt64(wanted)
    else { return false }
    var bytes = [UInt8](repeating: 0, count: wanted)
    var span = bytes.mutableSpan
    var target = unsafe span.mutableBytes
    guard let runs = try? memory.read(at: stack.range.lowerBound, into: &target),
      runs.allSatisfy({ $0.content == .bytes || $0.content == .absent })
    else { return false }
    let known = runs.reduce(0) { $0 + (($1.content == .bytes) ? $1.byteCount : 0) }
    return known == 0 || bytes.allSatisfy { $0 == 0 }
  }
}
