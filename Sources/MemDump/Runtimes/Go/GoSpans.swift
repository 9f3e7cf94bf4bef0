/// All spans of the heap of a Go program.
struct GoSpans: Sendable {
  /// What a search comes to.
  enum Result: Sendable {
    case none
    case refused(Phrase)
    case found(GoSpans)
  }

  /// The spans that hold objects, in the order of their addresses; no two overlap.
  private(set) var heap: [GoSpan] = []
  /// The bytes of the spans that hold stacks.
  private(set) var stackByteCount: UInt64 = 0
  /// Each of those spans, in order; they may overlap.
  private(set) var manual: [Range<Address>] = []
  /// The memory of those spans, in order.
  private(set) var stacks: [Range<Address>] = []
  /// The memory of the arenas that no span has, in order: the pages are free, and the scavenger gives them back in time.
  private(set) var free: [Range<Address>] = []
  /// The memory that the descriptions of spans take, with their bits, and those of arenas.
  private(set) var descriptions: [Range<Address>] = []
  /// The memory in which the runtime notes pointers that were overwritten, for its collector: they hold nothing.
  private(set) var writeBuffers: [Range<Address>] = []
  /// What goroutines hold blocks with, and what of it holds nothing.
  private(set) var goroutines = GoroutineStacks()
  /// The number of spans that are not what a span is, or that overlap others.
  private(set) var oddCount: UInt64 = 0
  /// The way from an address to its span as the program goes on; nil where it was not found.
  private(set) var map: GoSpanMap?

  /// The most spans that are kept: those of 128 GiB of the smallest.
  private static let mostSpans: UInt64 = 1 << 24

  /// Whether a variable of the program leads to what looks like the spans of Go.
  static func isThere(in source: any MemorySource) throws(MemDumpError) -> Bool {
    guard let image = GoImage(of: source) else { return false }
    var words = try WordCache(source, .walk)
    let slices = try GoSlices(in: image, &words)
    var jumps = try WordCache(source, .jumps)
    return try GoSpanLayout.list(slices, in: image, &jumps) != nil
  }

  /// Finds the spans.
  static func find(in source: any MemorySource, _ control: WorkControl) throws(MemDumpError) -> Result {
    guard let image = GoImage(of: source) else { return .none }
    var words = try WordCache(source, .walk)
    let slices = try GoSlices(in: image, &words)
    var pieces = try WordCache(source, WordCache.Shape(blockByteCount: 1 << 16, blockCount: 8))
    guard let slice = try GoSpanLayout.list(slices, in: image, &pieces) else { return .none }
    var (layout, agreed): (GoSpanLayout?, Double) = (nil, 0)
    // While it is read, a process that runs may have counted an element whose bit was not read yet.
    for _ in 0..<3 where layout == nil {
      (layout, agreed) = try GoSpanLayout.vote(slice, in: image, &pieces)
      pieces.forget()
    }
    guard let layout else {
      let share = GoroutineSearch.share(agreed)
      return .refused("the counts of Go's spans are not where they were found: \(text: share) agree, 99 % are expected")
    }
    var spans = try GoSpans(slice, layout, image, &words, &pieces, control)
    spans.writeBuffers = try GoWriteBuffers.find(slices, in: image, &pieces)
    let pointers = (source.registers ?? []).compactMap { $0.stackPointer?.rawValue }
    spans.goroutines = try GoroutineStacks(
      slices, in: image, spans: spans, pointers: pointers, &pieces, control)
    return .found(spans)
  }

  private init(
    _ slice: GoSlices.Slice, _ layout: GoSpanLayout, _ image: GoImage, _ variables: inout WordCache,
    _ words: inout WordCache, _ control: WorkControl
  ) throws(MemDumpError) {
    var found: [GoSpan] = []
    for number in 0..<min(slice.count, Self.mostSpans) where number % 4096 != 0 || !control.isStopped {
      guard let element = try words.word(at: slice.start + number * 8), image.canHold(element) else {
        oddCount += 1
        continue
      }
      let read = try GoSpanLayout.read(element, &words)
      descriptions.append(Range(start: Address(element), byteCount: UInt64(GoSpanLayout.wordCount) * 8))
      guard let span = layout.span(read, at: Address(element)), span.use != .heap || image.holds(span.range) else {
        // What is not in use may be anything.
        if (read.count > layout.limit ? read[layout.limit - 2] >> 24 & 0xff : 1) == 1 { oddCount += 1 }
        continue
      }
      switch span.use {
      case .heap:
        found.append(span)
        descriptions.append(Range(start: Address(span.bits), byteCount: (span.elementCount + 7) / 8))
      case .manual:
        stackByteCount &+= span.range.byteCount
        if image.holds(span.range) { manual.append(span.range) }
      case .none: break
      }
    }
    for span in found.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      if let last = heap.last, span.range.lowerBound < last.range.upperBound {
        oddCount += 1
      } else {
        heap.append(span)
      }
    }
    let arenaMap = try GoArenas(of: heap, in: image, &variables, &words)
    descriptions = (descriptions + arenaMap.ranges).union()
    let used = heap.map(\.range).union()
    manual.sort { $0.lowerBound < $1.lowerBound }
    stacks = manual.union().subtracting(used)
    let taken = (used + stacks).union()
    let arenas = taken.map { range in
      GoArenas.arena(of: range.lowerBound).lowerBound..<GoArenas.arena(of: range.upperBound - 1).upperBound
    }.union()
    free = image.writableParts(of: arenas).subtracting(taken)
    if let table = arenaMap.table {
      map = try GoSpanMap(layout, table, generation, before: slice.place, &variables)
    }
  }

  /// The memory of the element of the heap that an address is in, whether it is in use or not; nil for none.
  func element(holding address: Address) -> Range<Address>? {
    let index = heap.partitionIndex { $0.range.upperBound > address }
    guard index < heap.count, heap[index].range.contains(address), heap[index].elementByteCount > 0 else { return nil }
    let span = heap[index]
    let number = (address - span.range.lowerBound) / span.elementByteCount
    guard number < span.elementCount else { return nil }
    return Range(
      start: span.range.lowerBound + number * span.elementByteCount, byteCount: span.elementByteCount)
  }

  /// The number of the last collection whose spans were swept, as far as spans tell it: the largest even one.
  var generation: UInt32 { heap.lazy.map(\.generation).filter { $0 % 2 == 0 }.max() ?? 0 }

  /// Whether a collection has run, and swept all spans, so that each tells what survived one.
  var isCollected: Bool { generation > 2 || generation == 2 && unswept.count == 0 }

  /// The spans that a collector has not swept yet: what it found dead in them still counts as in use.
  var unswept: (count: UInt64, byteCount: UInt64) {
    let last = generation
    return heap.reduce((0, 0)) { sum, span in
      span.generation &+ 2 == last || span.generation &+ 1 == last
        ? (sum.0 + 1, sum.1 + span.range.byteCount) : sum
    }
  }
}
