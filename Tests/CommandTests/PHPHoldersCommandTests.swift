import MemDump
import MemDumpTestSupport
import Testing

/// What `refs --type` says of who holds objects of a PHP that runs, beside what the program did.
@Suite(.serialized, .enabled(if: canTrace, "ptrace is not permitted here"), .enabled(if: has("php"), "there is no php"))
struct PHPHoldersCommandTests {
  /// A program with a class for each way of holding, of 50 objects each.
  private static let program = #"""
    <?php
    class InGlobal {} class InStatic {} class InChild {} class InFunction {} class InMethod {} class InClosure {}
    class InThis { function handler() { return function () { return $this; }; } }
    class InGenerator {} class InStorage {} class InFixed {} class InQueue {} class InArrayObject {} class InCall {}
    class InCycle { public $self; } class InFiber {} class InBag {} class InPrivate {} class InReference {} class InMap {}
    class Observed { public $self; } class Extracted { public $self; }
    class Registry { protected static $items = []; static function add($o) { static::$items[] = $o; } }
    class Child extends Registry { public static $own = []; public $a = 1, $b = 2; }
    class Base { private $hidden = []; function add($o) { $this->hidden[] = $o; } }
    class Derived extends Base { public $shown = 1; public $other; }
    class Keeper { function keep($o) { static $kept = []; $kept["k" . count($kept)] = $o; } }
    class Heap extends SplMinHeap { protected function compare($a, $b): int { return 0; } }
    function keep($o) { static $kept = [], $count = 0; $kept[] = $o; $count++; }
    function stream() { $row = new InGenerator; foreach ([1, 2, 3] as $i) yield $i; }
    gc_disable();
    const N = 50;
    $storage = new SplObjectStorage; $fixed = new SplFixedArray(N); $queue = new SplQueue; $list = new ArrayObject;
    $keeper = new Keeper; $bag = new stdClass; $derived = new Derived; $heap = new Heap; $keys = $observers = [];
    $map = class_exists("WeakMap") ? new WeakMap : null;
    for ($i = 0; $i < N; $i++) {
      $global["user-$i"] = new InGlobal; Registry::add(new InStatic); Child::$own[] = new InChild; keep(new InFunction);
      $keeper->keep(new InMethod);
      $captured = new InClosure; $closures[] = function ($x) use ($captured) { return $captured; }; unset($captured);
      $handlers[] = (new InThis)->handler();
      $streams[] = $s = stream(); $s->current(); unset($s);
      $storage->attach(new InStorage); $fixed[$i] = new InFixed; $queue->push(new InQueue); $list[] = new InArrayObject;
      $cycle = new InCycle; $cycle->self = $cycle; unset($cycle);
      if (class_exists("Fiber")) {
        $f = new Fiber(function () { $mine = new InFiber; Fiber::suspend(); }); $f->start(); $fibers[] = $f; unset($f);
      }
      $bag->{"prop$i"} = new InBag; $derived->add(new InPrivate);
      $o = new InReference; $refs["r$i"] = &$o; unset($o);
      $keys[$i] = new stdClass; if ($map) $map[$keys[$i]] = new InMap;
      // What nothing holds, though a weak reference and a place of a heap that is free again lead to it.
      $o = new Observed; $o->self = $o; $observers[] = WeakReference::create($o); unset($o);
      $o = new Extracted; $o->self = $o; $heap->insert($o); unset($o);
    }
    for ($i = 0; $i < N; $i++) $heap->extract();
    class App {
      function run() { for ($i = 0; $i < N; $i++) $local["job $i"] = new InCall; $this->wait(); }
      function wait() { echo "ready\n"; fgets(STDIN); }
    }
    (new App)->run();
    """#

  private static let expected: [(type: String, holder: String?)] = [
    ("InGlobal", #"["user-#"] <- global $global"#),
    ("InStatic", "[] <- ::$items <- class Registry"),
    ("InChild", "[] <- ::$own <- class Child"),
    ("InFunction", "[] <- static $kept <- function keep"),
    ("InMethod", #"["k#"] <- static $kept <- function Keeper::keep"#),
    ("InClosure", "$captured <- Closure of holders.php:23 <- [] <- global $closures"),
    ("InThis", "Closure of holders.php:3 <- [] <- global $handlers"),
    ("InGenerator", "$row of stream <- Generator <- [] <- global $streams"),
    ("InStorage", "SplObjectStorage <- global $storage"),
    ("InFixed", "SplFixedArray <- global $fixed"),
    ("InQueue", "SplQueue <- global $queue"),
    ("InArrayObject", "[] <- ArrayObject <- global $list"),
    ("InFiber", "$mine of {closure} <- Fiber <- [] <- global $fibers"),
    ("InBag", "->prop# <- global $bag"),
    ("InPrivate", "[] <- ->hidden <- global $derived"),
    ("InReference", #"["r#"] <- global $refs"#),
    ("InMap", "WeakMap <- global $map"),
    ("InCall", #"["job #"] <- $local <- frame of App::run"#),
    ("InCycle", nil), ("Observed", nil), ("Extracted", nil),
  ]

  @Test func everyWayOfHoldingIsNamed() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(Array(Self.program.utf8), to: "holders.php")
    let php = try Child("php", [path])
    try #require(try php.readLine() == "ready")
    for (type, holder) in Self.expected {
      let rows = try Tool.run("refs", "\(php.id)", "--type", type, "--max-pause", "5s", "--json").lines.compactMap {
        JSONValue(parsing: Array($0.utf8))
      }
      let sampled = rows.last?["sampled"]?.number ?? 0
      // Versions before 8.1 have no fibers, and those before 8.0 no maps of weak references.
      if sampled == 0, ["InFiber", "InMap"].contains(type) { continue }
      #expect(sampled == 50, "\(type)")
      let ways = rows.filter { $0["type"]?.string == "object-holder" }.map { row -> String in
        let steps = (row["steps"]?.array ?? []).compactMap(\.string)
        return (steps + [row["holder"]?.string ?? ""]).joined(separator: " <- ")
      }
      #expect(ways == [holder].compactMap(\.self), "\(type)")
    }
  }
}
