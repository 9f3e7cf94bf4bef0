/// What glibc's malloc keeps in front of an allocation: its size, and in front of the next one, whether this one is in use.
///
/// A chunk begins 16 bytes before what malloc returned: the size of the one before if that is free, then its own size, whose
/// three low bits are flags (malloc/malloc.c, `struct malloc_chunk`).
enum MallocHeader {
  /// What it says of an allocation.
  enum State {
    case used
    case freed
    /// There is no header of glibc, or it does not fit.
    case unknown
  }

  private static let (previousIsUsed, isMapped): (UInt64, UInt64) = (1, 2)

  /// Whether the allocation of `byteCount` bytes at an address is in use.
  static func state(
    of address: Address, byteCount: UInt64, in memory: inout WordCache
  ) throws(MemDumpError) -> State {
    guard let header = try memory.word(at: address - 8) else { return .unknown }
    let chunk = header & ~7
    if header & isMapped != 0 {
      return (byteCount + 16..<byteCount + 16 + pageSize).contains(chunk) ? .used : .unknown
    }
    // Rounded to 16; the rest of what was split is given along where it would be too small for a chunk of its own.
    let needed = (byteCount + 8 + 15) & ~15
    guard chunk == needed || chunk == needed + 16 else { return .unknown }
    guard let next = try memory.word(at: address + chunk - 8) else { return .used }
    return next & previousIsUsed != 0 ? .used : .freed
  }
}
