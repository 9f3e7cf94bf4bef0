/// What an account of a heap comes to: a word with its evidence, and what can be done.
public struct HeapFinding: Sendable {
  /// Where most of the memory is that is not in plain use.
  public enum Word: String, CaseIterable, Sendable {
    /// Blocks in use: more of them than before is a leak, or a cache that fills.
    case used = "in use"
    /// Large blocks in use, with mappings of their own.
    case largeBlocks = "large blocks in use"
    /// Free memory in pages that blocks in use hold.
    case fragmentation
    /// Whole free pages that the allocator gives back when told to.
    case heldBack = "held back"
    /// Whole free pages that the allocator keeps for later, even when told to give memory back.
    case kept = "kept for later"
    /// Free memory of arenas that only some threads use.
    case arenas = "too many arenas"
    /// Free blocks in caches of threads.
    case caches = "caches of threads"
    /// Pages of zeros inside of huge pages.
    case hugePages = "huge-page bloat"
    /// Ever more blocks in use, by several looks.
    case leak
    /// More blocks in use at first, and then no more, by several looks.
    case fills = "cache that fills"
  }

  /// The word.
  public var word: Word
  /// The figures that show it.
  public var evidence: Phrase
  /// What can be done, in a sentence; nil where there is nothing to do about it.
  public var remedy: Phrase?
}

extension HeapAccount {
  /// The least resident bytes of which something is said.
  private static let leastByteCount: UInt64 = 1 << 20
  /// The share of the resident bytes above which a part of them is what is to be told.
  private static let share = 0.25
  /// The number of arenas of threads from which on they are many.
  private static let manyArenas = 8

  /// The bytes that the allocator would give back now, when told to.
  public var forecast: UInt64 { parts.returnable }

  /// What the account comes to; nil of a heap that is too small to matter, or of which too much was not walked.
  public var finding: HeapFinding? {
    let sum = parts.sum
    guard sum >= Self.leastByteCount, parts.unwalked < sum / 10 else { return nil }
    func isLarge(_ part: UInt64) -> Bool { Double(part) >= Double(sum) * Self.share }
    let most = [parts.cached, parts.returnable, parts.pinned, parts.kept].max() ?? 0
    let whole: Phrase = "\(bytes: sum)"
    if isLarge(parts.hugeZeros) {
      return HeapFinding(
        word: .hugePages,
        evidence:
          "\(bytes: parts.hugeZeros) of \(whole) are pages of zeros inside of huge pages, given along with their neighbours",
        remedy:
          "transparent huge pages set to madvise or never, or PR_SET_THP_DISABLE for the process, do without these")
    }
    if threadArenaCount >= Self.manyArenas, isLarge(freeInThreadArenas), freeInThreadArenas > parts.free / 2 {
      return HeapFinding(
        word: .arenas,
        evidence:
          "\(bytes: freeInThreadArenas) of \(whole) are free in \(count: UInt64(threadArenaCount), "arena") of threads",
        remedy: "MALLOC_ARENA_MAX=2 lets threads share arenas, at the price of waiting for each other")
    }
    if isLarge(parts.cached), parts.cached == most {
      return HeapFinding(
        word: .caches, evidence: "\(bytes: parts.cached) of \(whole) are free blocks in caches of threads",
        remedy: "fewer threads, or smaller caches, take less")
    }
    if isLarge(parts.returnable), parts.returnable == most {
      return HeapFinding(
        word: .heldBack,
        evidence: "\(bytes: parts.returnable) of \(whole) are whole free pages, which the allocator holds back",
        remedy: releaseRemedy)
    }
    if isLarge(parts.kept), parts.kept == most {
      return HeapFinding(
        word: .kept,
        evidence: "\(bytes: parts.kept) of \(whole) are whole free pages, which the allocator keeps for later",
        remedy: keptRemedy)
    }
    if isLarge(parts.pinned) {
      return HeapFinding(
        word: .fragmentation,
        evidence: "\(bytes: parts.pinned) of \(whole) are free, in pages that blocks in use hold",
        remedy: "no call gives them back before the blocks there are freed: a restart does")
    }
    if Double(mapped) >= Double(sum) * 0.5 {
      return HeapFinding(
        word: .largeBlocks,
        evidence: "\(bytes: mapped) of \(whole) are large blocks in use, with mappings of their own", remedy: nil)
    }
    return HeapFinding(word: .used, evidence: "\(bytes: parts.used) of \(whole) are blocks in use", remedy: nil)
  }

  /// The call that makes the allocator give back what it can; nil where none is known.
  public var releaseCall: String? {
    switch allocator.name {
    case "glibc": "malloc_trim(0)"
    case "jemalloc": "arena.<i>.purge"
    case "tcmalloc": "ReleaseFreeMemory"
    case "mimalloc": "mi_collect(true)"
    default: nil
    }
  }

  /// The settings of the allocator that decide how much it keeps, as far as they can be read.
  public var settings: [Phrase] {
    var settings: [Phrase] = []
    if let arenas = facts["arenas"], arenas > 0 {
      let most: Phrase =
        facts["arena_max"].map { $0 == 0 ? ", M_ARENA_MAX not set" : ", M_ARENA_MAX \(count: $0)" } ?? ""
      settings.append("\(count: arenas, "arena")\(most)")
    }
    if let threshold = facts["trim_threshold"] { settings.append("M_TRIM_THRESHOLD \(bytes: threshold)") }
    if let threshold = facts["mmap_threshold"] { settings.append("M_MMAP_THRESHOLD \(bytes: threshold)") }
    return settings + environment
  }

  /// What becomes of the pages that the allocator keeps; nil where nothing more is known.
  private var keptRemedy: Phrase? {
    switch allocator.name {
    case "zend": "PHP uses them again, and gives back most of its chunks when a request ends"
    case "pymalloc": "Python uses them again, and gives back an arena in which no object is left"
    default: nil
    }
  }

  /// What makes the allocator give back what it holds.
  private var releaseRemedy: Phrase? {
    switch allocator.name {
    case "glibc": "malloc_trim(0) gives it back now, and a lower M_TRIM_THRESHOLD earlier"
    case "jemalloc": "arena.<i>.purge gives it back now, and lower dirty_decay_ms and muzzy_decay_ms earlier"
    case "tcmalloc": "ReleaseFreeMemory gives it back now"
    case "mimalloc": "mi_collect(true) gives back what the calling thread has of it"
    default: nil
    }
  }
}
