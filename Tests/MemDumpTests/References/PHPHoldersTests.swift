import MemDumpTestSupport
import Testing

@testable import MemDump

/// Who holds objects of PHP, byte by byte.
@Suite struct PHPHoldersTests {
  private typealias Value = PHPImage.Value

  /// The ways of the objects of each class, by its name.
  private static func ways(in image: PHPImage) throws -> [String: [String]] {
    let memory = try image.memory()
    let heaps = try HeapWalk(memory, allocators: [ZendMM()]).run()
    guard case .ready(var search) = try PHPHolderSearch.prepare(memory, heaps: heaps) else { return [:] }
    var ways: [String: [String]] = [:]
    for name in search.objects.rows.map(\.name) {
      ways[String(decoding: name, as: UTF8.self)] = try search.holders(ofType: name)?.rows.map(\.text)
    }
    return ways
  }

  /// A program with an object at each kind of end.
  private static func program() -> PHPImage {
    var image = PHPImage()
    func type(_ name: String) -> (place: UInt64, entry: (key: String, value: UInt64)) {
      let place = image.type(name)
      return (place, (name.lowercased(), place))
    }
    let (inGlobal, inStatic, inFunction, inCall) = (
      type("InGlobal"), type("InStatic"), type("InFunction"), type("InCall")
    )
    let (lost, inClosure, inStorage, weak) = (type("Lost"), type("InClosure"), type("InStorage"), type("Weak"))
    // Of methods the layout of classes is learned.
    let method = image.function("add", variables: ["item"])
    let bag = image.type("App\\Bag", methods: [("add", .pointer(method))], properties: ["number", "items"])
    let held = image.list([.object(image.object(of: inGlobal.place))])
    let bagObject = image.object(of: bag, [.number(1), .array(held)])
    let cache = image.table([("user-17", .object(image.object(of: inStatic.place)))])
    let registry = image.type(
      "Registry", methods: [("add", .pointer(method))],
      statics: [("count", .number(1)), ("cache", .array(cache))])
    let kept = image.reference(to: .array(image.list([.object(image.object(of: inFunction.place))])))
    let remember = image.function(
      "remember", variables: ["name", "kept", "event"], statics: image.table([("kept", .reference(kept))]))
    let serve = image.function("serve", variables: ["number", "jobs"])
    let jobs = image.list([.object(image.object(of: inCall.place))])
    let cycle = image.list([])
    image.put([0], at: cycle + 48)
    _ = image.object(of: lost.place, [.array(cycle)])
    let closureType = image.type("Closure", isOfProgram: false)
    let closure = image.object(of: closureType, behind: 296)
    _ = image.function("{closure}", variables: ["event", "seen"], at: closure + 56)
    let captured = image.table([("seen", .object(image.object(of: inClosure.place)))])
    image.put([captured], at: closure + 56 + 96)
    // As SplObjectStorage, a structure of its own before the object, whose elements are elsewhere.
    let storageType = image.type("Storage", isOfProgram: false)
    let storage = image.allocate(192)
    let elements = image.allocate(80)
    // How many values there are stands before where they are.
    image.put([5, elements], at: storage + 16)
    image.put([0, 0, image.object(of: inStorage.place), 0x308], at: elements)
    image.put([PHPImage.header(8), 1, storageType, 0, 0], at: storage + 128)
    let weakType = image.type("WeakReference", isOfProgram: false)
    let reference = image.allocate(80)
    image.put([image.object(of: weak.place), PHPImage.header(8), 1, weakType, 0, 0], at: reference)
    image.finish(
      globals: [
        ("bag", .object(bagObject)), ("handlers", .array(image.list([.object(closure)]))),
        ("storage", .object(storage + 128)), ("observed", .object(reference + 8)),
      ],
      classes: [
        inGlobal.entry, inStatic.entry, inFunction.entry, inCall.entry, lost.entry, inClosure.entry, inStorage.entry,
        weak.entry, ("app\\bag", bag), ("registry", registry), ("closure", closureType), ("storage", storageType),
        ("weakreference", weakType),
      ],
      functions: [("remember", remember), ("serve", serve)], frame: (serve, [.number(1), .array(jobs)]))
    return image
  }

  @Test func everyKindOfEndIsNamed() throws {
    let ways = try Self.ways(in: Self.program())
    #expect(ways["InGlobal"] == ["[] <- ->items <- global $bag"])
    #expect(ways["InStatic"] == ["[\"user-#\"] <- ::$cache <- class Registry"])
    #expect(ways["InFunction"] == ["[] <- static $kept <- function remember"])
    #expect(ways["InCall"] == ["[] <- $jobs <- frame of serve"])
    #expect(ways["InClosure"] == ["$seen <- Closure of worker.php:12 <- [] <- global $handlers"])
    #expect(ways["InStorage"] == ["Storage <- global $storage"])
    #expect(ways["App\\Bag"] == ["global $bag"])
  }

  @Test func whatNothingLeadsToHasNoHolder() throws {
    let ways = try Self.ways(in: Self.program())
    #expect(ways["Lost"] == [])
    // A weak reference holds nothing.
    #expect(ways["Weak"] == [])
  }

  /// Values where a class says that it has none, and places of a block behind the last property.
  @Test func whatIsLeftOverHoldsNothing() throws {
    var image = PHPImage()
    let (own, other) = (image.type("Own"), image.type("Other"))
    let method = image.function("add", variables: ["item"])
    let names = (0..<6).map { "p\($0)" }
    let wide = image.type("Wide", methods: [("add", .pointer(method))], properties: names)
    let object = image.object(of: wide, names.map { _ in .number(1) })
    image.put([image.object(of: own), 0x308], at: object + 136)
    // Static properties in a block that is not theirs.
    let registry = image.type(
      "Registry", methods: [("add", .pointer(method))], statics: [("one", .object(image.object(of: other)))],
      staticByteCount: 64)
    image.finish(
      globals: [("wide", .object(object))],
      classes: [("own", own), ("other", other), ("wide", wide), ("registry", registry)], functions: [])
    let ways = try Self.ways(in: image)
    #expect(ways["Wide"] == ["global $wide"])
    #expect(ways["Own"] == [] && ways["Other"] == [])
  }

  @Test func namesStandForClassesOfNamespaces() throws {
    let memory = try Self.program().memory()
    let heaps = try HeapWalk(memory, allocators: [ZendMM()]).run()
    guard case .ready(let search) = try PHPHolderSearch.prepare(memory, heaps: heaps) else {
      Issue.record("there is no search")
      return
    }
    #expect(search.objects.names(of: Array("Bag".utf8)) == [Array("App\\Bag".utf8)])
    #expect(search.objects.names(of: Array("Lost".utf8)) == [Array("Lost".utf8)])
    #expect(search.objects.names(of: Array("ag".utf8)) == [])
  }

  @Test func aProgramWithoutItsVariablesIsRefused() throws {
    let image = Self.program()
    let memory = try TestMemory([PHPImage.base: image.bytes])
    let heaps = try HeapWalk(memory, allocators: [ZendMM()]).run()
    guard case .refused = try PHPHolderSearch.prepare(memory, heaps: heaps) else {
      Issue.record("it is not refused")
      return
    }
  }

  @Test func damagedProgramsEnd() throws {
    var generator = SeededGenerator(seed: 61)
    let whole = Self.program()
    let used = whole.bytes.lastIndex { $0 != 0 } ?? 0
    var found = 0
    for _ in 0..<(isFullRun ? 10_000 : 60) {
      let head = Damage.some(Array(whole.bytes[4096...used]), using: &generator)
      let globals = Damage.some(whole.globals, using: &generator)
      let bytes = Array(whole.bytes[..<4096]) + head + whole.bytes[(used + 1)...]
      let memory = try TestMemory([PHPImage.variables: globals, PHPImage.base: bytes])
      let heaps = try HeapWalk(memory, allocators: [ZendMM()]).run()
      guard case .ready(var search) = try PHPHolderSearch.prepare(memory, heaps: heaps) else { continue }
      found += 1
      for name in search.objects.rows.map(\.name) { _ = try search.holders(ofType: name) }
    }
    #expect(found > 4)
  }
}
