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

  /// Finds them by `sbrk_base`, the word that leads to the start of the mapping that holds the top of the main arena, or
  /// little behind it, with sensible counts before it.
  static func find(
    near arena: Arena, start range: Range<Address>, _ words: inout WordReader
  ) throws(MemDumpError) -> MallocParameters? {
    let first = arena.address - min(reach, arena.address.rawValue)
    var found: MallocParameters?
    for address in stride(from: first.rawValue, to: (arena.address + reach).rawValue, by: 8).map({ Address($0) }) {
      guard let word = try words.word(at: address), range.contains(Address(word)), Address(word) <= arena.top,
        word & 15 == 0, found.map({ word < $0.start.rawValue }) ?? true,
        let counts = try words.word(at: address - 32), let mostCounts = try words.word(at: address - 24),
        let byteCount = try words.word(at: address - 16), let mostByteCount = try words.word(at: address - 8)
      else { continue }
      let (count, most) = (counts & 0xffff_ffff, mostCounts & 0xffff_ffff)
      guard count <= most, counts >> 32 != 0 || count == 0, byteCount <= mostByteCount, byteCount & (pageSize - 1) == 0,
        (count == 0) == (byteCount == 0), mostByteCount & (pageSize - 1) == 0, (most == 0) == (mostByteCount == 0)
      else { continue }
      found = MallocParameters(start: Address(word), mappedCount: count, mappedByteCount: byteCount)
    }
    return found
  }
}
