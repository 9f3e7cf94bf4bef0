import SystemPackage

/// The pages of ranges that are asked about in their order: of those near each other with one question. In a stop of a process with
/// tens of thousands of mappings, a question for each took longer than all else.
struct PagesAhead {
  private static let (widestGap, longestWindow): (UInt64, UInt64) = (1 << 20, 64 << 20)

  private let memory: LiveMemory
  private let ranges: [Range<Address>]
  private var next = 0
  private var known = Address(0)..<Address(0)
  private var runs: [PageRun] = []

  /// - Parameter ranges: the ranges, in order.
  init(_ memory: LiveMemory, _ ranges: [Range<Address>]) { (self.memory, self.ranges) = (memory, ranges) }

  /// What the pages of a part of one of the ranges are, in order.
  mutating func pages(of part: Range<Address>) throws(MemDumpError) -> [PageRun] {
    if part.lowerBound < known.lowerBound || part.upperBound > known.upperBound {
      known = window(from: part)
      do throws(Errno) { runs = try memory.pages(in: known) } catch { throw memory.failure(error) }
    }
    return runs.parts(of: part, otherwise: .missing)
  }

  /// Whole pages of a part, of the rest of its range, and of the ranges behind that are near.
  private mutating func window(from part: Range<Address>) -> Range<Address> {
    while next < ranges.count, ranges[next].upperBound <= part.lowerBound { next += 1 }
    var end = part.upperBound
    var index = next
    while index < ranges.count, ranges[index].lowerBound - end <= Self.widestGap,
      ranges[index].upperBound - part.lowerBound <= Self.longestWindow
    {
      end = max(end, ranges[index].upperBound)
      index += 1
    }
    return part.lowerBound.pageStart..<end.pageEnd
  }
}
