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
      let result = try AllocsCommandTests.runUntil(words: words)
      #expect(result.status == 0 && result.errorText.isEmpty, "\(result.text) \(result.errorText)")
      let summary = try #require(AllocsCommandTests.values(result).last)
      #expect(summary["functions"]?.array == [.string("runtime.mallocgc")])
      let makers = summary["makers"]?.array ?? []
      #expect(makers.count == 1 && makers.first?["size"]?.number == 640)
      for path in Self.named(result) + makers {
        #expect(AllocsCommandTests.symbols(path).prefix(3) == ["runtime.newobject", "main.remember", "main.main"])
      }
      let paths = AllocsCommandTests.paths(result).filter { $0["size"]?.number == 640 }
      func path(_ name: String) -> (survived: Int64, sampled: Int64) {
        paths.filter { AllocsCommandTests.symbols($0).contains(name) }.reduce((0, 0)) {
          ($0.0 + ($1["survived"]?.number ?? 0), $0.1 + ($1["sampled"]?.number ?? 0))
        }
      }
      let (reply, remember) = (path("main.reply"), path("main.remember"))
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
