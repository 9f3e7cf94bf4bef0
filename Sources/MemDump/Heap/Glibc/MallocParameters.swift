/// The state of glibc's malloc for the whole process (`struct malloc_par mp_`, malloc/malloc.c), as a walk needs it.
struct MallocParameters: Hashable, Sendable {
  /// The address where the memory of the main arena begins (`sbrk_base`).
  var start: Address
  /// The number of chunks with a mapping of their own (`n_mmaps`).
  var mappedCount: UInt64
  /// The size of the mapped chunks together, in bytes (`mmapped_mem`).
  var mappedByteCount: UInt64
  /// What was set, or has become of it.
  var settings: Settings

  /// What decides how much malloc keeps; see mallopt(3).
  struct Settings: Hashable, Sendable {
    /// How much may be free at the top of the main arena before it is given back, in bytes (M_TRIM_THRESHOLD).
    var trimThreshold: UInt64
    /// From what size on a chunk gets a mapping of its own, in bytes (M_MMAP_THRESHOLD).
    var mapThreshold: UInt64
    /// The most arenas (M_ARENA_MAX); 0 where that goes by the number of processors.
    var mostArenas: UInt64
  }

  /// The largest distance from the main arena, in bytes: both are in the data of the C library.
  private static let reach: UInt64 = 1 << 16

  /// The number of mapped chunks that malloc allows by default (M_MMAP_MAX).
  private static let standardLimit: UInt64 = 65536

  /// Finds the parameters by `sbrk_base`, the word that leads to the start of the mapping that holds the top of the
  /// main arena, or little behind that start, with sensible counts before the word.
  static func find(
    near arena: Arena, start range: Range<Address>, _ words: inout WordCache
  ) throws(MemDumpError) -> MallocParameters? {
    let first = arena.address - min(reach, arena.address.rawValue)
    var found: MallocParameters?
    for address in stride(from: first.rawValue, to: (arena.address + reach).rawValue, by: 8).map({ Address($0) }) {
      guard let word = try words.word(at: address), range.contains(Address(word)), Address(word) <= arena.top,
        word & 15 == 0, found.map({ word < $0.start.rawValue }) ?? true,
        let byteCount = try words.word(at: address - 16), let mostByteCount = try words.word(at: address - 8),
        let (counts, settings) = try counts(before: address, arena.layout, &words)
      else { continue }
      guard counts.now <= counts.most, (counts.now == 0) == (byteCount == 0),
        (counts.most == 0) == (mostByteCount == 0),
        byteCount <= mostByteCount, byteCount & (pageSize - 1) == 0, mostByteCount & (pageSize - 1) == 0
      else { continue }
      found = MallocParameters(
        start: Address(word), mappedCount: counts.now, mappedByteCount: byteCount, settings: settings)
    }
    return found
  }

  /// The number of mapped chunks now and at most, from three numbers of 32 bits with the limit in the middle, and the
  /// settings that stand before them.
  private static func counts(
    before address: Address, _ layout: Arena.Layout, _ words: inout WordCache
  ) throws(MemDumpError) -> (counts: (now: UInt64, most: UInt64), settings: Settings)? {
    guard let first = try words.word(at: address - 40), let second = try words.word(at: address - 32),
      let third = try words.word(at: address - 24)
    else { return nil }
    let low: UInt64 = 0xffff_ffff
    // From glibc 2.35 on a number stands before them, and with it the sizes of huge pages; from 2.43 on a mode of these, too.
    if second & low == standardLimit {
      let last = address - (layout == .withFastbins ? 64 : 72)
      return ((first >> 32, second >> 32), try settings(before: last, &words))
    }
    if second >> 32 == standardLimit {
      return ((second & low, third & low), try settings(before: address - 40, &words))
    }
    return nil
  }

  /// The settings, the last of which stands at an address: `trim_threshold`, `top_pad`, `mmap_threshold`, `arena_test`,
  /// `arena_max`.
  private static func settings(before last: Address, _ words: inout WordCache) throws(MemDumpError) -> Settings {
    Settings(
      trimThreshold: try words.word(at: last - 32) ?? 0, mapThreshold: try words.word(at: last - 16) ?? 0,
      mostArenas: try words.word(at: last) ?? 0)
  }
}
