import MemDumpTestSupport
import Testing

@testable import MemDump

/// What Go's runtime counts of what it hands out, found in a program that runs.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here"), .enabled(if: hasGo, "there is no go"))
struct GoCountsTests {
  private struct Look {
    var spans: GoSpans
    var counts: GoCounts?
    var allocated: [UInt64]?
  }

  private static func memory(_ program: GoProgram) throws -> LiveMemory {
    try LiveMemory(TargetProcess(try #require(ProcessID(rawValue: program.pid))))
  }

  private static func look(_ program: GoProgram) throws -> Look {
    let source = try memory(program)
    guard case .found(let spans) = try GoSpans.find(in: source, WorkControl()), let image = GoImage(of: source) else {
      throw TestFailure("no spans")
    }
    var words = try WordCache(source, .walk)
    let counts = try GoCounts(of: spans.heap, in: image, &words)
    return Look(spans: spans, counts: counts, allocated: try counts?.allocated(&words))
  }

  @Test(arguments: GoProgram.Build.allCases) func theyAreFoundInEachBuild(build: GoProgram.Build) throws {
    let program = try GoProgram(build)
    let look = try Self.look(program)
    let allocated = try #require(look.allocated)
    for (sizeClass, spans) in Dictionary(grouping: look.spans.heap, by: \.sizeClass) where sizeClass > 0 {
      // What is with a processor is counted when that gives it back.
      let counted = spans.filter { !$0.isCached }.reduce(0) { $0 + $1.usedCount }
      #expect(allocated[sizeClass] >= counted, "\(sizeClass)")
    }
    // An address leads to the span that the list of all spans has there, and the number of the collection is theirs.
    let map = try #require(look.spans.map)
    var words = try WordCache(Self.memory(program), .jumps)
    #expect(try map.generation(&words) == look.spans.generation)
    for span in look.spans.heap.prefix(500) {
      let found = try map.span(holding: span.range.lowerBound, &words)
      #expect(found?.range == span.range && found?.elementByteCount == span.elementByteCount)
    }
  }

  /// A count that is one off by more than can be is another number.
  @Test func spansThatAreOthersHaveNoCounts() throws {
    let program = try GoProgram()
    let look = try Self.look(program)
    #expect(look.counts != nil)
    let source = try Self.memory(program)
    var words = try WordCache(source, .walk)
    let image = try #require(GoImage(of: source))
    var counts: [Int: UInt64] = [:]
    for span in look.spans.heap where span.sizeClass > 0 { counts[span.sizeClass, default: 0] += span.usedCount }
    let most = try #require(counts.max { $0.value < $1.value }).key
    let without = look.spans.heap.filter { $0.sizeClass != most }
    #expect(try GoCounts(of: without, in: image, &words) == nil)
  }
}
