/// The figures that a walk over the heap of mimalloc gives besides the blocks, and how far the heap agrees with itself.
struct MimallocFigures {
  /// The number of pages, those that cannot be true among them.
  private(set) var pageCount: UInt64 = 0
  /// The number of pages whose lists lead to as many of their blocks as they count.
  private(set) var agreeingCount: UInt64 = 0
  /// The number of pages whose lists are whole, but of another number: as where a thread is in the midst of a change.
  private(set) var changingCount: UInt64 = 0
  /// The number of pages with a list that leads to something that is none of their blocks.
  private(set) var brokenCount: UInt64 = 0
  /// The number of free blocks in lists of pages, and of those that other threads gave back, which no page has taken yet.
  private(set) var (listedCount, threadFreeCount): (UInt64, UInt64) = (0, 0)
  private var threadCount: UInt64 = 0
  /// The number of links of all lists, and of those that lead to a block of the page, or end a list.
  private var (linkCount, plainLinkCount): (UInt64, UInt64) = (0, 0)

  /// The names of the facts, in the order in which they are told.
  static let names: [AllocatorFact.Name] = ["mimalloc_pages", "mimalloc_pages_agreeing", "mimalloc_thread_freed"]

  /// The least share of pages that agree, in percent.
  private static let leastPercent: UInt64 = 99

  /// Begins with a heap.
  mutating func begin(_ heap: MimallocHeap) {
    pageCount += UInt64(heap.pages.count + heap.implausibleCount)
    threadCount += UInt64(heap.threads.count)
  }

  /// Adds a page that was walked.
  ///
  /// - Parameters:
  ///   - listed: the number of blocks in its own lists.
  ///   - threadFree: the number of blocks that other threads gave back.
  ///   - isWhole: whether all lists lead to blocks of the page alone.
  mutating func add(_ page: MimallocPage, listed: UInt64, _ threadFree: UInt64, isWhole: Bool) {
    listedCount += listed
    threadFreeCount += threadFree
    let known = listed + page.used
    // A thread takes a block, or gives one back, in two steps.
    if isWhole, known <= page.capacity + 1, known + 1 >= page.capacity, threadFree <= page.used {
      agreeingCount += 1
    } else if isWhole {
      changingCount += 1
    } else {
      brokenCount += 1
    }
  }

  /// Adds a link from one free block to the next.
  @inline(__always)
  mutating func addLink(leadsOn: Bool) {
    linkCount &+= 1
    if leadsOn { plainLinkCount &+= 1 }
  }

  /// Whether the links are encoded: the first one of each list leads nowhere. In lists that are torn some lead on.
  private var areLinksEncoded: Bool { linkCount > 0 && plainLinkCount * 10 < linkCount }

  /// Whether the pages agree with themselves: each thread may be in the midst of a change to one.
  var isBelieved: Bool {
    agreeingCount > 0 && (agreeingCount + min(changingCount, threadCount)) * 100 >= pageCount * Self.leastPercent
  }

  /// Why a heap is not believed.
  func refusal(of heap: MimallocHeap) -> Phrase {
    let agreeing: Phrase = "\(count: agreeingCount) of \(count: pageCount, "page") agree with themselves"
    let expected: Phrase = "the layout of mimalloc \(text: heap.versions) was expected"
    if heap.isEncoded || areLinksEncoded {
      return
        "\(agreeing); \(expected), and this looks like a secure or debug build, whose lists of free blocks are encoded"
    }
    return "\(agreeing); \(expected). Of a process that goes on, only a look at one instant agrees"
  }

  /// The description of the heap.
  func description(of heaps: [MimallocHeap]) -> AllocatorDescription {
    var description = AllocatorDescription()
    description.facts = [
      AllocatorFact("mimalloc_pages", pageCount), AllocatorFact("mimalloc_pages_agreeing", agreeingCount),
      AllocatorFact("mimalloc_thread_freed", threadFreeCount),
    ]
    description.free = "\(count: listedCount) in lists of pages, \(count: threadFreeCount) given back by other threads"
    let pages: Phrase = "\(count: agreeingCount) of \(count: pageCount, "page") agree with their lists"
    for (number, heap) in heaps.enumerated() {
      let last: Phrase = number + 1 == heaps.count ? ": \(pages)" : ""
      description.lines.append(.init("layout", "of mimalloc \(text: heap.versions), by \(heap.place)\(last)"))
    }
    if brokenCount > 0 {
      description.notes.append("\(count: brokenCount, "page") had a free list that could not be followed to the end")
    }
    return description
  }
}
