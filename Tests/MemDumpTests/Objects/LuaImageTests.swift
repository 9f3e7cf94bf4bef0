import MemDumpTestSupport
import Testing

@testable import MemDump

/// Objects of LuaJIT, byte by byte.
@Suite struct LuaImageTests {
  private static let base: UInt64 = 0x7f00_0001_0000

  /// Sessions in a list that a global variable has.
  private static func sessions() -> LuaImage {
    var image = LuaImage(base: base)
    let name = image.string("Session")
    let meta = image.table([("__name", LuaImage.value(4, name))])
    let list = (0..<5).map { number in
      LuaImage.value(11, image.table([("id", UInt64(number)), ("name", LuaImage.value(4, name))], metatable: meta))
    }
    image.setGlobal("sessions", to: image.table([], elements: list))
    return image
  }

  private static func memory(_ image: LuaImage) throws -> TestMemory { try TestMemory([image.base: image.bytes]) }

  private static func rows(_ image: LuaImage) throws -> [String: ObjectTypes.Row] {
    guard case .found(let objects) = try LuaObjects.find(in: memory(image)) else { return [:] }
    return Dictionary(uniqueKeysWithValues: objects.rows.map { (String(decoding: $0.name, as: UTF8.self), $0) })
  }

  @Test func objectsAreCountedAndTablesToldByTheirKeys() throws {
    let rows = try Self.rows(Self.sessions())
    #expect(rows["Session {id,name}"]?.objects == .init(count: 5, byteCount: 5 * 64))
    #expect(rows["Session {id,name}"]?.owned == .init(count: 5, byteCount: 5 * 48))
    #expect(rows["table []"]?.owned == .init(count: 1, byteCount: 40))
    #expect(rows["table {sessions}"]?.objects.count == 1 && rows["upvalue"]?.objects.count == 70)
    #expect(rows["thread"]?.objects.count == 1)
  }

  @Test func theWayIsToldFromTheGlobals() throws {
    guard case .ready(let search) = try LuaHolders.prepare(Self.memory(Self.sessions())),
      let name = search.objects.names(of: Array("Session".utf8)).first, let holders = try search.holders(ofType: name)
    else {
      Issue.record("no holders")
      return
    }
    #expect(holders.sampled == 5 && holders.rows.map(\.text) == ["[] <- [\"sessions\"] <- _G"])
  }

  @Test func whatWasNotGoneOverIsToldApart() throws {
    let image = Self.sessions()
    let memory = try Self.memory(image)
    let state = try #require(try LuaState.all(in: memory, WorkControl()).first)
    for (most, isCut) in [(8, true), (1 << 22, false)] {
      var reach = try LuaReach(state, in: memory, mostObjects: most, WorkControl())
      try reach.run()
      #expect(reach.isCut == isCut)
      let ways = try reach.ways(to: [Address(image.thread), Address(0x1000)])
      #expect(ways[0] != nil && ways[1] == nil)
    }
  }

  /// What a collector has not taken yet counts, but not where growth is asked for.
  @Test func garbageIsNoGrowth() throws {
    var image = Self.sessions()
    for number in 0..<9 { _ = image.table([("lost", UInt64(number))]) }
    let memory = try Self.memory(image)
    func count(_ onlyReached: Bool, _ name: String) throws -> UInt64? {
      guard case .found(let objects) = try LuaObjects.find(in: memory, onlyReached: onlyReached) else { return nil }
      return objects.rows.first { $0.name == Array(name.utf8) }?.objects.count
    }
    #expect(try count(false, "table {lost}") == 9 && count(true, "table {lost}") == nil)
    #expect(try count(false, "Session {id,name}") == 5 && count(true, "Session {id,name}") == 5)
  }

  /// The list has to come by the main thread, and its objects have to be what LuaJIT counts.
  @Test func whatContradictsItselfIsRefused() throws {
    var image = Self.sessions()
    image.set(image.global + 16, 1 << 30)
    guard case .refused(let reason) = try LuaObjects.find(in: Self.memory(image)) else {
      Issue.record("a sum that is wrong is believed")
      return
    }
    #expect(reason.parts.contains(.text(", and LuaJIT counts ")) && reason.parts.contains(.bytes(1 << 30)))
    image = Self.sessions()
    image.set(image.thread, image.global)
    guard case .refused(let other) = try LuaObjects.find(in: Self.memory(image)) else {
      Issue.record("a list that leads elsewhere is believed")
      return
    }
    #expect(other.parts.contains(.text(", where there is none: it was at work")))
    // No thread leads right behind itself.
    image = Self.sessions()
    image.set(image.thread + 16, image.global + 8192)
    guard case .none = try LuaObjects.find(in: Self.memory(image)) else {
      Issue.record("a thread that leads elsewhere is one")
      return
    }
  }

  @Test func damagedStatesEnd() throws {
    var generator = SeededGenerator(seed: 51)
    let image = Self.sessions()
    var found = 0
    for _ in 0..<(isFullRun ? 10_000 : 300) {
      let memory = try TestMemory([image.base: Damage.some(image.bytes, using: &generator)])
      if case .found(let objects) = try LuaObjects.find(in: memory) {
        #expect(objects.objects.count <= UInt64(image.bytes.count) / 8)
        found += 1
      }
      if case .ready(let search) = try LuaHolders.prepare(memory) {
        for name in search.objects.names(of: Array("Session".utf8)) { _ = try search.holders(ofType: name) }
      }
    }
    #expect(found > (isFullRun ? 1000 : 30))
  }
}
