import MemDump
import MemDumpTestSupport
import Testing

/// The heap of a PHP that runs, beside what PHP counts of it.
@Suite(.serialized, .enabled(if: canTrace, "ptrace is not permitted here"), .enabled(if: has("php"), "there is no php"))
struct ZendCommandTests {
  /// Sessions with a text and an array each, a text with a mapping of its own, and much that was given back.
  private static let program = """
    <?php
    class Session { public $id; public $name; public $tags; }
    $kept = [];
    for ($i = 0; $i < 20000; $i++) {
      $session = new Session; $session->id = $i; $session->name = str_repeat("n", 20 + $i % 200); $session->tags = [1, 2, "t$i"];
      $kept[] = $session;
    }
    $huge = str_repeat("x", 5 << 20);
    $gone = []; for ($i = 0; $i < 50000; $i++) $gone[] = str_repeat("y", $i % 3000);
    for ($i = 0; $i < 50000; $i += 2) unset($gone[$i]);
    gc_collect_cycles();
    echo memory_get_usage(), " ", memory_get_usage(true), "\n";
    fgets(STDIN);
    """

  private static func start() throws -> (child: Child, used: Int64, real: Int64) {
    let child = try Child("php", ["-d", "memory_limit=1G", "-r", String(program.dropFirst("<?php\n".count))])
    let numbers = try child.readLine().split(separator: " ").compactMap { Int64($0) }
    return (child, try #require(numbers.first), try #require(numbers.last))
  }

  @Test(arguments: ["live", "stop"]) func theBlocksAreWhatPHPCounts(mode: String) throws {
    let (php, used, real) = try Self.start()
    let pause = mode == "stop" ? ["--max-pause", "5s"] : []
    let result = try Tool.run(["heap", "\(php.id)", "--mode", mode, "--json", "--top", "0"] + pause)
    #expect(result.status == 0, "\(result.errorText)")
    let rows = result.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
    let classes = rows.filter { $0["type"]?.string == "heap-class" && $0["allocator"]?.string == "zend" }
    let sum = classes.reduce(0) { $0 + ($1["bytes"]?.number ?? 0) }
    // To print a line takes a few blocks.
    #expect(abs(sum - used) <= 16384, "\(sum) \(used)")
    #expect(rows.last?["zend_counted_bytes"]?.number == sum)
    #expect(rows.last?["zend_huge"]?.number == 1)
    let chunks = (rows.last?["zend_chunks"]?.number ?? 0) + (rows.last?["zend_cached_chunks"]?.number ?? 0)
    #expect(chunks * 2 << 20 <= real && real <= chunks * 2 << 20 + 8 << 20)
    // An object of three members has 40 bytes and 16 for each, which is a block of 96.
    #expect(classes.first { $0["size"]?.number == 96 }?["count"]?.number ?? 0 >= 20000)
  }

  @Test func objectsAreCountedByClass() throws {
    let php = try Self.start().child
    let rows = try Tool.run("heap", "\(php.id)", "--max-pause", "5s", "--json", "--top", "0").lines.map {
      try #require(JSONValue(parsing: Array($0.utf8)))
    }
    func row(_ name: String) -> JSONValue? {
      rows.first { $0["type"]?.string == "object-type" && $0["name"]?.string == name }
    }
    #expect(row("Session")?["count"]?.number == 20000)
    #expect(row("Session")?["bytes"]?.number == Int64(20000 * 96))
    // Each has its tags; the list of all is one more, and what PHP itself has.
    #expect((20001...20200).contains(row("array")?["count"]?.number ?? 0))
    #expect((64900...66500).contains(row("string")?["count"]?.number ?? 0), "\(row("string") as Any)")
    let refs = try Tool.run("refs", "\(php.id)", "--type", "Session", "--max-pause", "5s")
    #expect(refs.text.contains("200  100.0 %  [] <- global $kept"), "\(refs.text)")
  }

  @Test func allOfItIsExplained() throws {
    let php = try Self.start().child
    let rows = try Tool.run("footprint", "\(php.id)", "--json").lines.map {
      try #require(JSONValue(parsing: Array($0.utf8)))
    }
    let own = try #require(rows.last?["private_dirty"]?.number)
    #expect(try #require(rows.last?["unexplained"]?.number) * 20 <= own, "\(rows)")
  }
}
