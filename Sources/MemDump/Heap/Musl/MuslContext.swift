/// The variables of mallocng (`struct malloc_context`, src/malloc/mallocng/meta.h).
///
/// They begin with a secret of the process, and lead to the first and to the last of its meta areas, pages that begin with the
/// secret: by that they are known.
struct MuslContext: Hashable, Sendable {
  /// The address of the variables.
  var address: Address
  /// The secret, with which each meta area begins.
  var secret: UInt64
  /// The first and the last meta area.
  var (first, last): (Address, Address)
  /// The address of the counts of slots of each size (`usage_by_class`).
  var counts: Address

  /// The distances of `meta_area_head` from the secret: one word more where the size of a page is a variable.
  private static let distances: [UInt64] = [56, 64]

  /// Finds the variables in the data of a module; nil where there are none.
  static func find(_ memory: AnonymousMemory, _ words: inout WordCache) throws(MemDumpError) -> MuslContext? {
    var found: MuslContext?
    try memory.forEachVariable(&words) { (word, address, range, words) throws(MemDumpError) in
      guard word & 4095 == 0 else { return true }
      for distance in distances where address - range.lowerBound >= distance {
        guard let secret = try words.word(at: address - distance), secret > 0xffff_ffff,
          let last = try words.word(at: address + 8), last & 4095 == 0,
          try words.word(at: Address(word)) == secret, try words.word(at: Address(last)) == secret
        else { continue }
        // Behind `avail_meta_areas` follow the 48 groups in work, and the counts.
        found = MuslContext(
          address: address - distance, secret: secret, first: Address(word), last: Address(last),
          counts: address + (24 + 8 * MuslGroup.classCount))
      }
      return found == nil
    }
    return found
  }

  /// The meta areas, in order of the chain, and whether it leads to the last one.
  func areas(_ words: inout WordCache) throws(MemDumpError) -> (areas: [Address], isWhole: Bool) {
    var areas: [Address] = []
    var seen: Set<UInt64> = []
    var next = first.rawValue
    while next & 4095 == 0, seen.insert(next).inserted, try words.word(at: Address(next)) == secret {
      areas.append(Address(next))
      guard Address(next) != last, let following = try words.word(at: Address(next) + 8) else { break }
      next = following
    }
    return (areas, areas.last == last)
  }

  /// The number of slots of a size by the count of malloc itself.
  func slotCount(ofClass number: UInt64, _ words: inout WordCache) throws(MemDumpError) -> UInt64? {
    try words.word(at: counts + 8 * number)
  }
}
