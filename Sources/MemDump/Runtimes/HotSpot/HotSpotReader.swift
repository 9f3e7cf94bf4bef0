/// Reads variables and members of HotSpot's structures.
struct HotSpotReader: ~Copyable {
  let structs: HotSpotStructs
  var words: WordCache

  init(_ structs: HotSpotStructs, in source: any MemorySource) throws(MemDumpError) {
    words = try WordCache(source, .jumps)
    self.structs = structs
  }

  /// A member of a structure, by the first of its names that this build has.
  mutating func word(_ address: UInt64, _ members: String...) throws(MemDumpError) -> UInt64? {
    guard let offset = structs.place(members), address & 7 == 0, address >> 47 == 0, offset < 1 << 20 else {
      return nil
    }
    // Small members lie at any address.
    let place = address &+ offset
    return try words.word(at: Address(place & ~7)).map { $0 >> ((place & 7) * 8) }
  }

  /// The address of a structure that is a member of another one.
  func place(_ address: UInt64, _ members: String...) -> UInt64? { structs.place(members).map { address &+ $0 } }

  /// A variable, by the first of its names that this build has.
  mutating func variable(_ names: String...) throws(MemDumpError) -> UInt64? {
    guard let place = structs.place(names), place >> 47 == 0,
      structs.library.contains(where: { $0.contains(Address(place)) }) || isBSS(place)
    else { return nil }
    return try words.word(at: Address(place & ~7)).map { $0 >> ((place & 7) * 8) }
  }

  /// Variables that start as zeros lie behind the file.
  private func isBSS(_ place: UInt64) -> Bool {
    guard let end = structs.library.last?.upperBound else { return false }
    return Address(place) >= end && place - end.rawValue < 16 << 20
  }

  /// Whether an object of the runtime is of a class with virtual functions, which libjvm has the table of.
  mutating func isObject(_ address: UInt64) throws(MemDumpError) -> Bool {
    guard address & 7 == 0, address >> 47 == 0, let table = try words.word(at: Address(address)) else { return false }
    return structs.library.contains { $0.contains(Address(table)) }
  }

  /// What manages the objects, of whatever collector.
  mutating func heap() throws(MemDumpError) -> UInt64? {
    guard let heap = try variable("Universe._collectedHeap"), try isObject(heap) else { return nil }
    return heap
  }
}
