/// A table of PHP (`HashTable`): an array of the program, or one in which PHP has its classes, functions and variables.
struct PHPTable: Sendable {
  /// A key.
  enum Key: Hashable, Sendable {
    case number(UInt64)
    /// A string, by its address.
    case text(Address)
  }

  /// Where the elements are, and how many places there are up to the last one.
  let (elements, usedCount): (Address, UInt64)
  /// The number of elements, and of places that there is room for.
  let (count, size): (UInt64, UInt64)
  /// Whether the keys are the numbers from 0 on, which do not stand in it from PHP 8.2 on.
  let isPacked: Bool

  /// The most elements that are believed.
  private static let mostElements: UInt64 = 1 << 27
  /// The bytes of an element with a key.
  static let bucketByteCount: UInt64 = 32

  /// The table at an address; nil where there is none.
  init?(at place: Address, _ words: inout WordCache) throws(MemDumpError) {
    guard try PHPLayout.kind(at: place, &words) == .array, let bits = try words.word(at: place + 8),
      let elements = try words.word(at: place + 16), let counts = try words.word(at: place + 24),
      let size = try words.word(at: place + 32)
    else { return nil }
    (self.elements, self.size) = (Address(elements), size & 0xffff_ffff)
    (usedCount, count) = (counts & 0xffff_ffff, counts >> 32)
    isPacked = bits & 4 != 0
    // A negative power of two.
    let mask = 0 &- UInt32(truncatingIfNeeded: bits >> 32)
    guard elements & 7 == 0, elements >> 16 != 0, elements >> 47 == 0, count <= usedCount, usedCount <= self.size,
      self.size <= Self.mostElements, mask != 0, mask & (mask - 1) == 0
    else { return nil }
  }

  /// Hands out where the value of each element is, its type, and its key, until `body` says false, or the words have no steps left.
  ///
  /// - Parameter packedByteCount: the bytes of an element without a key.
  func forEach(
    packedByteCount: UInt64, _ words: inout WordCache,
    _ body: (Address, UInt64, Key, inout WordCache) throws(MemDumpError) -> Bool
  ) throws(MemDumpError) {
    let each = isPacked ? packedByteCount : Self.bucketByteCount
    for number in 0..<usedCount {
      let place = elements + number * each
      guard words.step(), let type = try words.word(at: place + 8) else { return }
      if type & 0xff == 0 { continue }
      var key = Key.number(number)
      if !isPacked {
        guard let text = try words.word(at: place + 24) else { return }
        if text != 0 { key = .text(Address(text)) }
      }
      guard try body(place, type & 0xff, key, &words) else { return }
    }
  }

  /// The first texts among the keys.
  func keys(_ limit: Int, _ words: inout WordCache) throws(MemDumpError) -> [[UInt8]] {
    var keys: [[UInt8]] = []
    var left = limit
    if isPacked { return [] }
    try forEach(packedByteCount: Self.bucketByteCount, &words) { (_, _, key, words) throws(MemDumpError) in
      if case .text(let place) = key, let text = try PHPLayout.text(at: place, &words) { keys.append(text) }
      left -= 1
      return left > 0
    }
    return keys
  }
}
