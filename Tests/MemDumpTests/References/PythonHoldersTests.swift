import MemDumpTestSupport
import Testing

@testable import MemDump

/// Who holds objects of a small Python program, byte by byte.
@Suite struct PythonHoldersTests {
  private func holders(_ name: String, _ image: PythonImage) throws -> [String] {
    let memory = try image.memory()
    guard case .ready(var search) = try PythonHolderSearch.prepare(memory, heaps: HeapWalk(memory).run()) else {
      return []
    }
    let holders = try #require(try search.holders(ofType: Array(name.utf8)))
    return holders.rows.map { "\($0.count) \($0.text)" }
  }

  @Test func modulesAndKeysAreNamed() throws {
    let image = PythonImage.ofSessions()
    #expect(try holders("Session", image) == [#"40 list <- dict["SESSIONS"] <- module __main__"#])
    #expect(
      try holders("app.models.Session", image) == [#"10 dict["session-#"] <- dict["REGISTRY"] <- module app.models"#])
  }

  /// An object without a way is held by nobody only where all that leads to it was gone over.
  @Test func whatWasNotFollowedIsToldApart() throws {
    var referrers = PythonReferrers()
    let nodes = try (1...4).map { number in
      try #require(referrers.node(of: .init(type: 0, address: Address(UInt64(number) << 12)))?.node)
    }
    for (node, holder) in [(0, 1), (1, 0), (2, 1), (2, 3)] {
      #expect(referrers.link(nodes[node], to: referrers.objects[Int(nodes[holder])], step: "list") == nil)
    }
    referrers.leaveOpen(nodes[3])
    #expect(nodes.map { referrers.isFollowed(from: $0) } == [true, true, false, false])
    // More holders than are kept.
    for number in 0..<128 { referrers.link(nodes[0], to: .init(kind: .frame, name: "f\(number)"), step: nil) }
    #expect(!referrers.isFollowed(from: nodes[1]))
  }

  /// What tells of an object who holds it stands behind a thousand others that lead to it.
  @Test func aHolderIsFoundBehindAnyNumberOfOthers() throws {
    var image = PythonImage.ofSessions()
    let (shared, method) = (
      image.addType("Shared", basic: 32, flags: PythonImage.collected),
      image.addType("Method", basic: 32, flags: PythonImage.collected)
    )
    let object = image.addObject(of: shared, [0, 0])
    for _ in 0..<1000 { _ = image.addObject(of: method, [object, 0]) }
    let globals = image.addDictionary([
      (image.addText("__name__"), image.addText("late")), (image.addText("SHARED"), object),
    ])
    _ = image.addObject(of: image.module, [globals, 0, 0, 0, 0])
    let found = try holders("Shared", image)
    #expect(found == [#"1 dict["SHARED"] <- module late"#])
  }

  @Test func aNameStandsForOneTypeOrForThoseThatEndWithIt() throws {
    var image = PythonImage.ofSessions()
    let nodes = ["a", "b"].map { image.addType("Node", basic: 32, flags: PythonImage.collected, module: $0) }
    for node in nodes { _ = image.addObject(of: node, [0, 0]) }
    let memory = try image.memory()
    guard case .ready(let search) = try PythonHolderSearch.prepare(memory, heaps: HeapWalk(memory).run()) else {
      Issue.record("nothing is told")
      return
    }
    func names(_ name: String) -> [String] {
      search.objects.names(of: Array(name.utf8)).map { String(decoding: $0, as: UTF8.self) }.sorted()
    }
    #expect(names("Session") == ["Session"])
    #expect(names("app.models.Session") == ["app.models.Session"])
    #expect(names("Node") == ["a.Node", "b.Node"])
    #expect(names("ode") == [])
  }

  /// Objects that no more than one word leads to, which does not hold them, though what has the word is held.
  @Test func whatIsLeftOverHoldsNothing() throws {
    var image = PythonImage.ofSessions()
    let (lost, carrier) = (
      image.addType("Lost", basic: 32, flags: PythonImage.collected),
      image.addType("Carrier", basic: 32, flags: PythonImage.collected)
    )
    let weak = image.addType("weakref.ReferenceType", basic: 64, flags: PythonImage.collected)
    var held: [UInt64] = []
    // Behind the last item of a list.
    let items = image.add(32, [0, image.addObject(of: lost, [0, 0])])
    held.append(image.addObject(of: image.list, [1, items, 2]))
    // By a weak reference.
    held.append(image.addObject(of: weak, [image.addObject(of: lost, [0, 0]), 0, 0, 0, 0, 0]))
    // In a block that is free, and behind the end of an object.
    let free = image.add(64, [0, 0, image.addObject(of: lost, [0, 0])])
    image.free(free)
    held.append(image.addObject(of: carrier, [0, 0, image.addObject(of: lost, [0, 0])], byteCount: 64))
    // In a table of a dictionary, behind its last entry.
    let keys = image.add(96, [1, 3, 0, 0, 0, 0, 0, 0, 0, image.addObject(of: lost, [0, 0])])
    held.append(image.addObject(of: image.dict, [0, 7, keys, 0]))
    // In the characters of a text.
    let text = image.addText(String(repeating: "x", count: 16))
    image.put(image.addObject(of: lost, [0, 0]), at: text + 48)
    held.append(text)
    let entries = held.map { (key: image.addText("held"), value: $0) }
    let globals = image.addDictionary([(image.addText("__name__"), image.addText("keeper"))] + entries)
    _ = image.addObject(of: image.module, [globals, 0, 0, 0, 0])
    #expect(try holders("Lost", image) == [])
    #expect(try holders("Carrier", image) == [#"1 dict["held"] <- module keeper"#])
  }

  @Test func whatCHoldsIsSaid() throws {
    var image = PythonImage.ofSessions()
    let kept = image.addType("Kept", basic: 32, flags: PythonImage.collected)
    _ = image.add(64, [0, 0, image.addObject(of: kept, [0, 0])])
    #expect(try holders("Kept", image) == ["1 memory of C"])
    let other = image.addType("Other", basic: 32, flags: PythonImage.collected)
    image.put(image.addObject(of: other, [0, 0]), at: PythonImage.table + 0x210)
    #expect(try holders("Other", image) == ["1 variable of app"])
  }

  @Test func aCallIsNamedByItsFunction() throws {
    var image = PythonImage.ofSessions()
    let local = image.addType("Local", basic: 32, flags: PythonImage.collected)
    let code = image.addType("code", basic: 120, flags: 0)
    let frame = image.addType("frame", basic: 64, flags: PythonImage.collected)
    let texts = ["/srv/app.py", "run", "Server.run"].map { image.addText($0) }
    let program = image.add(128, [1, code, 0, 0] + texts)
    let object = image.addObject(of: local, [0, 0])
    _ = image.addObject(of: frame, [0, program, 0, object, 0, 0])
    #expect(try holders("Local", image) == ["1 frame of Server.run"])
  }

  /// Rings of objects end, and have no holder.
  @Test func aRingIsHeldByNobody() throws {
    var image = PythonImage.ofSessions()
    let node = image.addType("Node", basic: 32, flags: PythonImage.collected)
    let first = image.addObject(of: node, [0, 0])
    let second = image.addObject(of: node, [first, 0])
    image.put(second, at: first + 16)
    #expect(try holders("Node", image) == [])
  }

  @Test func keysOfOneFormAreOne() {
    #expect(PythonPlaces.shortened(Array("user-12-3".utf8)) == Array("user-#-#".utf8))
    let long = PythonPlaces.shortened([UInt8](repeating: 0x61, count: 300))
    #expect(long == [UInt8](repeating: 0x61, count: 48) + Array("...".utf8))
  }
}
