import Glibc
import MemDump
import MemDumpTestSupport
import Testing

/// Every row of JSON has a schema, and is as that says, whatever names a process and its files have.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct SchemaTests {
  private let directory: TemporaryDirectory
  /// A name with all that could break a text.
  private static let hostile = "a\"\\\u{1b}[2J\u{9b}\u{202e}'"

  init() throws { directory = try TemporaryDirectory() }

  /// A shell whose name is no UTF-8.
  private func shell() throws -> Child {
    let child = try Child("sh", ["-c", #"printf '\377\033\302"\\\n' >/proc/$$/comm; echo ready; read x"#])
    _ = try child.readLine()
    return child
  }

  /// The records of a run, both of its outputs together.
  private func records(_ words: [String], _ text: (Tool.Result) -> String = { $0.text }) throws -> [JSONValue] {
    let result = try Tool.run(words, directory: directory.path)
    let lines = text(result).split(separator: "\n")
    #expect(!lines.isEmpty, "\(words): \(result.errorText)")
    #expect(String(validating: result.output + result.errors, as: UTF8.self) != nil)
    #expect(!(result.output + result.errors).contains { $0 < 0x20 && $0 != 0x0a || $0 == 0x7f })
    return try lines.map { try #require(JSONValue(parsing: Array($0.utf8)), "\(words): \($0)") }
  }

  private func check(_ records: [JSONValue], _ words: [String], _ seen: inout Set<String>) throws {
    for record in records {
      let type = try #require(record["type"]?.string)
      seen.insert(type)
      let complaints = try JSONSchema(type).complaints(about: record)
      #expect(complaints == [], "\(words): \(record)")
    }
  }

  /// Two processes with a mebibyte in common; the first prints the number of the second.
  private static let sharing = """
    import mmap, os, sys
    memory = mmap.mmap(-1, 1 << 20)
    memory.write(bytes(range(256)) * 4096)
    child = os.fork()
    if child: print(child, flush=True)
    sys.stdin.read()
    """

  @Test func everyRowIsAsItsSchemaSays() throws {
    let target = try FixtureProcess(
      "--name", Self.hostile, "--memfd", "--hostile-file", "--known", "--heap", "1M", "--connections", "2")
    let larger = try FixtureProcess("--heap", "8M", "--endpoints", "100000")
    let shell = try shell()
    let allocating = try Child(Programs.path("allocation-order"), [])
    try #require(allocating.readLine() == "ready")
    let held = try Child(Programs.path("held-blocks"), [])
    while try held.readLine() != "ready" {}
    let go = hasGo ? try GoProgram() : nil
    let core = directory.file("a\"\u{1b}\n\\.core")
    let raw = directory.file("raw")
    let (pid, other, hostile) = ("\(target.pid)", "\(larger.pid)", "\(shell.id)")
    let stack = try records(["regions", hostile, "--kind", "stack", "--json"]).last?["end"]?.string
    let stackTop = try #require(stack.flatMap { Address(parsing: $0) })
    let pools = Self.pools()
    try directory.write(pools.bytes, to: "pools")
    var contexts = ContextImage(base: 0x10000)
    let root = contexts.addSet("TopMemoryContext")
    contexts.addSet(Self.hostile, ident: Self.hostile, in: root.address)
    try directory.write(contexts.bytes, to: "contexts")
    var seen: Set<String> = []
    let commands = [
      ["top", pid, hostile, "--count", "2", "--every", "10ms"], ["top"], ["regions", pid], ["regions", hostile],
      ["footprint", pid, "--verbose"], ["footprint", pid, hostile],
      ["status", pid, hostile], ["rescue", hostile],
      ["scan", pid, "--top", "0"],
      ["scan", pid, "--all", "--each", "--context", "8"], ["scan", pid, "--sockets"], ["scan", "--list"],
      ["scan", pid, "--mode", "stop", "--find", Self.hostile, "--wide"], ["strings", pid, hostile, "--top", "20"],
      ["strings", pid, "--template", "--top", "20"],
      ["strings", pid, "--dups", "-n", "1"], ["strings", pid, "--each", "-e", "utf16"],
      ["heap", pid], ["heap", hostile], ["heap", "pools"], ["refs", pid, "--size", "48"], ["refs", pid, "--size", "7"],
      ["refs", pid, "--all"], ["refs", "\(held.id)", "--all"],
      ["refs", hostile, "--template", Self.hostile], ["hold", hostile, "--for", "1ms"],
      ["dump", pid, "--all", "-o", core],
      ["dump", hostile, "--region", "stack", "-o", raw, "--mode", "stop", "--sha256"],
      ["scan", core], ["heap", core], ["diff", core, other], ["diff", pid, pid], ["verify", core], ["verify", raw],
      ["watch", pid, hostile, "--every", "10ms", "--count", "3"],
      ["stacks", pid], ["stacks", hostile],
      ["peek", hostile, "\(stackTop - 32768)+32768"], ["doctor"],
      ["nginx-pools", "pools", "--base", "\(Address(pools.base))"], ["nginx-pools", hostile],
      ["postgres-contexts", "contexts", "--base", "0x10000"], ["postgres-contexts", hostile],
    ]
    let goCommands = [
      ["goroutines"], ["goroutines", "--by", "function"], ["goroutines", "--every", "10ms", "--min-growth", "0"],
      ["goroutines", "--all"], ["heap", "--sites"], ["heap"],
    ]
    let ofGo = go.map { go in goCommands.map { [$0[0], "\(go.pid)"] + $0.dropFirst() } } ?? []
    let python = has("python3") ? try PythonProgram.start(PythonProgram.known(count: 1000)).child : nil
    let ofPython =
      python.map { python in
        [["heap", "\(python.id)"]] + ["Session", "nosuch"].map { ["refs", "\(python.id)", "--type", $0] }
      } ?? []
    let sharing = has("python3") ? try Child("python3", ["-c", Self.sharing]) : nil
    let ofSharing = try sharing.map { [["footprint", "\($0.id)", try $0.readLine()]] } ?? []
    // First, while the program has new pages for what it keeps; on a busy machine a few seconds may show nothing.
    for _ in 0..<8 where canWatchAllocations && !seen.isSuperset(of: ["allocation", "page-faults"]) {
      let words = ["allocs", "\(allocating.id)", "--for", "2s"]
      try check(try records(words + ["--json"]), words, &seen)
    }
    for words in commands + ofGo + ofPython + ofSharing + [["refs", hostile, "--type", Self.hostile]] + [
      ["goroutines", hostile], ["heap", hostile, "--sites"],
    ] {
      try check(try records(words + ["--json"]), words, &seen)
    }
    let failures = [
      ["regions", "99999999"], ["scan", Self.hostile + "x"], ["nosuch"], ["heap", pid, "--top", Self.hostile],
      ["verify", "pools"], ["scan", "99999998", "99999999"],
    ]
    for words in failures { try check(try records(words + ["--json"], { $0.errorText }), words, &seen) }
    for file in [core, raw] {
      let manifest = try #require(fileBytes(file + ".json").flatMap { JSONValue(parsing: $0) })
      try check([manifest], [file], &seen)
    }
    // Pools that grow are those of a real nginx: NginxPoolsCommandTests.
    var unseen: Set<String> = ["pool-growth"]
    if !canWatchAllocations { unseen.formUnion(["allocation", "page-faults"]) }
    if !hasGo { unseen.formUnion(["goroutines", "goroutine-function", "allocation-site"]) }
    if python == nil { unseen.formUnion(["object-type", "object-holder", "shared"]) }
    #expect(seen == Set(JSONSchema.names).subtracting(unseen))
  }

  /// A schema that lets everything pass would prove nothing.
  @Test func whatIsNotAsTheSchemaSaysIsFound() throws {
    let schema = try JSONSchema("hold")
    let good =
      #"{"type":"hold","pid":1,"pause_ns":2,"command_status":null,"out_of_time":false,"state_before":"running","#
      + #""state_after":"running","tracer_after":0}"#
    func complaints(_ old: String, _ new: String) throws -> [String] {
      schema.complaints(about: try #require(JSONValue(parsing: Array(good.replacing(old, with: new).utf8))))
    }
    #expect(try complaints("", "") == [])
    for (old, new) in [
      (#""pid":1"#, #""pid":"1""#), (#""pid":1"#, #""pid":-1"#), (#""pid":1,"#, ""), (#""pid""#, #""tid""#),
      (#""hold""#, #""held""#), ("false", "0"), ("null", "{}"), (#""pid":1"#, #""pid":1,"more":2"#),
    ] { #expect(try !complaints(old, new).isEmpty, "\(old) \(new)") }
    let region = try JSONSchema("manifest")
    #expect(!region.complaints(about: .object(["base": .string("4096")])).isEmpty)
  }

  private static func pools() -> PoolImage {
    var image = PoolImage(base: 0x55_5555_0000)
    image.addPool(size: 1024, blocks: [nil, nil, 300], current: 2)
    image.addPool(size: 512, blocks: [100])
    return image
  }
}
