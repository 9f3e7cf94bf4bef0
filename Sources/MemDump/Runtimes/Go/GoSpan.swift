/// A span of Go's heap (`runtime.mspan`): pages that are cut into elements of one size, or that hold one large object.
struct GoSpan: Sendable {
  /// What a span is used for.
  enum Use: UInt8, Sendable {
    case none = 0
    /// Objects of the heap.
    case heap = 1
    /// Stacks of goroutines, for the most part.
    case manual = 2
  }

  /// The address of its description.
  var address: Address
  /// The memory of the span.
  var range: Range<Address>
  /// The size of an element, in bytes.
  var elementByteCount: UInt64
  /// The number of elements, and of those of them in use by the span's own count.
  var (elementCount, usedCount): (UInt64, UInt64)
  /// All elements before this one are in use; behind it, those whose bit is set.
  var firstFree: UInt64
  /// Where the bits are.
  var bits: UInt64
  var use: Use
  /// The number of the collection that swept the span last, in the runtime's own count, which goes up by 2: one more where the
  /// span was with a processor before that collection, and still has to be swept, and three more where it is with one since.
  var generation: UInt32
  /// The class of sizes in the runtime's own count; 0 of a span with one large object.
  var sizeClass = 0

  /// Whether the span is with a processor, which hands out its elements without telling.
  var isCached: Bool { generation % 2 == 1 }

  /// Whether a collection has swept the span, or it was made since, by the number of that collection.
  func isSwept(by collection: UInt32) -> Bool { generation == collection || generation == collection &+ 3 }

  /// Whether an element survived the collection that swept the span last; nil where there is no element there, or its bit is not
  /// known. What was handed out since has no bit.
  func survived(_ element: Address, _ words: inout WordCache) throws(MemDumpError) -> Bool? {
    guard use == .heap, range.contains(element), elementByteCount > 0 else { return nil }
    let (number, rest) = (element - range.lowerBound).quotientAndRemainder(dividingBy: elementByteCount)
    guard rest == 0, number < elementCount else { return nil }
    return try words.word(at: Address(bits) + number / 64 * 8).map { $0 >> (number % 64) & 1 == 1 }
  }

  /// The most elements of a span: a page of the heap (8 KiB) has 1,024 of the smallest.
  static let mostElements: UInt64 = 8192

  /// Whether each element is in use, as 64 in a word. Nil where bits are not known.
  ///
  /// - Parameter survivors: whether only those count that were there when a collector last swept the span, and not those that
  ///   were handed out since.
  func usedBits(_ words: inout WordCache, survivors: Bool = false) throws(MemDumpError) -> [UInt64]? {
    let firstFree = survivors ? 0 : firstFree
    let wordCount = Int((elementCount + 63) / 64)
    var used = [UInt64](repeating: 0, count: wordCount)
    for place in 0..<wordCount {
      let first = UInt64(place) * 64
      if first + 64 <= firstFree {
        used[place] = .max
      } else {
        guard let bits = try words.word(at: Address(bits) + UInt64(place) * 8) else { return nil }
        used[place] = firstFree > first ? bits | (1 << (firstFree - first) - 1) : bits
      }
      let left = elementCount - first
      if left < 64 { used[place] &= 1 << left - 1 }
    }
    return used
  }
}

/// Where the members of a span are, in words from its start on. They differ from version to version, and are found by a vote of
/// the spans themselves.
struct GoSpanLayout: Hashable, Sendable {
  /// The end of the elements. Before it stand the size of an element, and before that the counts.
  var limit: Int
  /// The bits that tell which elements are in use.
  var bits: Int
  /// Whether the numbers of elements are of 16 bits (Go 1.22 and later).
  var isPacked: Bool

  /// The number of words that are read of each span, and the places of the first page and of the number of pages.
  static let (wordCount, start, pageCount): (Int, Int, Int) = (24, 3, 4)
  /// The number of words that are surely of a span, and are zero in one that was never used.
  private static let unusedWordCount = 12
  /// The place of the number of the first element that may be free.
  static let firstFree = 6
  static let pageByteCount: UInt64 = 8192
  private static let mostPages: UInt64 = 1 << 24
  private static let voterCount: UInt64 = 512

  /// Whether words can be those of a span, in use or not.
  static func isSpan(_ words: [UInt64]) -> Bool {
    guard words.count == wordCount else { return false }
    return words[start] > 0 && words[start] % pageByteCount == 0 && words[start] < 1 << 47 && words[pageCount] > 0
      && words[pageCount] < mostPages
  }

  /// The words of a span; fewer where they are not known.
  static func read(_ address: UInt64, _ words: inout WordCache) throws(MemDumpError) -> [UInt64] {
    var read: [UInt64] = []
    read.reserveCapacity(wordCount)
    for number in 0..<UInt64(wordCount) {
      guard let word = try words.word(at: Address(address) + number * 8) else {
        if number >= 16 { read += Array(repeating: 0, count: wordCount - Int(number)) }
        break
      }
      read.append(word)
    }
    return read
  }

  /// The list of all spans; nil where no slice is of spans.
  static func list(
    _ slices: GoSlices, in image: GoImage, _ words: inout WordCache
  ) throws(MemDumpError) -> GoSlices.Slice? {
    for slice in slices.all where slice.count >= 8 {
      let numbers = GoSlices.sample(of: slice, 64)
      guard let elements = try GoSlices.elements(numbers, of: slice, in: image, &words),
        Set(elements).count == elements.count
      else { continue }
      var (agreed, starts): (Int, Set<UInt64>) = (0, [])
      for element in elements {
        let read = try read(element, &words)
        // Spans are made in advance, and are zero until they are used.
        if read.count == wordCount, read.prefix(unusedWordCount).allSatisfy({ $0 == 0 }) {
          agreed += 1
        } else if isSpan(read) {
          agreed += 1
          starts.insert(read[start])
        }
      }
      if agreed * 100 >= elements.count * 99, starts.count >= 4 { return slice }
    }
    return nil
  }

  /// Finds the places of members by a vote; nil, with the share that agreed with the best, where fewer than 99 % agree.
  static func vote(
    _ slice: GoSlices.Slice, in image: GoImage, _ words: inout WordCache
  ) throws(MemDumpError) -> (layout: GoSpanLayout?, agreed: Double) {
    var voters: [[UInt64]] = []
    for number in GoSlices.sample(of: slice, voterCount) {
      guard let element = try words.word(at: slice.start + number * 8), image.canHold(element) else { continue }
      let read = try read(element, &words)
      if isSpan(read) { voters.append(read) }
    }
    var best = (limit: 0, share: 0.0, voters: [[UInt64]]())
    for limit in 8..<20 {
      let used = voters.filter { ($0[limit - 2] >> 24) & 0xff == UInt64(GoSpan.Use.heap.rawValue) }
      let agreed = used.count { words in
        let end = words[start] &+ words[pageCount] &* pageByteCount
        let size = words[limit - 1]
        return words[limit] > words[start] && words[limit] <= end && size >= 8 && size % 8 == 0
          && size <= words[pageCount] * pageByteCount
      }
      let share = used.count < 4 ? 0 : Double(agreed) / Double(used.count)
      if share > best.share || share == best.share && used.count > best.voters.count { best = (limit, share, used) }
    }
    guard best.share >= 0.99 else { return (nil, best.share) }
    var most = 0.0
    for isPacked in [false, true] {
      for bits in 7..<best.limit - 2 {
        let layout = GoSpanLayout(limit: best.limit, bits: bits, isPacked: isPacked)
        var agreed = 0
        for voter in best.voters { if try layout.agrees(voter, image, &words) { agreed += 1 } }
        let share = Double(agreed) / Double(best.voters.count)
        if share >= 0.99 { return (layout, share) }
        most = max(most, share)
      }
    }
    return (nil, most)
  }

  /// Whether a span's own count of elements in use is that of its bits.
  private func agrees(
    _ words: [UInt64], _ image: GoImage, _ memory: inout WordCache
  ) throws(MemDumpError) -> Bool {
    guard let span = span(words, at: Address(0)), image.canHold(span.bits), let used = try span.usedBits(&memory) else {
      return false
    }
    return used.reduce(0) { $0 + UInt64($1.nonzeroBitCount) } == span.usedCount
  }

  /// The span of the words at an address; nil where they do not agree with each other.
  func span(_ words: [UInt64], at address: Address) -> GoSpan? {
    guard Self.isSpan(words) else { return nil }
    let range = Range(start: Address(words[Self.start]), byteCount: words[Self.pageCount] * Self.pageByteCount)
    let counts = words[limit - 2]
    guard let use = GoSpan.Use(rawValue: UInt8(truncatingIfNeeded: counts >> 24)) else { return nil }
    var span = GoSpan(
      address: address, range: range, elementByteCount: 0, elementCount: 0, usedCount: 0, firstFree: 0, bits: 0,
      use: use,
      generation: UInt32(truncatingIfNeeded: words[limit - 3]))
    guard use == .heap else { return span }
    let numbers = words[Self.firstFree]
    let size = words[limit - 1]
    (span.elementByteCount, span.bits) = (size, words[bits])
    span.firstFree = isPacked ? numbers & 0xffff : numbers
    span.elementCount = isPacked ? (numbers >> 16) & 0xffff : words[Self.firstFree + 1]
    span.usedCount = counts & 0xffff
    // Behind the count: twice the class, and whether there are pointers in the elements.
    span.sizeClass = Int((counts >> 17) & 0x7f)
    guard size >= 8, size % 8 == 0, size <= range.byteCount, span.elementCount > 0,
      span.elementCount <= min(Self.elements(range.byteCount / size), GoSpan.mostElements),
      span.firstFree <= span.elementCount, span.usedCount <= span.elementCount
    else { return nil }
    return span
  }

  private static func elements(_ most: UInt64) -> UInt64 { max(1, most) }
}
