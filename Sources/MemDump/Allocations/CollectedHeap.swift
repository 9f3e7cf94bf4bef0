/// The heap of a Go program whose allocations are watched: what its collections leave, and how much it hands out.
final class CollectedHeap {
  /// The frames of the program.
  let frames: GoFrames
  private let target: TargetProcess
  private let map: GoSpanMap
  private let counts: GoCounts?
  private var before: [UInt64]?
  private var source: LiveMemory
  private var words: WordCache
  private var collection: UInt32
  private var objects = CollectedObjects()
  /// The classes of sizes in the runtime's count, by what an object takes.
  private var classes: [UInt64: Int] = [:]

  /// How many times spans are looked for that agree with each other: the program goes on meanwhile.
  private static let tries = 4

  /// Finds the heap; nil where the process has none of Go.
  ///
  /// - Parameter isRefused: is set where there is one, and how it goes on cannot be followed.
  init?(_ target: TargetProcess, isRefused: inout Bool, _ control: WorkControl) throws(MemDumpError) {
    let source = try LiveMemory(target)
    guard let image = GoImage(of: source), let frames = try GoFrames(source, process: target) else { return nil }
    var (map, counts): (GoSpanMap?, GoCounts?) = (nil, nil)
    for _ in 0..<Self.tries where map == nil || counts == nil {
      guard case .found(let spans) = try GoSpans.find(in: source, control) else { continue }
      var words = try WordCache(source, .walk)
      map = spans.map ?? map
      counts = try GoCounts(of: spans.heap, in: image, &words) ?? counts
    }
    var words = try WordCache(source, .jumps)
    guard let map, let collection = try map.generation(&words) else {
      isRefused = true
      return nil
    }
    (self.frames, self.target, self.map, self.counts, self.source) = (frames, target, map, counts, source)
    self.collection = collection
    self.words = words
  }

  /// The number of the last collection; nil where it is not known any more.
  func lastCollection() throws(MemDumpError) -> UInt32? {
    words.forget()
    return try map.generation(&words)
  }

  /// Has the watch begin now: what the program hands out counts from here on.
  func begin() throws(MemDumpError) {
    words.forget()
    before = try counts?.allocated(&words)
  }

  /// Notes an object that was handed out.
  ///
  /// - Parameters:
  ///   - path: the number of the path that it was handed out by, made where it is one; nil for one that is not kept.
  ///   - collection: the number of the last collection.
  func add(
    _ block: Address, born collection: UInt32, path: (_ footprint: UInt64) throws(MemDumpError) -> Int?
  ) throws(MemDumpError) {
    guard let span = try map.span(holding: block, &words), try span.survived(block, &words) != nil,
      let number = try path(span.elementByteCount)
    else { return }
    if span.sizeClass < GoCounts.classCount { classes[span.elementByteCount] = span.sizeClass }
    objects.add(block, .init(path: number, footprint: span.elementByteCount), born: collection)
  }

  /// Asks of the objects so far whether the last collection has left them.
  func ask() throws(MemDumpError) {
    guard let now = try lastCollection() else { return }
    if now != collection {
      // The heap may have grown beyond the map that is known.
      source = try LiveMemory(target, regions: target.regions(usage: false))
      words = try WordCache(source, .jumps)
      collection = now
    }
    try objects.ask(now) { (block, footprint) throws(MemDumpError) in
      guard let span = try map.span(holding: block, &words), span.elementByteCount == footprint else { return .dead }
      guard span.isSwept(by: now) else { return .unswept }
      return try span.survived(block, &words) == true ? .reached : .dead
    }
  }

  /// The objects that stay, and those of which that is not known.
  var staying: [(block: Address, origin: CollectedObjects.Origin)] { objects.staying }
  var unknown: [CollectedObjects.Origin: Int] { objects.unknown }

  /// How many objects of each size the program has handed out since the watch began, by its own count; none where that is not known.
  func allocatedCounts() throws(MemDumpError) -> [UInt64: UInt64] {
    words.forget()
    guard let before, let now = try counts?.allocated(&words) else { return [:] }
    return classes.filter { $1 > 0 }.mapValues { now[$0] > before[$0] ? now[$0] &- before[$0] : 0 }
  }

  /// Whether objects of a size have counts of their own: those of large ones have one together.
  func isCounted(_ footprint: UInt64) -> Bool { classes[footprint] != 0 }
}
