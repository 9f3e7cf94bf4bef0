/// The slices of pointers in the variables of a Go program that may be lists of the runtime: `runtime.allgs`, of every
/// goroutine there ever was, and `runtime.mheap_.allspans`, of every span of memory.
struct GoSlices: Sendable {
  /// A slice: where its elements are, and how many.
  struct Slice: Hashable, Sendable {
    /// Where the variable is.
    var place: Address
    var start: Address
    var count: UInt64
  }

  /// The slices, the longest first.
  let all: [Slice]

  /// The most elements of a slice, and the most slices that are kept.
  private static let (mostElements, mostSlices): (UInt64, Int) = (1 << 26, 1 << 16)

  init(in image: GoImage, _ words: inout WordCache) throws(MemDumpError) {
    var found: [Slice] = []
    try GoImage.forEachWord(in: image.variables, &words) { (place, start, count, room) throws(MemDumpError) in
      if count > 0, count <= room, room <= Self.mostElements, start > 1 << 16, start < 1 << 47, start & 7 == 0,
        image.holds(Range(start: Address(start), byteCount: count * 8))
      {
        found.append(Slice(place: place, start: Address(start), count: count))
      }
      return found.count < Self.mostSlices
    }
    all = found.sorted { ($1.count, $0.start) < ($0.count, $1.start) }
  }

  /// Numbers of elements of a slice, spread over it evenly: all of a short one.
  static func sample(of slice: Slice, _ wanted: UInt64) -> [UInt64] {
    guard slice.count > wanted else { return Array(0..<slice.count) }
    return (0..<wanted).map { $0 * (slice.count - 1) / (wanted - 1) }
  }

  /// The elements of a slice with some numbers; nil where one of them is no pointer to where something of the runtime can lie.
  static func elements(
    _ numbers: [UInt64], of slice: Slice, in image: GoImage, _ words: inout WordCache
  ) throws(MemDumpError) -> [UInt64]? {
    var elements: [UInt64] = []
    for number in numbers {
      guard let element = try words.word(at: slice.start + number * 8), element > 1 << 12, image.canHold(element) else {
        return nil
      }
      elements.append(element)
    }
    return elements
  }
}
