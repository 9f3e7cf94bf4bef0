internal import Synchronization

/// The runs that touch the ends of a block and may go on in the neighbours.
struct RunEnds: Sendable {
  /// The addresses of the block.
  var range: Range<Address>
  /// The run that begins where the block begins, and may have begun in the block before. The run may be as long as the
  /// block.
  var first: RunFragment?
  /// The run that began in the block and ends where the block ends.
  var last: RunFragment?

  /// The run that ends where the block ends.
  fileprivate var open: RunFragment? { first?.end == range.upperBound ? first : last }
}

/// Joins the runs that touch the ends of blocks, in whatever order the blocks are done.
///
/// Two neighbours become one, as if they had been a single block; the runs between their outer ends are then closed. So
/// there are never more pieces than there are gaps among the blocks that are done, and never more gaps than threads.
struct RunSeams: Sendable {
  private let limit: Int
  private var spans: [(blocks: Range<Int>, ends: RunEnds)] = []

  /// - Parameter limit: how many bytes of a run to keep.
  init(keeping limit: Int) { self.limit = limit }

  /// Takes in the ends of a block. Returns the runs that no later block can add to.
  mutating func add(_ ends: RunEnds, block: Int) -> [RunFragment] {
    var closed: [RunFragment] = []
    var index = spans.partitionIndex { $0.blocks.lowerBound > block }
    spans.insert((block..<block + 1, ends), at: index)
    for left in [index, index - 1] where left >= 0 && left + 1 < spans.count {
      guard spans[left].blocks.upperBound == spans[left + 1].blocks.lowerBound else { continue }
      let joined = join(spans[left].ends, spans[left + 1].ends, &closed)
      spans[left] = (spans[left].blocks.lowerBound..<spans[left + 1].blocks.upperBound, joined)
      spans.remove(at: left + 1)
      index = left
    }
    return closed
  }

  /// Returns the open runs that are left, since no block comes any more.
  mutating func finish() -> [RunFragment] {
    defer { spans = [] }
    return spans.flatMap { [$0.ends.first, $0.ends.last].compactMap(\.self) }
  }

  private func join(_ left: RunEnds, _ right: RunEnds, _ closed: inout [RunFragment]) -> RunEnds {
    var ends = RunEnds(range: left.range.lowerBound..<right.range.upperBound, first: left.first, last: right.last)
    let leftIsWhole = left.first?.end == left.range.upperBound
    let rightIsWhole = right.first?.end == right.range.upperBound
    guard left.range.upperBound == right.range.lowerBound, var run = left.open, let next = right.first else {
      if !leftIsWhole, let open = left.open { closed.append(open) }
      if rightIsWhole { ends.last = right.first } else if let first = right.first { closed.append(first) }
      return ends
    }
    run.append(next, keeping: limit)
    if leftIsWhole { ends.first = run } else if rightIsWhole { ends.last = run } else { closed.append(run) }
    return ends
  }
}

/// The seams of the blocks of several threads.
final class SharedSeams: Sendable {
  private let seams: Mutex<RunSeams>

  /// - Parameter limit: how many bytes of a run to keep.
  init(keeping limit: Int) { seams = Mutex(RunSeams(keeping: limit)) }

  /// Takes in the ends of a block. Returns the runs that no later block can add to.
  func add(_ ends: RunEnds, block: Int) -> [RunFragment] { seams.withLock { $0.add(ends, block: block) } }

  /// Returns the open runs that are left, since no block comes any more.
  func finish() -> [RunFragment] { seams.withLock { $0.finish() } }
}
