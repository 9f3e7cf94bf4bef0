import MemDumpTestSupport
import ScanReferences
import SystemPackage
import Testing

@testable import MemDump

/// The objects of HotSpot, in the memory of a program of a made-up build.
@Suite struct HotSpotObjectsTests {
  private static let first: [HotSpotInput.Object] =
    [(.object, 0), (.session, 0), (.bytes, 3), (.names, 5), (.classes, 20), (.classes, 0), (.session, 0)]
    + [(.stack, 33), (.bytes, 0), (.stack, 0), (.stack, 70), (.session, 0)]
  /// An object of more than half a region, of which it has the rest for itself, and one of two regions.
  private static let all: [[HotSpotInput.Object]] = [
    first, [(.bytes, 40_000)], [(.names, 20_000)], [], [(.session, 0)],
  ]

  private static func result(_ bytes: [UInt8]) throws -> ObjectTypes.Result {
    let directory = try TemporaryDirectory()
    try directory.write("libjvm.so", HotSpotInput.library)
    let memory = try NamedMemory(HotSpotInput(bytes, library: directory["libjvm.so"].string).pieces)
    return try HotSpotObjects.find(in: memory, process: nil)
  }

  private static func objects(_ bytes: [UInt8]) throws -> ObjectTypes? {
    if case .found(let types) = try result(bytes) { types } else { nil }
  }

  /// What the program has of each class, by the name that programs write.
  private static func expected(_ regions: [[HotSpotInput.Object]]) -> [String: HeapSummary.Sum] {
    let names: [HotSpotInput.Class: String] = [
      .object: "java.lang.Object", .session: "app.Session", .bytes: "byte[]", .names: "java.lang.String[][]",
      .classes: "java.lang.Class", .stack: "jdk.internal.vm.StackChunk",
    ]
    var sums: [String: HeapSummary.Sum] = [:]
    for object in regions.joined() {
      sums[names[object.class] ?? "", default: .init()].add(1, HotSpotInput.byteCount(of: object))
    }
    return sums
  }

  @Test(arguments: [false, true]) func eachObjectIsCounted(compact: Bool) throws {
    let found = try #require(try Self.objects(HotSpotInput.program(Self.all, compact: compact)))
    let rows = found.rows.map { (String(decoding: $0.name, as: UTF8.self), $0.objects) }
    #expect(Dictionary(uniqueKeysWithValues: rows) == Self.expected(Self.all))
    // All of the memory but what is left behind the object that has its region for itself is told.
    #expect(found.namedThousandths == 1000 && found.total.byteCount == found.objects.byteCount)
    #expect(found.rows.allSatisfy { $0.typeCount == 1 && $0.owned.count == 0 })
  }

  @Test func whatAThreadHasSetAsideIsNoObject() throws {
    for room in [8, 64, 0x4000] as [UInt64] {
      let found = try #require(try Self.objects(HotSpotInput.program([Self.first], room: room)))
      #expect(found.total.byteCount == found.objects.byteCount && found.objects.count == UInt64(Self.first.count))
    }
  }

  @Test func aHeapThatDoesNotAddUpIsRefused() throws {
    func reason(_ change: (inout [UInt8]) -> Void) throws -> String? {
      var bytes = HotSpotInput.program([Self.first, Self.first])
      change(&bytes)
      if case .refused(let reason) = try Self.result(bytes) { return "\(reason.parts)" } else { return nil }
    }
    #expect(try reason { _ in } == nil)
    // An object of no class at the start of the first region, with a length that cannot be.
    let lost = try #require(try reason { for place in 0x1000..<0x1100 { $0[place] = 0xff } })
    #expect(lost.contains("could be told"))
    #expect(try reason { $0[0x100 + 24] = 1 }?.contains("a collection was moving them") == true)
    // Another collector than the flags tell of.
    #expect(try reason { $0[0x60] = 0 }?.contains("its collector is none of") == true)
    // A region outside the heap.
    #expect(
      try reason {
        $0[0x100 + 16] = 1; $0[0x100 + 17] = 0; $0[0x100 + 18] = 0
      }?.contains("is not where") == true)
  }

  @Test func namesAreThoseThatProgramsWrite() {
    func title(_ name: String) -> String {
      String(decoding: HotSpotClasses.title(of: Array(name.utf8)), as: UTF8.self)
    }
    #expect(title("java/util/Map$Entry") == "java.util.Map$Entry")
    #expect(title("[[I") == "int[][]" && title("[Z") == "boolean[]" && title("[J") == "long[]")
    #expect(title("[Ljava/lang/String;") == "java.lang.String[]")
    #expect(title("App$$Lambda+0x00007f0012345678") == "App$$Lambda/0x00007f0012345678" && title("a+b") == "a+b")
    #expect(title("A+0xb") == "A+0xb" && title("+0x00007f0012345678") == "/0x00007f0012345678")
    #expect(title("[") == "[]" && title("[Q") == "Q[]" && title("L;") == "L;" && title("[L;") == "[]")
  }

  @Test func textsOfSymbolsAreThoseOfUTF8() {
    func plain(_ bytes: [UInt8]) -> String? { ModifiedUTF8.plain(bytes).map { String(decoding: $0, as: UTF8.self) } }
    #expect(plain(Array("a b\n".utf8)) == "a b\n" && plain(Array("größe€".utf8)) == "größe€" && plain([]) == "")
    // U+1D538 as a pair, a zero, and a half of a pair.
    #expect(plain([0x41, 0xed, 0xa0, 0xb5, 0xed, 0xb4, 0xb8, 0x42]) == "A𝔸B" && plain([0xc0, 0x80, 0x41]) == "\0A")
    #expect(ModifiedUTF8.plain([0xed, 0xa0, 0xb5, 0x41]) == [0xed, 0xa0, 0xb5, 0x41])
    for wrong: [UInt8] in [[0], [0x80], [0xc3], [0xe2, 0x82], [0xe2, 0x41, 0x41], [0xf0, 0x9d, 0x94, 0xb8], [0xff]] {
      #expect(ModifiedUTF8.plain(wrong) == nil)
    }
  }

  @Test func aLibraryThatIsGoneIsTold() throws {
    let memory = try NamedMemory(
      HotSpotInput(HotSpotInput.program([Self.first]), library: "/nowhere/libjvm.so").pieces)
    guard case .refused(let reason) = try HotSpotObjects.find(in: memory, process: nil) else {
      Issue.record("it is not refused")
      return
    }
    #expect("\(reason.parts)".contains("is not there as a file"))
  }

  /// Seeds of the fuzz target.
  @Test(arguments: [false, true]) func theSeedIsAProgram(compact: Bool) throws {
    let program = HotSpotInput.program([Self.first], compact: compact)
    let seed = Array(program.prefix(HotSpotInput.structuresByteCount + 0x1000))
    if updatesGoldens { try writeGolden(seed, Self.seeds + (compact ? "compact" : "program")) }
    #expect(fileBytes(Self.seeds + (compact ? "compact" : "program")) == seed)
    #expect(try Self.objects(seed)?.objects.count == UInt64(Self.first.count))
  }

  private static let seeds =
    String(#filePath.dropLast("MemDumpTests/Objects/HotSpotObjectsTests.swift".count)) + "Fuzz/Seeds/hotspot/"

  @Test func damagedHeapsEnd() throws {
    var generator = SeededGenerator(seed: 53)
    let bytes = HotSpotInput.program(Self.all)
    var (found, refused) = (0, 0)
    for number in 0..<(isFullRun ? 10_000 : 300) {
      // Most of the structures are zeros: they are hit as often as the objects.
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        let place = Int.random(in: 0..<(number % 2 == 0 ? 0x1000 : 0x1400), using: &generator)
        damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      }
      switch try Self.result(damaged) {
      case .none: break
      case .refused: refused += 1
      case .found(let objects):
        found += 1
        #expect(objects.objects.byteCount <= objects.total.byteCount)
      }
    }
    #expect(found > 50 && refused > 5, "\(found) \(refused)")
  }
}
