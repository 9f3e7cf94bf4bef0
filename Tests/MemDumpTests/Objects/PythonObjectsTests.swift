import MemDumpTestSupport
import Testing

@testable import MemDump

/// Objects of a small Python program, byte by byte.
@Suite struct PythonObjectsTests {
  private func objects(_ image: PythonImage) throws -> ObjectTypes.Result {
    let memory = try image.memory()
    return try PythonObjects.find(in: memory, heaps: HeapWalk(memory).run(), process: nil)
  }

  private func rows(_ image: PythonImage) throws -> [String: ObjectTypes.Row] {
    guard case .found(let objects) = try objects(image) else { return [:] }
    return Dictionary(uniqueKeysWithValues: objects.rows.map { (String(decoding: $0.name, as: UTF8.self), $0) })
  }

  @Test(arguments: [(16 << 10, 48), (4 << 10, 40)] as [(UInt64, UInt64)]) func typesAreCountedWithWhatIsTheirs(
    poolByteCount: UInt64, textOffset: UInt64
  ) throws {
    let image = PythonImage.ofSessions(poolByteCount: poolByteCount, textOffset: textOffset)
    let rows = try rows(image)
    #expect(rows["Session"]?.objects == .init(count: 40, byteCount: 40 * 48))
    // Two types of one name.
    #expect(rows["app.models.Session"]?.objects.count == 10)
    #expect(rows["list"]?.objects == .init(count: 1, byteCount: 64))
    #expect(rows["list"]?.owned == .init(count: 1, byteCount: 336))
    #expect(rows["module"]?.objects.count == 2)
    // Those of the two types and of the two modules, and the registry.
    #expect(rows["dict"]?.objects.count == 5)
    #expect(rows["dict"]?.owned.count == 5)
    #expect(rows["str"]?.objects.count == 4 + 10 + 6)
    guard case .found(let objects) = try objects(image) else { return }
    #expect(objects.namedByteCount == objects.total.byteCount)
    #expect(objects.rows.map(\.byteCount) == objects.rows.map(\.byteCount).sorted(by: >))
  }

  @Test func whatATypeDoesNotDemandIsNoObject() throws {
    var image = PythonImage.ofSessions()
    let before = try rows(image)
    // Without the head that the type has, with a pointer for a count, and too short.
    _ = image.add(64, [1, image.list, 3, 0, 0])
    _ = image.add(64, [0, 0, 0x7f00_0000_1000, image.list, 3, 0, 0])
    _ = image.add(32, [0, 0, 1, image.list])
    // An address of a list of types and not of an object.
    _ = image.add(32, [image.object, image.text])
    let after = try rows(image)
    #expect(after["list"]?.objects == before["list"]?.objects)
    #expect(after["str"]?.objects == before["str"]?.objects)
  }

  @Test func whatATypeKeepsForTheNextObjectIsNoObject() throws {
    var image = PythonImage.ofSessions()
    let before = try rows(image)
    _ = image.add(64, [0, 0, 0, image.list, 3, 0, 0])
    #expect(try rows(image)["list"]?.objects == before["list"]?.objects)
    guard case .found(let objects) = try objects(image) else { return }
    #expect(objects.spare == .init(count: 1, byteCount: 64))
  }

  /// Buffers of objects, and what these lead to, as the blocks of a deque.
  @Test func blocksInAChainAreTheFirstOnes() throws {
    var image = PythonImage.ofSessions()
    let deque = image.addType("collections.deque", basic: 40, flags: PythonImage.collected)
    let last = image.add(96)
    let first = image.add(96, [0, 0, 0, last])
    _ = image.addObject(of: deque, [2, first, last])
    #expect(try rows(image)["collections.deque"]?.owned == .init(count: 2, byteCount: 192))
  }

  @Test func withoutATypeOfItsOwnNothingIsBelieved() throws {
    var image = PythonImage.ofSessions()
    image.put(image.object, at: image.type + 8)
    guard case .refused = try objects(image) else {
      Issue.record("believed")
      return
    }
    image.put(image.type, at: image.type + 8)
    for _ in 0..<200 { _ = image.add(512) }
    guard case .refused(let reason) = try objects(image) else {
      Issue.record("believed")
      return
    }
    #expect(reason.parts.contains(.text(" are objects and what is theirs, and four fifths are expected")))
  }

  @Test func aProgramWithoutPoolsHasNone() throws {
    var builder = HeapBuilder()
    builder.add(1040, count: 10)
    builder.close()
    let memory = try builder.memory()
    guard case .none = try PythonObjects.find(in: memory, heaps: HeapWalk(memory).run(), process: nil) else {
      Issue.record("there are some")
      return
    }
  }
}
