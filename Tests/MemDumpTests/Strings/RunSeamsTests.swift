import Testing

@testable import MemDump

/// Blocks may be done in any order; what touches their ends is joined as if there were none.
@Suite struct RunSeamsTests {
  /// Memory of `a` and `.`, of which only `a` is printable here; blocks of `size`; `|` is a gap that nothing joins over.
  private static func runs(_ memory: String, size: Int, using generator: inout SeededGenerator) -> [Range<UInt64>] {
    var blocks: [RunEnds] = []
    var inside: [Range<UInt64>] = []
    var start: UInt64 = 0
    for stretch in memory.split(separator: "|", omittingEmptySubsequences: false) {
      let bytes = Array(stretch.utf8)
      for lower in stride(from: 0, to: bytes.count, by: size) {
        let upper = min(bytes.count, lower + size)
        var ends = RunEnds(range: Range(start + UInt64(lower), start + UInt64(upper)))
        for run in Self.runs(in: bytes[lower..<upper], start) {
          if run.lowerBound == ends.range.lowerBound.rawValue, lower > 0 {
            ends.first = fragment(run)
          } else if run.upperBound == ends.range.upperBound.rawValue, upper < bytes.count {
            ends.last = fragment(run)
          } else {
            inside.append(run)
          }
        }
        blocks.append(ends)
      }
      start += UInt64(bytes.count) + 1
    }
    var seams = RunSeams(keeping: 4)
    var closed: [RunFragment] = []
    for index in blocks.indices.shuffled(using: &generator) { closed += seams.add(blocks[index], block: index) }
    closed += seams.finish()
    let joined = closed.map { $0.start.rawValue..<$0.end.rawValue }
    #expect(closed.allSatisfy { $0.bytes.count == min(4, Int($0.byteCount)) })
    return (inside + joined).sorted { $0.lowerBound < $1.lowerBound }
  }

  private static func runs(in bytes: ArraySlice<UInt8>, _ start: UInt64) -> [Range<UInt64>] {
    bytes.split(separator: UInt8(ascii: ".")).map { start + UInt64($0.startIndex)..<start + UInt64($0.endIndex) }
  }

  private static func fragment(_ run: Range<UInt64>) -> RunFragment {
    var fragment = RunFragment(at: Address(run.lowerBound), region: 0)
    let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: run.count)
    fragment.append(bytes.span.bytes, encoding: .ascii, keeping: 4)
    return fragment
  }

  @Test(arguments: 0..<30) func theOrderOfBlocksDoesNotMatter(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<60 {
      let memory = String(
        (0..<Int.random(in: 1...60, using: &generator)).map { _ in
          Character(["a", "a", "a", "a", ".", "|"][Int.random(in: 0..<6, using: &generator)])
        })
      var expected: [Range<UInt64>] = []
      var start: UInt64 = 0
      for stretch in memory.split(separator: "|", omittingEmptySubsequences: false) {
        expected += Self.runs(in: Array(stretch.utf8)[...], start)
        start += UInt64(stretch.utf8.count) + 1
      }
      let size = Int.random(in: 1...9, using: &generator)
      #expect(Self.runs(memory, size: size, using: &generator) == expected, "\(memory) in \(size)")
    }
  }
}
