import Testing

@testable import MemDump

/// What becomes of objects that nobody frees, by one collection after the other.
@Suite struct CollectedObjectsTests {
  private typealias Sight = CollectedObjects.Sight
  private static let (block, origin) = (Address(0x1000), CollectedObjects.Origin(path: 3, footprint: 64))

  /// Objects of which one was made before the collection with the number 10.
  private static func one() -> CollectedObjects {
    var objects = CollectedObjects()
    objects.add(block, origin, born: 10)
    return objects
  }

  private static func ask(_ objects: inout CollectedObjects, _ collection: UInt32, _ sight: Sight) throws {
    try objects.ask(collection) { (address, footprint) throws(MemDumpError) in
      #expect(address == block && footprint == 64)
      return sight
    }
  }

  /// The first collection may have been under way already, and keeps what is made meanwhile.
  @Test func anObjectStaysThatTwoCollectionsReached() throws {
    var objects = Self.one()
    try Self.ask(&objects, 12, .reached)
    #expect(objects.staying.isEmpty && objects.unknown == [Self.origin: 1])
    try Self.ask(&objects, 14, .unswept)
    #expect(objects.staying.isEmpty)
    try Self.ask(&objects, 14, .reached)
    #expect(objects.staying.map(\.block) == [Self.block] && objects.unknown.isEmpty)
    #expect(objects.staying.first?.origin == Self.origin)
    // And it may die later.
    try Self.ask(&objects, 20, .dead)
    #expect(objects.staying.isEmpty && objects.unknown.isEmpty)
  }

  @Test(arguments: [12, 14] as [UInt32]) func anObjectThatOneDidNotReachIsDead(collection: UInt32) throws {
    var objects = Self.one()
    if collection > 12 { try Self.ask(&objects, 12, .reached) }
    try Self.ask(&objects, collection, .dead)
    #expect(objects.staying.isEmpty && objects.unknown.isEmpty)
  }

  /// What is there then may have been made since, where the object was.
  @Test(arguments: [14, 16] as [UInt32]) func ofOneWithAMissedCollectionNothingIsKnown(collection: UInt32) throws {
    var objects = Self.one()
    if collection > 14 { try Self.ask(&objects, 12, .reached) }
    try Self.ask(&objects, collection, .reached)
    #expect(objects.staying.isEmpty && objects.unknown == [Self.origin: 1] && objects.missed == [Self.origin: 1])
  }

  @Test func aCollectionIsNotAskedTwice() throws {
    var objects = Self.one()
    try Self.ask(&objects, 10, .dead)
    try Self.ask(&objects, 12, .reached)
    try Self.ask(&objects, 12, .dead)
    #expect(objects.unknown == [Self.origin: 1])
  }

  @Test func whatIsHandedOutAnewIsAnotherObject() throws {
    var objects = Self.one()
    for collection: UInt32 in [12, 14] { try Self.ask(&objects, collection, .reached) }
    let other = CollectedObjects.Origin(path: 4, footprint: 64)
    objects.add(Self.block, other, born: 14)
    #expect(objects.staying.isEmpty && objects.unknown == [other: 1])
  }
}
