/// How many objects of each class of sizes a Go program has ever handed out and freed, by the runtime's own count
/// (`runtime.memstats.heapStats`, src/runtime/mstats.go): three parts that are added up.
///
/// They are found by what they have to come to: of every class, what was handed out less what was freed is what is in use.
struct GoCounts: Sendable {
  /// Where the first of the parts has the counts of what was handed out, and the distance from one part to the next, in words.
  private let (place, stride): (Address, UInt64)

  /// The number of classes, the first of which is that of large objects.
  static let classCount = 68
  private static let partCount: UInt64 = 3
  /// Between the two counts: bytes and number of the large objects that were freed.
  private static let freedDistance: UInt64 = 70
  /// Before and behind the counts, a part has some ten numbers more.
  private static let strides: ClosedRange<UInt64> = 142...156
  /// The words of variables that are looked at in one piece, and in all.
  private static let (pieceCount, mostWords) = (1 << 15, 1 << 23)
  /// The fewest classes of which objects were handed out: any program has that many before it begins.
  private static let fewestClasses = 8

  /// What is in use of a class: by the counts of spans, and how much of it may not be counted yet.
  private struct Use {
    var count: UInt64 = 0
    var uncounted: UInt64 = 0

    /// How far the counts may be off, since the program goes on while the spans are read; of a class of which nothing is in use,
    /// not at all.
    var tolerance: UInt64 { count == 0 ? uncounted : uncounted &+ count / 16 &+ 32 }
  }

  /// Finds the counts; nil where none agree with the spans.
  init?(of spans: [GoSpan], in image: GoImage, _ words: inout WordCache) throws(MemDumpError) {
    var uses = [Use](repeating: Use(), count: Self.classCount)
    for span in spans where span.sizeClass > 0 && span.sizeClass < Self.classCount {
      uses[span.sizeClass].count &+= span.usedCount
      if span.isCached { uses[span.sizeClass].uncounted &+= span.elementCount }
    }
    let large = spans.filter { $0.sizeClass == 0 }.reduce(0) { $0 &+ $1.range.byteCount }
    // Those first that tell most.
    let classes = uses.indices.dropFirst().sorted { uses[$0].count > uses[$1].count }
    guard let first = classes.first, uses[first].count > 2 &* uses[first].tolerance else { return nil }
    let length = Int(Self.strides.upperBound * Self.partCount)
    var left = Self.mostWords
    for range in image.variables {
      var start = range.lowerBound.alignedUp(to: 8)
      while start < range.upperBound, left > 0 {
        let byteCount = min(range.upperBound - start, UInt64((Self.pieceCount + length) * 8))
        let numbers = try words.bytes(at: start, count: Int(byteCount)).words
        left -= min(numbers.count, Self.pieceCount)
        for first in 2..<max(2, min(Self.pieceCount, numbers.count - length)) {
          guard let stride = Self.stride(numbers, first, classes, uses, large) else { continue }
          (place, self.stride) = (start + UInt64(first) * 8, stride)
          return
        }
        start = start + UInt64(Self.pieceCount * 8)
      }
    }
    return nil
  }

  /// The distance of the parts, where the counts begin at a word; nil where they do not.
  ///
  /// - Parameters:
  ///   - classes: the classes, those first that tell most.
  ///   - large: the bytes of large objects in use. Two words before the counts stand the bytes of all that were handed out.
  private static func stride(
    _ numbers: [UInt64], _ first: Int, _ classes: [Int], _ uses: [Use], _ large: UInt64
  ) -> UInt64? {
    strides.first { stride in
      func sums(_ place: Int) -> (allocated: UInt64, freed: UInt64) {
        (0..<Int(partCount)).reduce((0, 0)) { sum, part in
          let place = first + place + part * Int(stride)
          return (sum.0 &+ numbers[place], sum.1 &+ numbers[place + Int(freedDistance)])
        }
      }
      var usedCount = 0
      for number in classes {
        let (allocated, freed) = sums(number)
        guard isNear(allocated &- freed, uses[number].count, uses[number].tolerance) else { return false }
        usedCount += allocated > 0 ? 1 : 0
      }
      let (allocated, freed) = sums(-2)
      return usedCount >= fewestClasses && isNear(allocated &- freed, large, large / 8 &+ 1 << 20)
    }
  }

  private static func isNear(_ number: UInt64, _ other: UInt64, _ distance: UInt64) -> Bool {
    (number > other ? number &- other : other &- number) <= distance
  }

  /// How many objects of each class were handed out until now; nil where the counts are not known any more. What processors have
  /// handed out of the spans that are with them may not be counted yet.
  func allocated(_ words: inout WordCache) throws(MemDumpError) -> [UInt64]? {
    var counts = [UInt64](repeating: 0, count: Self.classCount)
    for part in 0..<Self.partCount {
      for number in counts.indices {
        guard let word = try words.word(at: place + (part * stride + UInt64(number)) * 8) else { return nil }
        counts[number] &+= word
      }
    }
    return counts
  }
}

extension [UInt8] {
  /// The words that bytes are, low byte first.
  fileprivate var words: [UInt64] {
    (0..<count / 8).map { place in
      (0..<8).reduce(0) { $0 | UInt64(self[place * 8 + $1]) << ($1 * 8) }
    }
  }
}
