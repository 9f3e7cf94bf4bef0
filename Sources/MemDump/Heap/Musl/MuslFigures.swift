/// The figures that a walk over the heap of mallocng gives besides the blocks, and how far the heap agrees with itself.
struct MuslFigures {
  /// The number of groups that lead back to the meta that leads to them, and of those that do not.
  var (groupCount, brokenGroupCount): (UInt64, UInt64) = (0, 0)
  private var (areaCount, isWhole): (UInt64, Bool) = (0, false)
  private var (usedCount, agreeingCount): (UInt64, UInt64) = (0, 0)
  /// The bytes that were asked for, of all blocks in use.
  private var requestedByteCount: UInt64 = 0
  /// Whether there are as many slots of each size as malloc counts; nil where its counts are not known.
  private var countsAgree: Bool?

  /// The names of the facts, in the order in which they are told.
  static let names: [AllocatorFact.Name] = ["musl_groups", "musl_blocks_agreeing", "musl_requested_bytes"]

  /// Begins with the meta areas.
  mutating func begin(areaCount: Int, isWhole: Bool) { (self.areaCount, self.isWhole) = (UInt64(areaCount), isWhole) }

  /// Adds a block in use.
  mutating func add(_ block: HeapBlock, agrees: Bool) {
    usedCount += 1
    requestedByteCount &+= block.byteCount
    if agrees { agreeingCount += 1 }
  }

  /// Compares the slots of all groups with the counts of malloc.
  mutating func compare(
    _ groups: [MuslGroup], with context: MuslContext, _ words: inout WordCache
  ) throws(MemDumpError) {
    var counts = [UInt64](repeating: 0, count: Int(MuslGroup.classCount))
    for group in groups where group.sizeClass < MuslGroup.classCount { counts[Int(group.sizeClass)] += group.slotCount }
    var agrees = true
    for (number, count) in counts.enumerated() {
      guard let expected = try context.slotCount(ofClass: UInt64(number), &words) else { return }
      agrees = agrees && expected == count
    }
    countsAgree = agrees
  }

  /// Whether the heap agrees with itself: a thread that is in the midst of malloc has taken a slot and not yet written its header.
  var isBelieved: Bool {
    let (all, agreeing) = (groupCount + brokenGroupCount, max(usedCount, agreeingCount))
    guard groupCount > 0, groupCount * 100 >= all * 99 else { return false }
    return agreeingCount * 100 >= agreeing * 99 || (agreeing - agreeingCount <= 8 && agreeingCount >= 8 * 8)
  }

  /// Why the heap is not believed.
  var refusal: Phrase {
    let groups: Phrase =
      "\(count: groupCount) of \(count: groupCount + brokenGroupCount, "group") lead back to what leads to them"
    let blocks: Phrase = "\(count: agreeingCount) of \(count: usedCount, "block") agree with their slot"
    let changing: Phrase = "Of a process that goes on, only a look at one instant agrees"
    return "\(groups), \(blocks); the layout of mallocng, musl 1.2.1 and later, was expected. \(changing)"
  }

  /// Whether all groups were found.
  var isComplete: Bool { isWhole && brokenGroupCount == 0 }

  /// The description of the heap.
  func description(at address: Address, _ module: Phrase) -> AllocatorDescription {
    var description = AllocatorDescription()
    description.facts = [
      AllocatorFact("musl_groups", groupCount), AllocatorFact("musl_blocks_agreeing", agreeingCount),
      AllocatorFact("musl_requested_bytes", requestedByteCount),
    ]
    description.used = "\(bytes: requestedByteCount) of them asked for"
    let counts: Phrase =
      countsAgree == true ? ", as malloc counts" : countsAgree == nil ? "" : ", which malloc counts otherwise"
    description.lines = [
      .init("groups", "\(count: groupCount) in \(count: areaCount, "meta area")\(counts)"),
      .init(
        "layout",
        """
        of musl's mallocng, by its variables at \(text: address.description)\(module): \(count: agreeingCount) of \
        \(count: usedCount, "block") agree with their slots
        """),
    ]
    if !isWhole { description.notes.append("the chain of meta areas could not be followed to the end") }
    if brokenGroupCount > 0 {
      description.notes.append("\(count: brokenGroupCount, "group") could not be believed")
    }
    return description
  }
}
