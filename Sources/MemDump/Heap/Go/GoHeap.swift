/// The heap of Go (1.16 and later): spans of pages, each cut into elements of one size, with bits that tell which are in use.
///
/// What counts as in use is what `runtime.MemStats` counts: objects that the program cannot reach any more are among it until a
/// collector has found and swept them.
struct GoHeap: Allocator {
  /// Whether only those objects count that a collector left when it last swept their span. What was handed out since may be
  /// garbage, of which there is now more and now less, so that it tells nothing of growth.
  var countsSurvivors = false

  let name = "go"
  let title = "Go"
  let isWalked = true
  let isCollected = true
  let granularity: UInt64 = 8
  /// The runtime puts that text before the build information of a program.
  let signs = AllocatorSigns(texts: [" Go buildinf:"])
  let factNames: [AllocatorFact.Name] = ["go_spans", "go_unswept_spans", "go_stack_bytes"]
  let settingPrefixes = ["GOGC", "GOMEMLIMIT", "GODEBUG"]

  func recognise(in source: any MemorySource, sign: String?) throws(MemDumpError) -> AllocatorRecognition? {
    guard try GoSpans.isThere(in: source) else { return nil }
    return AllocatorRecognition(self, evidence: sign ?? "there are spans of Go")
  }

  func walk(
    _ source: any MemorySource, into record: inout HeapRecord, _ control: WorkControl
  ) throws(MemDumpError) -> (any BlockLayout)? {
    let spans: GoSpans
    switch try GoSpans.find(in: source, control) {
    case .none: return nil
    case .refused(let reason):
      record.refusal = reason
      return nil
    case .found(let found): spans = found
    }
    var words = try WordCache(source, WordCache.Shape(blockByteCount: 1 << 14, blockCount: 32))
    var stretches: [Range<Address>] = []
    var (unreadCount, unequalCount): (UInt64, UInt64) = (0, 0)
    for (number, span) in spans.heap.enumerated() where number % 1024 != 0 || !control.isStopped {
      guard let used = try span.usedBits(&words, survivors: countsSurvivors) else {
        unreadCount += 1
        continue
      }
      stretches.join(span.range)
      if !countsSurvivors, used.reduce(0, { $0 + UInt64($1.nonzeroBitCount) }) != span.usedCount { unequalCount += 1 }
      for element in 0..<span.elementCount {
        if used[Int(element / 64)] >> (element % 64) & 1 == 1 {
          record.addUsed(span.range.lowerBound + element * span.elementByteCount, footprint: span.elementByteCount)
        } else {
          record.addFree(footprint: span.elementByteCount, .listed)
        }
      }
    }
    for stretch in stretches { record.addStretch(stretch) }
    guard record.isMostlyWalked else {
      record.refusal = "of Go's spans, none could be read whole"
      return nil
    }
    record.ownRanges = spans.descriptions
    record.noteRanges = spans.writeBuffers + spans.goroutines.unused + spans.free
    record.goroutineRanges = spans.goroutines.holding
    record.returnableRanges = spans.free
    record.stackRanges = spans.stacks
    record.isUncollected = countsSurvivors && !spans.isCollected
    record.isComplete = unreadCount == 0 && spans.oddCount == 0 && !control.isStopped
    record.description = description(spans, unreadCount: unreadCount, unequalCount: unequalCount)
    return GoLayout(spans.heap)
  }

  private func description(
    _ spans: GoSpans, unreadCount: UInt64, unequalCount: UInt64
  ) -> AllocatorDescription {
    var description = AllocatorDescription()
    let unswept = spans.unswept
    description.facts = [
      AllocatorFact("go_spans", UInt64(spans.heap.count)), AllocatorFact("go_unswept_spans", unswept.count),
      AllocatorFact("go_stack_bytes", spans.stackByteCount),
    ]
    description.used = countsSurvivors ? "as of the last collection" : "what died since the last collection included"
    description.free = "elements of \(count: UInt64(spans.heap.count), "span")"
    description.lines = [.init("stacks", "\(bytes: spans.stackByteCount) of goroutines beside, which are not walked")]
    if unswept.count > 0 {
      description.notes.append(
        "a collector has not swept \(count: unswept.count, "span") yet (\(bytes: unswept.byteCount)): what it found dead there still counts as in use"
      )
    }
    let odd = spans.oddCount + unreadCount
    if odd > 0 {
      description.notes.append("\(count: odd, "span") could not be read, or are none; their objects are not counted")
    }
    if unequalCount > 0 {
      description.notes.append(
        "of \(count: unequalCount, "span") the count and the bits differ: the program was at work there")
    }
    return description
  }
}

/// The layout of Go's heap: an address tells the span, and the span the size.
private struct GoLayout: BlockLayout {
  private let starts: [Address]
  private let ends: [Address]
  private let sizes: [UInt64]

  init(_ spans: [GoSpan]) {
    starts = spans.map(\.range.lowerBound)
    ends = spans.map { $0.range.lowerBound + $0.elementCount * $0.elementByteCount }
    sizes = spans.map(\.elementByteCount)
  }

  func block(at start: Address, in words: inout WordCache) -> HeapBlock? {
    let index = starts.partitionIndex { $0 > start } - 1
    guard index >= 0, start < ends[index], (start - starts[index]) % sizes[index] == 0 else { return nil }
    return HeapBlock(address: start, byteCount: sizes[index], footprint: Range(start: start, byteCount: sizes[index]))
  }
}
