import MemDumpTestSupport
import Testing

@testable import MemDump

/// What is found in a running Python, beside what its own collector and allocator count.
@Suite(.serialized, .enabled(if: has("python3"), "python3 is not installed")) struct PythonTests {
  private func look(_ child: Child) throws -> (heaps: Heaps, objects: ObjectTypes) {
    let target = try TargetProcess(#require(ProcessID(rawValue: child.id)))
    let memory = try LiveMemory(target)
    let heaps = try HeapWalk(memory).run()
    guard case .found(let objects) = try PythonObjects.find(in: memory, heaps: heaps, process: target) else {
      throw TestFailure("no objects are told")
    }
    return (heaps, objects)
  }

  /// By type a thousandth at most, or the few objects that the count itself makes.
  private func check(_ lines: [String], _ found: (heaps: Heaps, objects: ObjectTypes)) throws {
    var compared = 0
    let counts = Dictionary(
      uniqueKeysWithValues: found.objects.rows.map { (String(decoding: $0.name, as: UTF8.self), $0.objects.count) })
    for line in lines {
      let words = line.split(separator: " ").map(String.init)
      guard words.first == "type", words.count == 3, let truth = UInt64(words[2]) else { continue }
      let count = counts[words[1], default: 0]
      #expect(max(count, truth) - min(count, truth) <= max(6, truth / 1000), "\(words[1]): \(count) of \(truth)")
      compared += 1
    }
    #expect(compared > 20)
    // The sizes of blocks, as `sys._debugmallocstats` tells them: class, size, pools, in use, free.
    let heap = try #require(found.heaps.all.first { $0.allocator.name == "pymalloc" })
    var sizes = 0
    for line in lines {
      let numbers = line.split(separator: " ").map { UInt64($0) }
      guard numbers.count == 5, let size = numbers[1], let truth = numbers[3], truth > 0 else { continue }
      let count = heap.classes.first { $0.footprint == size }?.count ?? 0
      #expect(max(count, truth) - min(count, truth) <= max(16, truth / 1000), "\(size) B: \(count) of \(truth)")
      sizes += 1
    }
    #expect(sizes > 20 || !lines.contains { $0.hasPrefix("class") })
    #expect(heap.isClean)
  }

  @Test(arguments: PythonProgram.installed) func objectsAndBlocksAreThoseThatPythonCounts(name: String) throws {
    let (child, lines) = try PythonProgram.start(PythonProgram.known(count: 20_000), name)
    let found = try look(child)
    try check(lines, found)
    #expect(found.objects.namedThousandths >= 900, "\(name)")
    // What belongs to objects: the blocks of a queue, and buffers.
    let rows = Dictionary(
      uniqueKeysWithValues: found.objects.rows.map { (String(decoding: $0.name, as: UTF8.self), $0) })
    #expect(rows["collections.deque"]?.owned.count ?? 0 >= 20_000 / 64)
    #expect((2000...2100).contains(rows["bytearray"]?.owned.count ?? 0))
  }

  /// However many threads take the census, it is the same, but for which objects are its samples.
  @Test func aCensusInPartsIsTheSame() throws {
    let child = try PythonProgram.start(PythonProgram.known(count: 20_000)).child
    let target = try TargetProcess(#require(ProcessID(rawValue: child.id)))
    let memory = try LiveMemory(target)
    let heaps = try HeapWalk(memory).run()
    func census(_ parts: Int) throws -> [String] {
      guard var census = try PythonCensus.take(memory, heaps, target, parts: parts, WorkControl()) else {
        throw TestFailure("no census is taken")
      }
      let sums = [census.total, census.spare, census.pooled.total, census.pooled.named]
      let objects = try ObjectTypes(&census, memory)
      let samples = census.tallies.map { $0.samples.addresses.count }.max() ?? 0
      #expect((256...512).contains(samples))
      return objects.rows.map { "\($0)" } + sums.map { "\($0)" } + ["\(census.others.count) \(census.modules.count)"]
    }
    let whole = try census(1)
    #expect(whole.count > 50 && heaps.blockPages.count > 8)
    for parts in [2, 3, 8] { #expect(try census(parts) == whole) }
  }

  @Test(.enabled(if: isFullRun, "for the full form of the tests"), arguments: PythonProgram.installed)
  func nearlyAllOfAHundredMegabytesIsNamed(name: String) throws {
    let (child, lines) = try PythonProgram.start(PythonProgram.known(count: 160_000), name)
    let found = try look(child)
    try check(lines, found)
    #expect(found.objects.namedThousandths >= 990, "\(name)")
  }

  /// While objects come and go, none is counted twice and hardly one is missed.
  @Test func aProgramThatRunsIsCountedToo() throws {
    let script = """
      class Session(object):
          def __init__(self, i): self.name = 'session-%d' % i
      SESSIONS = [Session(i) for i in range(20000)]
      print('ready')
      i = 0
      while True:
          i += 1
          SESSIONS[i % 20000] = Session(i)
          x = {'a': [i, str(i)], 'b': (i,)}
      """
    let (child, _) = try PythonProgram.start(script)
    var counts: [UInt64] = []
    // On a busy machine a look may take so long that much of it has changed.
    for _ in 0..<8 where counts.count(where: { (19_980...20_020).contains($0) }) < 2 {
      counts.append(try look(child).objects.rows.first { $0.name == Array("Session".utf8) }?.objects.count ?? 0)
    }
    #expect(counts.count { (19_980...20_020).contains($0) } == 2, "\(counts)")
  }

  /// Ten kinds of holders, in the words of whoever wrote them.
  @Test(arguments: PythonProgram.installed.filter { $0 != "python2.7" }) func holdersAreNamed(name: String) throws {
    let (child, _) = try PythonProgram.start(PythonProgram.holders(count: 400), name)
    let target = try TargetProcess(#require(ProcessID(rawValue: child.id)))
    let memory = try LiveMemory(target)
    let prepared = try PythonHolderSearch.prepare(memory, heaps: HeapWalk(memory).run(), process: target)
    guard case .ready(var search) = consume prepared else { throw TestFailure("no objects are told") }
    let module = "module __main__"
    let expected: [(type: String, holders: [String])] = [
      ("Cached", [#"dict <- functools._lru_cache_wrapper <- dict["look_up"] <- \#(module)"#]),
      ("OfClass", [#"list <- dict["items"] <- class Registry"#]),
      ("OfTenant", [#"list <- dict["tenant-#"] <- dict["tenants"] <- dict["STATE"] <- \#(module)"#]),
      ("Closed", [#"list <- cell <- tuple <- function <- dict["HANDLER"] <- \#(module)"#]),
      // From 3.11 on, attributes need no dictionary; before 3.6 shared keys differ.
      (
        "Listener",
        ["", " <- dict", #" <- dict["listeners"]"#].map {
          #"method <- list\#($0) <- Bus <- dict["BUS"] <- \#(module)"#
        }
      ),
      ("Generated", ["list <- generator generate"]),
      ("Awaiting", ["coroutine job"]),
      (
        "OfThread",
        [
          #"list <- dict["items"] <- threading.local"#,
          #"list <- dict["items"] <- dict <- _thread._local <- frame of work"#,
        ]
      ),
      ("Local", ["list <- frame of inner", "list <- frame of main.<locals>.inner"]),
    ]
    for (type, texts) in expected {
      let holders = try #require(try search.holders(ofType: Array(type.utf8)))
      let right = holders.rows.filter { texts.contains($0.text) }.reduce(0) { $0 + $1.count }
      #expect(right * 100 >= holders.sampled * 99, "\(name), \(type): \(holders.rows.map(\.text))")
    }
    let cycle = try #require(try search.holders(ofType: Array("Cycle".utf8)))
    #expect(cycle.sampled > 100)
    #expect(cycle.traced * 100 <= cycle.sampled, "\(cycle.rows.map(\.text))")
  }

  /// The memory of calls that have returned still has their variables, from 3.11 on: objects that nothing else holds have no holder.
  @Test(
    arguments: PythonProgram.installed.filter { ["python3.11", "python3.12", "python3.13", "python3"].contains($0) })
  func whatCallsHaveLeftHoldsNothing(name: String) throws {
    let script = """
      import gc, sys
      gc.disable()
      class Gone(object): pass
      def deep(n):
          if n: return deep(n - 1)
          first, second, third = Gone(), Gone(), Gone()
          for each in (first, second, third): each.me = each
      deep(20)
      print('ready')
      sys.stdin.readline()
      """
    let (child, _) = try PythonProgram.start(script, name)
    let target = try TargetProcess(#require(ProcessID(rawValue: child.id)))
    let memory = try LiveMemory(target)
    let prepared = try PythonHolderSearch.prepare(memory, heaps: HeapWalk(memory).run(), process: target)
    guard case .ready(var search) = consume prepared else { throw TestFailure("no objects are told") }
    let holders = try #require(try search.holders(ofType: Array("Gone".utf8)))
    #expect(holders.sampled == 3 && holders.traced == 0, "\(name): \(holders.rows.map(\.text))")
  }
}
