/// What glibc's malloc keeps of the whole process (`struct malloc_par mp_`, malloc/malloc.c), as far as a walk needs it.
struct MallocParameters: Hashable, Sendable {
  /// Where the memory of the main arena begins.
  var start: Address
  /// How many chunks have a mapping of their own.
  var mappedCount: UInt64
  /// How many bytes these span.
  var mappedByteCount: UInt64

  /// How far from the main arena it can be: both are in the data of the C library.
  private static let reach: UInt64 = 1 << 16

  /// How many mapped chunks malloc allows (M_MMAP_MAX), unless told otherwise.
  private static let standardLimit: UInt64 = 65536

  /// Finds them by `sbrk_base`, the word that leads to the start of the mapping that holds the top of the main arena, or
  /// little behind it, with sensible counts before it.
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

  /// How many mapped chunks there are and were at most, by three numbers of 32 bits, the limit of them in the middle.
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
