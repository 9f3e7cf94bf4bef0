import MemDump
import MemDumpTestSupport
import Testing

#if arch(x86_64)
  /// An allocator beside glibc's as a library, with the program `allocation-order` under it.
  enum OtherAllocator: String, CaseIterable, Sendable {
    case jemalloc = "libjemalloc.so.2"
    case tcmalloc = "libtcmalloc_minimal.so.4"
    case mimalloc = "libmimalloc.so.2.0"
    case musl = "musl-gcc"
    case staticMusl = "musl-gcc -static"
    case staticGlibc = "cc -static"

    static let installed = allCases.filter { allocator in
      allocator.rawValue.hasPrefix("lib")
        ? HeapBooks.library(allocator.rawValue) != nil
        : Programs.find(String(allocator.rawValue.split(separator: " ")[0])) != nil
    }

    /// What each of its blocks takes of the heap, in bytes.
    var size: Int64 {
      switch self {
      case .jemalloc, .tcmalloc, .mimalloc: 640
      case .musl, .staticMusl: 672
      case .staticGlibc: 624
      }
    }

    func start() throws -> Child {
      let program: Child
      if rawValue.hasPrefix("lib") {
        let library = try #require(HeapBooks.library(rawValue))
        program = try Child(Programs.path("allocation-order"), [], environment: ["LD_PRELOAD": library])
      } else {
        let words = rawValue.split(separator: " ").map(String.init)
        program = try Child(
          FixtureBuild.path(of: "allocation-order", by: words[0], ["-O2"] + words.dropFirst()), [])
      }
      try #require(program.readLine() == "ready")
      return program
    }
  }

  /// `memdump allocs` on the leak that is hardest to tell, under each allocator that is walked.
  @Suite(
    .serialized, .enabled(if: canWatchAllocations, "there are no events with breakpoints here"),
    .enabled(if: has("cc"), "there is no C compiler"))
  struct AllocsAllocatorTests {
    @Test(arguments: OtherAllocator.installed) func thePathThatKeepsIsNamed(allocator: OtherAllocator) throws {
      let program = try allocator.start()
      let words = ["allocs", "\(program.id)", "--for", "4s", "--budget", "5%", "--json"]
      func named(_ result: Tool.Result) -> [JSONValue] {
        AllocsCommandTests.paths(result).filter { $0["named"] == .boolean(true) }
      }
      var result = try Tool.run(words)
      for _ in 0..<(isFullRun ? 5 : 0) where named(result).isEmpty { result = try Tool.run(words) }
      #expect([0, 1].contains(result.status) && result.errorText.isEmpty, "\(result.text) \(result.errorText)")
      let makers = AllocsCommandTests.values(result).last?["makers"]?.array ?? []
      // Beside other tests its bursts may see too little, and then it names nobody; the full form runs when the machine is calm.
      #expect(makers.count == 1 || makers.isEmpty && !isFullRun, "\(result.text)")
      #expect(makers.allSatisfy { AllocsCommandTests.symbols($0).first == "cache_remember" }, "\(makers)")
      for path in named(result) {
        #expect(path["size"]?.number == allocator.size)
        #expect(AllocsCommandTests.symbols(path).prefix(2) == ["cache_remember", "request_handle"])
      }
      // Whoever is named or not: what was handed out by it is seen to stay, and of the others hardly any.
      let others = AllocsCommandTests.paths(result).filter { AllocsCommandTests.symbols($0).first == "request_reply" }
      #expect(others.allSatisfy { ($0["survived"]?.number ?? 0) * 10 <= ($0["sampled"]?.number ?? 0) }, "\(others)")
      let truth = try AllocsCommandTests.truth(program)
      #expect(truth.kept > 100 && truth.bad == 0)
    }

    /// Looks of a watch are of one instant; the watch of allocations at its end walks a heap that goes on changing.
    @Test(.enabled(if: has("musl-gcc"), "musl-gcc is not installed")) func aWatchOnMuslEndsWithWhoAllocates() throws {
      let program = try OtherAllocator.staticMusl.start()
      let words = ["watch", "\(program.id)", "--every", "1s", "--min-growth", "64K", "--max-pause", "5s"]
      let result = try AllocsCommandTests.runUntil({ $0.text.contains(": allocated by ") }, words: words)
      #expect(
        result.text.contains(
          #/\n  chunks of 672 bytes: allocated by allocation-order-[0-9]+:cache_remember < allocation-order-[0-9]+:request_handle </#
        ), "\(result.text)")
    }

    /// Nothing tells where malloc is: page faults are told as the hint that they are, and nobody is named.
    @Test func ofAStrippedStaticProgramItIsSaidThatNobodyIsSeen() throws {
      let path = try FixtureBuild.path(of: "allocation-order", by: "cc", ["-O2", "-static", "-s"])
      let program = try Child(path, [])
      try #require(program.readLine() == "ready")
      let reason =
        "no module tells where its malloc and free are, as in a static program without symbols: page faults alone"
      let result = try Tool.run("allocs", "\(program.id)", "--for", "1s", "--budget", "5%")
      #expect(result.status == 1 && result.errorText.isEmpty)
      #expect(result.text.contains("; who makes them was not seen in 0 bursts\n"), "\(result.text)")
      #expect(result.text.contains("  NOTE      \(reason)") && !result.text.contains("allocated by"))
      let words = ["watch", "\(program.id)", "--every", "500ms", "--min-growth", "64K", "--max-pause", "5s"]
      let watch = try AllocsCommandTests.runUntil({ $0.text.contains("who allocates them") }, words: words)
      #expect(watch.text.contains("\n  who allocates them was not seen in 0 bursts in "), "\(watch.text)")
      #expect(watch.text.contains("\n  \(reason)") && !watch.text.contains("allocated by"))
      #expect(try AllocsCommandTests.truth(program).bad == 0)
    }
  }
#endif
