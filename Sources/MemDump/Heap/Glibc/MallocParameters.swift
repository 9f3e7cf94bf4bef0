/// The state of glibc's malloc for the whole process (`struct malloc_par mp_`, malloc/malloc.c), as a walk needs it.
struct MallocParameters: Hashable, Sendable {
  /// The address where the memory of the main arena begins (`sbrk_base`).
  var start: Address
  /// The number of chunks with a mapping of their own (`n_mmaps`).
  var mappedCount: UInt64
  /// The size of the mapped chunks together, in bytes (`mmapped_mem`).
  var mappedByteCount: UInt64

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
        let counts = try counts(before: address, &words)
      else { continue }
      guard counts.now <= counts.most, (counts.now == 0) == (byteCount == 0),
        (counts.most == 0) == (mostByteCount == 0),
        byteCount <= mostByteCount, byteCount & (pageSize - 1) == 0, mostByteCount & (pageSize - 1) == 0
      else { continue }
      found = MallocParameters(start: Address(word), mappedCount: counts.now, mappedByteCount: byteCount)
    }
    return found
  }

  /// The number of mapped chunks now and at most, from three numbers of 32 bits with the limit in the middle.
  private static func counts(
    before address: Address, _ words: inout WordCache
  ) throws(MemDumpError) -> (now: UInt64, most: UInt64)? {
    guard let first = try words.word(at: address - 40), let second = try words.word(at: address - 32),
      let third = try words.word(at: address - 24)
    else { return nil }
    let low: UInt64 = 0xffff_ffff
    // From glibc 2.35 on a number stands before them.
    if second & low == standardLimit { return (first >> 32, second >> 32) }
    if second >> 32 == standardLimit { return (second & low, third & low) }
    return nil
  }
}
