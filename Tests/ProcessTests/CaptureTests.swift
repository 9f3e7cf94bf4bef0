import MemDump
import MemDumpTestSupport
import SystemPackage
import Testing

/// Memory copied while the process stands still.
@Suite("A capture", .serialized, .enabled(if: canTrace, "ptrace is not permitted here"))
struct CaptureTests {
  private static let budget: Duration = .seconds(5)

  private func capture(
    _ fixture: FixtureProcess, _ ranges: [Range<Address>], budget: Duration = budget
  ) throws -> Capture {
    let holder = try Holder.launch()
    return try Capture(LiveMemory(try fixture.target()), holder: holder, budget: budget) {
      (_) throws(MemDumpError) in ranges
    }
  }

  @Test("It holds the same bytes as a live reading of memory that nobody writes to")
  func sameAsLive() throws {
    let fixture = try FixtureProcess(
      "--shared", "--known", "--adjacent", "--holes", "--truncated", "--file", "--memfd", "--hostile-file", "--heap",
      "2M", "--threads", "2")
    let names = [
      "shared", "shared-by-child", "known", "adjacent", "holes", "truncated", "file", "memfd", "hostile-file",
    ]
    let ranges = try names.map { try fixture.region($0) }.sorted { $0.lowerBound < $1.lowerBound }
    let capture = try capture(fixture, ranges)
    let live = try LiveMemory(fixture.target())
    for range in ranges {
      let (captured, expected) = (try capture.contents(range), try live.contents(range))
      #expect(captured.bytes == expected.bytes, "\(range)")
      #expect(captured.runs == expected.runs, "\(range)")
    }
    #expect(try capture.contents(fixture.region("known")).bytes == FixtureContent.known)
    #expect(capture.readLive.isEmpty)
    #expect(capture.pause.end == .requested)
    #expect(capture.pause.duration > 0 && capture.pause.duration < Self.budget.nanosecondCount)
    #expect(capture.runningThreadCount == 0)
    #expect(try fixture.complaints().isEmpty)
  }

  @Test("It holds what was there at the instant, whatever the process does afterwards")
  func keepsTheInstant() throws {
    let fixture = try FixtureProcess("--known")
    let region = try fixture.region("known")
    let capture = try capture(fixture, [region])
    try fixture.ask("unmap")
    #expect(try capture.contents(region).bytes == FixtureContent.known)
    try fixture.end()
    #expect(try capture.contents(region).bytes == FixtureContent.known)
  }

  @Test("What the process mapped after the look before the stop is copied, too")
  func mappedMeanwhile() throws {
    let fixture = try FixtureProcess("--fill", "24M")
    let region = try fixture.region("fill")
    let target = try fixture.target()
    let before = try target.regions(usage: true).filter { !$0.range.overlaps(region) }
    let holder = try Holder.launch()
    let capture = try Capture(LiveMemory(target, regions: before), holder: holder, budget: Self.budget) {
      (regions) throws(MemDumpError) in regions.map(\.range).filter { $0 == region }
    }
    #expect(try capture.contents(region, chunk: 1 << 20).bytes == FixtureContent.fill(24 << 20))
    #expect(capture.readLive.isEmpty)
    #expect(capture.readInStop == [region])
  }

  @Test("Many megabytes are copied by several threads without a byte out of place")
  func manyJobs() throws {
    let fixture = try FixtureProcess("--fill", "24M", "--threads", "4")
    let region = try fixture.region("fill")
    #expect(try capture(fixture, [region]).contents(region, chunk: 1 << 20).bytes == FixtureContent.fill(24 << 20))
    #expect(try fixture.complaints().isEmpty)
  }

  @Test("When the budget is too small, the rest is read live and said so, and the process runs")
  func budgetTooSmall() throws {
    let fixture = try FixtureProcess("--fill", "1G", "--threads", "8")
    let region = try fixture.region("fill")
    let budget: Duration = .milliseconds(20)
    let taken = try Stopping.patiently { try capture(fixture, [region], budget: budget) }
    #expect(try fixture.complaints().isEmpty)
    // Near the budget, and nowhere near what a whole copy takes: the margin is for a busy machine.
    #expect(taken.pause.duration < (budget + .seconds(2)).nanosecondCount)
    var rest: UInt64 = 0
    try taken.walk(region, chunk: 1 << 20) { run, _ in rest += run.content == .bytes ? 0 : run.byteCount }
    #expect(rest == 0)
    let readLive = taken.readLive.reduce(0) { $0 + $1.byteCount }
    #expect(readLive > 0 && readLive <= region.byteCount)
    #expect(taken.readLive.allSatisfy { region.contains($0.lowerBound) && $0.upperBound <= region.upperBound })
    let tail = (region.upperBound - 4096)..<region.upperBound
    #expect(try taken.contents(tail).bytes == LiveMemory(fixture.target()).contents(tail).bytes)
  }

  @Test("When the process ends before the stop, that is the error")
  func endsBefore() throws {
    let fixture = try FixtureProcess("--known")
    let memory = try LiveMemory(fixture.target())
    try fixture.end()
    let region = try fixture.region("known")
    let error = #expect(throws: MemDumpError.self) {
      let holder = try Holder.launch()
      _ = try Capture(memory, holder: holder, budget: Self.budget) { (_) throws(MemDumpError) in [region] }
    }
    #expect(error?.code == .processEnded)
  }

  @Test("When the selection fails once the process is stopped, the process runs")
  func selectionFails() throws {
    let fixture = try FixtureProcess("--known", "--threads", "4")
    let region = try fixture.region("known")
    let gone = RegionSelector.address(Address(0x10))
    let memory = try LiveMemory(fixture.target())
    var calls = 0
    let error = #expect(throws: MemDumpError.self) {
      let holder = try Holder.launch()
      _ = try Capture(memory, holder: holder, budget: Self.budget) { (regions) throws(MemDumpError) in
        calls += 1
        return calls == 1 ? [region] : [try gone.range(in: regions)]
      }
    }
    #expect(calls == 2)
    #expect(error?.code == .badSelector)
    #expect(try fixture.complaints().isEmpty)
  }

  @Test("A process in a group stop is captured, and stays stopped")
  func groupStopped() throws {
    let fixture = try FixtureProcess("--known", "--threads", "4")
    fixture.send(signal: 19)
    #expect(waitUntil { stoppedThreadCount(fixture.pid) == 5 })
    let region = try fixture.region("known")
    #expect(try capture(fixture, [region]).contents(region).bytes == FixtureContent.known)
    #expect(waitUntil { Set(threadStates(fixture.pid).values) == ["T"] })
    #expect(tracer(fixture.pid) == 0)
    fixture.send(signal: 18)
    #expect(try fixture.complaints().isEmpty)
  }
}
