import MemDump
import MemDumpTestSupport
import Synchronization
import SystemPackage
import Testing

extension Stopping {
  /// Memory of one instant, kept by a copy-on-write child.
  @Suite("A snapshot", .enabled(if: canSnapshot, "there are no snapshots for this processor yet"))
  struct SnapshotTests {
    private func snapshot(
      _ fixture: FixtureProcess, _ ranges: [Range<Address>], budget: Duration = Stopping.budget, reserve: UInt64 = 0
    ) throws -> Capture {
      let holder = try Holder.launch()
      return try Capture(
        LiveMemory(try fixture.target()), holder: holder, budget: budget, by: .child(reserve: reserve)
      ) {
        (_) throws(MemDumpError) in ranges
      }
    }

    @Test("It holds the same bytes as a live reading of memory that nobody writes to")
    func sameAsLive() throws {
      let fixture = try FixtureProcess(
        "--shared", "--known", "--adjacent", "--holes", "--truncated", "--file", "--memfd", "--hostile-file",
        "--uninherited", "--threads", "2")
      let names = [
        "shared", "shared-by-child", "known", "adjacent", "holes", "truncated", "file", "memfd", "hostile-file",
        "dont-fork", "wipe-on-fork",
      ]
      let ranges = try names.map { try fixture.region($0) }.sorted { $0.lowerBound < $1.lowerBound }
      let snapshot = try snapshot(fixture, ranges)
      let live = try LiveMemory(fixture.target())
      for range in ranges {
        let (kept, expected) = (try snapshot.contents(range), try live.contents(range))
        #expect(kept.bytes == expected.bytes, "\(range)")
        #expect(kept.runs == expected.runs, "\(range)")
      }
      #expect(snapshot.readLive.isEmpty)
      #expect(snapshot.end())
      #expect(try fixture.complaints().isEmpty)
    }

    /// The child's own map tells what it has of that.
    @Test("What the process mapped after the look before the stop is read from the child, where it has that")
    func mappedMeanwhile() throws {
      let fixture = try FixtureProcess("--known", "--uninherited")
      let (known, wiped) = (try fixture.region("known"), try fixture.region("wipe-on-fork"))
      let target = try fixture.target()
      let before = try target.regions(usage: true).filter { !$0.range.overlaps(known) && !$0.range.overlaps(wiped) }
      let holder = try Holder.launch()
      let snapshot = try Capture(
        LiveMemory(target, regions: before), holder: holder, budget: Stopping.budget, by: .child(reserve: 0)
      ) {
        (regions) throws(MemDumpError) in regions.map(\.range).filter { $0 == known || $0 == wiped }
      }
      #expect(snapshot.readFromChild == [known])
      #expect(try snapshot.contents(known).bytes == FixtureContent.known)
      #expect(snapshot.readLive.isEmpty)
      #expect(try snapshot.contents(wiped).bytes == (0..<4).flatMap { FixtureContent.page(2, $0) })
      #expect(snapshot.readLive == [wiped])
      #expect(snapshot.end())
    }

    @Test("What a child does not inherit is copied in the stop, and said so")
    func labels() throws {
      let fixture = try FixtureProcess("--shared", "--known", "--uninherited")
      let copied = try ["shared", "dont-fork", "wipe-on-fork"].map { try fixture.region($0) }
      let kept = try fixture.region("known")
      let ranges = (copied + [kept]).sorted { $0.lowerBound < $1.lowerBound }
      let snapshot = try snapshot(fixture, ranges)
      #expect(snapshot.readFromChild == [kept])
      // Of the shared pages only those that this process has touched; the others are of the file.
      for range in copied.dropFirst() { #expect(snapshot.readInStop.contains(range)) }
      let shared = try fixture.region("shared")
      #expect(snapshot.readInStop.contains { $0.overlaps(shared) })
      #expect(
        try snapshot.contents(try fixture.region("wipe-on-fork")).bytes
          == (0..<4).flatMap { FixtureContent.page(2, $0) })
      #expect(
        try snapshot.contents(try fixture.region("dont-fork")).bytes == (0..<4).flatMap { FixtureContent.page(1, $0) })
    }

    @Test("It is of one instant while the process writes all the time, and keeps it")
    func oneInstant() throws {
      let fixture = try FixtureProcess("--counters", "--threads", "2")
      let region = try fixture.region("counters")
      for _ in 0..<5 {
        let snapshot = try snapshot(fixture, [region])
        let first = Self.counters(try snapshot.contents(region).bytes)
        #expect(first.first ?? 0 > 0)
        #expect((first.first ?? 0) - (first.last ?? 0) <= 1)
        #expect(zip(first, first.dropFirst()).allSatisfy { $0 >= $1 })
        #expect(Self.counters(try snapshot.contents(region).bytes) == first)
        #expect(snapshot.end())
      }
      // The process has gone on meanwhile.
      let live = try LiveMemory(fixture.target())
      let before = Self.counters(try live.contents(region).bytes)
      #expect(try waitUntil { Self.counters(try live.contents(region).bytes) != before })
    }

    @Test("Nothing of it is left: no child, no zombie, no signal, no interrupted call, not a byte of memory")
    func nothingLeft() throws {
      let fixture = try FixtureProcess("--known", "--threads", "4", "--self-check", "2", "--signals")
      let region = try fixture.region("known")
      for _ in 0..<20 {
        let snapshot = try snapshot(fixture, [region])
        #expect(try snapshot.contents(region).bytes == FixtureContent.known)
        #expect(children(of: fixture.pid).count == 1)
        #expect(snapshot.end())
        #expect(children(of: fixture.pid).isEmpty)
      }
      #expect(try fixture.count("interrupts") == 0)
      #expect(try fixture.count("children", 0) == 0)
      #expect(try fixture.count("children", 1) == 0)
      #expect(try fixture.count("check", 1) == 0)
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("The child has no open file, and is the first to go when memory runs out")
    func child() throws {
      let fixture = try FixtureProcess("--known", "--memfd")
      let snapshot = try snapshot(fixture, [try fixture.region("known")])
      let child = try #require(children(of: fixture.pid).first)
      #expect(fileNames(in: "/proc/\(child)/fd").isEmpty)
      #expect(!fileNames(in: "/proc/\(fixture.pid)/fd").isEmpty)
      #expect(fileText("/proc/\(child)/oom_score_adj") == "1000\n")
      #expect(fileText("/proc/\(fixture.pid)/oom_score_adj") != "1000\n")
      #expect(threadStates(child)[child] == "t")
      #expect(snapshot.end())
    }

    @Test("A signal that is queued while a thread makes the child is not lost")
    func signals() throws {
      let fixture = try FixtureProcess("--signals", "--threads", "2", "--fill", "64M")
      let signal = try fixture.number("signals")
      let region = try fixture.region("fill")
      let queue = Queue(signal, to: fixture.pid)
      for _ in 0..<20 { #expect(try snapshot(fixture, [region]).end()) }
      let sent = queue.end()
      #expect(sent > 0)
      #expect(try waitUntil { try fixture.count("signals") >= sent })
      #expect(try fixture.count("signals") == sent)
      #expect(try fixture.count("values") == sent)
      #expect(try fixture.count("interrupts") == 0)
    }

    @Test("Calls that sleep go on, whichever of them is made to fork")
    func blockedCalls() throws {
      let calls = try BlockedCalls()
      let target = try TargetProcess(try #require(ProcessID(rawValue: calls.pid)))
      for _ in 0..<10 {
        let holder = try Holder.launch()
        let memory = try LiveMemory(target)
        let stack = try #require(memory.regions.first { $0.kind == .stack })
        let snapshot = try Capture(memory, holder: holder, budget: Stopping.budget, by: .child(reserve: 0)) {
          (_) throws(MemDumpError) in [stack.range]
        }
        #expect(snapshot.end())
      }
      #expect(try calls.early() == [])
      #expect(try calls.wake() == [])
    }

    @Test(
      "Variables below the stack pointer of a coroutine are left alone",
      arguments: ["--inner-coroutine", "--coroutine"])
    func coroutine(stack: String) throws {
      let fixture = try FixtureProcess("--known", stack)
      let range = try stack == "--inner-coroutine" ? fixture.region("inner-coroutine") : fixture.region("known")
      let before = try LiveMemory(fixture.target()).contents(range).bytes
      for _ in 0..<5 {
        let snapshot = try snapshot(fixture, [try fixture.region("known")])
        #expect(try snapshot.contents(try fixture.region("known")).bytes == FixtureContent.known)
        #expect(snapshot.end())
      }
      #expect(try LiveMemory(fixture.target()).contents(range).bytes == before)
      #expect(children(of: fixture.pid).isEmpty)
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("The stack that it takes is as it was, and no more of it is touched by another one")
    func stackUse() throws {
      let fixture = try FixtureProcess("--known")
      func stack() throws -> (bytes: [UInt8], resident: UInt64) {
        let memory = try LiveMemory(fixture.target())
        let region = try #require(memory.regions.first { $0.name == Array("[stack]".utf8) })
        return (Array(try memory.contents(region.range).bytes.prefix(64 << 10)), region.usage?.resident ?? 0)
      }
      let before = try stack()
      #expect(before.bytes.allSatisfy { $0 == 0 })
      let first = try snapshot(fixture, [try fixture.region("known")])
      #expect(first.end())
      let once = try stack()
      #expect(once.resident <= before.resident + 8192)
      for _ in 0..<5 { #expect(try snapshot(fixture, [try fixture.region("known")]).end()) }
      let often = try stack()
      #expect(often.bytes == before.bytes)
      #expect(often.resident == once.resident)
    }

    @Test("When memory runs low the child is killed, and the error says so")
    func lowMemory() throws {
      let fixture = try FixtureProcess("--known", "--threads", "2")
      let region = try fixture.region("known")
      let snapshot = try snapshot(fixture, [region], reserve: .max)
      let error = #expect(throws: MemDumpError.self) {
        try waitUntil {
          _ = try snapshot.contents(region)
          return false
        }
      }
      #expect(error?.code == .snapshotRefused)
      #expect(error?.description.contains("memory ran low or the process ended") == true)
      #expect(snapshot.end())
      #expect(children(of: fixture.pid).isEmpty)
      #expect(try fixture.complaints().isEmpty)
    }

    @Test("A process that runs another program meanwhile is rid of the child all the same, and soon")
    func execute() throws {
      let fixture = try FixtureProcess("--known", "--threads", "2")
      let region = try fixture.region("known")
      let snapshot = try snapshot(fixture, [region])
      try fixture.executeItself()
      #expect(try snapshot.contents(region).bytes == FixtureContent.known)
      let began = ContinuousClock.now
      #expect(snapshot.end())
      #expect(ContinuousClock.now - began < .seconds(2))
      #expect(children(of: fixture.pid).isEmpty)
      #expect(stoppedThreadCount(fixture.pid) == 0)
      #expect(tracer(fixture.pid) == 0)
    }

    @Test("When the process ends, its child does too")
    func processEnds() throws {
      let fixture = try FixtureProcess("--known")
      let snapshot = try snapshot(fixture, [try fixture.region("known")])
      let child = try #require(children(of: fixture.pid).first)
      try fixture.end()
      #expect(waitUntil { !processExists(child) || threadStates(child)[child] == "Z" })
      _ = snapshot.end()
    }

    @Test("A process that starts threads all the while")
    func spawnStorm() throws {
      let fixture = try FixtureProcess("--spawn-storm", "--threads", "2", "--known")
      let region = try fixture.region("known")
      for _ in 0..<20 {
        let snapshot = try snapshot(fixture, [region])
        #expect(try snapshot.contents(region).bytes == FixtureContent.known)
        #expect(snapshot.end())
      }
      #expect(children(of: fixture.pid).isEmpty)
      #expect(try fixture.complaints().isEmpty)
    }

    private static func counters(_ bytes: [UInt8]) -> [UInt64] {
      stride(from: 0, to: bytes.count, by: 4096).map { offset in
        bytes[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
      }
    }
  }
}

/// Signals that are queued all the while, each with the value 1.
private final class Queue: Sendable {
  private final class State: Sendable {
    let values = Mutex<(sent: UInt64, isOver: Bool)>((0, false))
  }

  private let state = State()
  private let thread: InBackground

  init(_ signal: Int32, to process: Int32) {
    thread = InBackground { [state] in
      while !state.values.withLock({ $0.isOver }) {
        if queueSignal(signal, to: process, value: 1) { state.values.withLock { $0.sent += 1 } }
        pass(microseconds: 200)
      }
    }
  }

  func end() -> UInt64 {
    state.values.withLock { $0.isOver = true }
    thread.join()
    return state.values.withLock { $0.sent }
  }
}
