import MemDump
import MemDumpTestSupport
import Testing

#if arch(x86_64)
  /// `memdump allocs` and the end of `memdump watch` on programs of Go, whose collector alone takes objects back.
  @Suite(
    .serialized, .enabled(if: canWatchAllocations, "there are no events with breakpoints here"),
    .enabled(if: hasGo, "there is no go"))
  struct AllocsGoTests {
    private static func named(_ result: Tool.Result) -> [JSONValue] {
      AllocsCommandTests.paths(result).filter { $0["named"] == .boolean(true) }
    }

    /// Most objects of that size come by another path and die, and more than that stay come by a third, which frees as many.
    @Test func thePathThatKeepsIsNamed() throws {
      let fixture = try LeakFixture("go-order")
      let words = ["allocs", "\(fixture.processes[0])", "--for", "5s", "--budget", "2%", "--json"]
      let path = ["runtime.newobject", "main.remember", "main.main", "runtime.main", "runtime.goexit"]
      func makers(_ result: Tool.Result) -> [JSONValue] {
        AllocsCommandTests.values(result).last?["makers"]?.array ?? []
      }
      // Where too little is certain, a call around the path is named, which is so of it too; one beside it never is.
      let result = try AllocsCommandTests.runUntil(
        { result in
          let makers = makers(result).map { AllocsCommandTests.symbols($0) }
          for maker in makers { #expect(Array(path.suffix(maker.count)) == maker, "\(result.text)") }
          return makers.contains(path)
        }, words: words)
      #expect(result.status == 0 && result.errorText.isEmpty, "\(result.text) \(result.errorText)")
      let summary = try #require(AllocsCommandTests.values(result).last)
      #expect(summary["functions"]?.array == [.string("runtime.mallocgc")])
      #expect(makers(result).count == 1 && makers(result).first?["size"]?.number == 640)
      for named in Self.named(result) + makers(result) { #expect(AllocsCommandTests.symbols(named) == path) }
      let paths = AllocsCommandTests.paths(result).filter { $0["size"]?.number == 640 }
      func flow(_ name: String) -> (survived: Int64, sampled: Int64) {
        paths.filter { AllocsCommandTests.symbols($0).contains(name) }.reduce((0, 0)) {
          ($0.0 + ($1["survived"]?.number ?? 0), $0.1 + ($1["sampled"]?.number ?? 0))
        }
      }
      let (reply, remember) = (flow("main.reply"), flow("main.remember"))
      #expect(reply.sampled > remember.sampled * 10 && reply.survived * 20 <= reply.sampled, "\(paths)")
      #expect(remember.survived * 10 >= remember.sampled * 9, "\(paths)")
      #expect(paths.allSatisfy { $0["whole"] == .boolean(true) })
    }

    @Test func ofTheFixedTwinNobodyIsNamed() throws {
      let fixture = try LeakFixture("go-order", isFixed: true)
      let words = ["allocs", "\(fixture.processes[0])", "--for", "3s", "--budget", "2%", "--json"]
      let result = try Tool.run(words)
      #expect(result.status == 1 && result.errorText.isEmpty, "\(result.text)")
      #expect(Self.named(result).isEmpty && AllocsCommandTests.values(result).last?["makers"]?.array == [])
    }

    @Test func aWatchEndsWithWhoAllocates() throws {
      let fixture = try LeakFixture("go-sessions")
      let words = ["watch", "\(fixture.processes[0])", "--every", "1s", "--max-pause", "5s"]
      let result = try AllocsCommandTests.runUntil({ $0.text.contains(": allocated by ") }, words: words)
      #expect(
        result.text.contains(
          "\n  chunks of 1,152 bytes: allocated by go-sessions:runtime.newobject < go-sessions:main.login < "),
        "\(result.text)")
    }
  }
#endif
