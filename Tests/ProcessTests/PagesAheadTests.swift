import MemDumpTestSupport
import Testing

@testable import MemDump

/// The pages of many ranges, asked about together: what is told of each is what a question of its own tells.
@Suite struct PagesAheadTests {
  private func check(_ memory: LiveMemory, _ ranges: [Range<Address>]) throws {
    var ahead = PagesAhead(memory, ranges)
    for range in ranges {
      for part in memory.regions.parts(of: range) {
        let pages = part.range.lowerBound.pageStart..<part.range.upperBound.pageEnd
        let own = try memory.pages(in: pages).parts(of: part.range, otherwise: .missing)
        #expect(try ahead.pages(of: part.range) == own)
      }
    }
  }

  @Test(arguments: [true, false]) func whatIsToldIsWhatEachIsToldAlone(areWritten: Bool) throws {
    let fixture = try FixtureProcess(["--maps", "300", "--fill", "4M"] + (areWritten ? ["--written"] : []))
    let memory = try LiveMemory(fixture.target())
    let regions = memory.regions.map(\.range)
    try check(memory, regions)
    try check(memory, regions.union())
    // Only some of them, with others in between, and parts that begin and end within a page.
    for step in 2...5 {
      let some = regions.enumerated().filter { $0.offset % step == 0 }.map(\.element)
      try check(memory, some)
      try check(memory, some.filter { $0.byteCount > 600 }.map { $0.lowerBound + 100..<$0.upperBound - 300 })
    }
    try check(memory, [])
  }
}
