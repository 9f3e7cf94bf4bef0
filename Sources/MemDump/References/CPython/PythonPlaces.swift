/// What a place in the memory of a Python program belongs to: an object, or an end of ways.
struct PythonPlaces: Sendable {
  /// What a word that leads to an object is of.
  struct Found {
    enum What {
      case object(PythonReader.Object)
      case end(PythonReferrers.End)
    }
    var what: What
    /// The step to it, for people; nil for an end.
    var step: String?
  }

  private let map: PlaceMap
  private let heaps: Heaps
  private var names: [Int: [UInt8]] = [:]
  /// The types in the order of their addresses, with their numbers.
  private var types: [(address: Address, number: Int)] = []
  /// What objects are that ways end at.
  private var ends: [Address: PythonReferrers.End] = [:]
  /// The items of deques, by their blocks, and how many more blocks are looked at.
  private var deques: [Address: [Address: Range<UInt64>]] = [:]
  private var blocksLeft = 1 << 20
  /// The frames of calls that go on; nil where not all are known.
  private let frames: PythonLiveFrames?
  /// How many more frames are looked for: in memory that was made up, any place may be one.
  private var framesLeft = 1 << 13
  /// For each type, what its objects are to ways; nil for most.
  private var roles: [Int: Role?] = [:]

  /// What objects of some types are to ways.
  private enum Role {
    case end(ObjectHolders.Kind)
    /// It lets go of what it leads to.
    case weak
  }

  private static let weakNames = ["weakref", "weakref.ReferenceType", "weakref.CallableProxyType", "weakproxy"]
    .map { Array($0.utf8) }
  private static let ends: [([UInt8], ObjectHolders.Kind)] =
    ([
      ("module", .module), ("generator", .generator), ("async_generator", .generator), ("coroutine", .coroutine),
      ("frame", .frame), ("_thread._localdummy", .threadLocal), ("thread._localdummy", .threadLocal),
    ] as [(String, ObjectHolders.Kind)]).map { (Array($0.0.utf8), $0.1) }

  init(_ map: PlaceMap, _ heaps: Heaps, _ frames: PythonLiveFrames?) {
    (self.map, self.heaps, self.frames) = (map, heaps, frames)
  }

  /// The full name of a type.
  mutating func name(
    of number: Int, _ census: inout PythonCensus, _ words: inout WordCache
  ) throws(MemDumpError) -> [UInt8] {
    if let name = names[number] { return name }
    let name = try census.name(of: number, &words)
    names[number] = name
    return name
  }

  private mutating func role(of number: Int, _ census: borrowing PythonCensus) -> Role? {
    if let known = roles[number] { return known }
    var role: Role?
    if census.reader.types.all[number].isType {
      role = .end(.type)
    } else if Self.weakNames.contains(where: { census.reader.types.isDerived(number, from: $0) }) {
      role = .weak
    } else {
      role = Self.ends.first { census.reader.types.isDerived(number, from: $0.0) }.map { .end($0.1) }
    }
    roles[number] = .some(role)
    return role
  }

  /// What a word at a place that leads to an object is of; nil where it holds nothing.
  mutating func holder(
    at place: Address, of child: PythonReader.Object, _ census: inout PythonCensus, _ words: inout WordCache
  ) throws(MemDumpError) -> Found? {
    if let block = try heaps.block(using: place, &words) {
      switch try census.reader.content(of: block.content, &words) {
      case .spare: return nil
      case .object(let object):
        if census.reader.types.all[object.type].holdsNothing { return nil }
        // The words before an object are its collector's, apart from the two for a dictionary and weak references.
        let isBefore = place < object.address
        if try place >= census.reader.end(of: object, in: block.content, &words) { return nil }
        if object.address == child.address || isBefore && place - block.address >= 16 { return nil }
        if isBefore, object.address - block.address <= census.reader.layout.headByteCount { return nil }
        let key =
          census.reader.types.all[object.type].isDictionary && place - object.address > 24
          ? try census.reader.text(at: words.word(at: place - 8), &words) : nil
        return try found(object, key: key, &census, &words)
      case .other:
        guard let index = census.others.index(holding: place.rawValue), let owner = census.others.owner(of: index)
        else {
          return Found(what: .end(.init(kind: .memory)))
        }
        return owner.address == child.address ? nil : try found(owner, at: place, in: index, of: child, &census, &words)
      }
    }
    // Free memory, and what allocators keep of their own.
    if heaps.ranges.index(holding: place) != nil { return nil }
    if let type = type(holding: place, census) { return try found(type, key: nil, &census, &words) }
    guard let use = try map.place(of: place, &words) else { return nil }
    var isMemory = false
    if case .memory = use { isMemory = true }
    switch use {
    case .block: return nil
    case .stack(let thread): return Found(what: .end(.init(kind: .stack, name: "\(thread)")))
    case .variable, .threadLocal, .goroutines, .memory:
      // The memory of frames may lie right behind that of a module, or before that of a thread.
      if let (function, isLocal, code) = try function(ofFrameAt: place, &census, &words), isLocal || isMemory {
        // What a call has left that has returned holds nothing.
        if let frames, !frames.contains(code) { return nil }
        return Found(what: .end(.init(kind: .frame, name: function, isSure: isLocal)))
      }
      guard case .variable(let number) = use else {
        return Found(what: .end(.init(kind: isMemory ? .memory : .variable)))
      }
      return Found(what: .end(.init(kind: .variable, name: EscapedText(map.modules[number].fileName).description)))
    }
  }

  private static let deque = Array("collections.deque".utf8)

  /// Whether a place in a block of a deque is one of an item, and not left over: the block at the left has its items from an index
  /// on, that at the right up to one, and blocks that are kept for later are on no way from the one to the other. Before 3.8, where
  /// blocks are other, all count.
  private mutating func isInDeque(
    _ place: Address, _ deque: PythonReader.Object, _ census: borrowing PythonCensus, _ words: inout WordCache
  ) throws(MemDumpError) -> Bool {
    guard census.reader.layout.headByteCount == 16, let index = census.others.index(holding: place.rawValue) else {
      return true
    }
    let block = census.others.range(of: index).lowerBound
    if deques[deque.address] == nil { deques[deque.address] = try items(of: deque.address, &words) }
    return deques[deque.address]?[block]?.contains((place - block) / 8) == true
  }

  /// The words of the blocks of a deque that are its items.
  private mutating func items(
    of deque: Address, _ words: inout WordCache
  ) throws(MemDumpError) -> [Address: Range<UInt64>] {
    guard let left = try words.word(at: deque + 24), let right = try words.word(at: deque + 32),
      let first = try words.word(at: deque + 40), let last = try words.word(at: deque + 48), first <= 64, last < 64
    else { return [:] }
    var items: [Address: Range<UInt64>] = [:]
    var block = left
    while blocksLeft > 0, items[Address(block)] == nil {
      blocksLeft -= 1
      let (from, to) = (block == left ? first + 1 : 1, block == right ? last + 2 : 65)
      items[Address(block)] = from..<max(from, to)
      guard block != right, let next = try words.word(at: Address(block) + 520) else { break }
      block = next
    }
    return items
  }

  /// The type of C that a place is in.
  private mutating func type(holding place: Address, _ census: borrowing PythonCensus) -> PythonReader.Object? {
    if types.count != census.reader.types.all.count {
      types = census.reader.types.all.enumerated().map { ($0.element.address, $0.offset) }
        .sorted { $0.address < $1.address }
    }
    let index = types.partitionIndex { $0.address > place } - 1
    guard index >= 0, place - types[index].address < PythonType.dictOffset + 80,
      let own = census.reader.types.metatype(of: types[index].number)
    else { return nil }
    return PythonReader.Object(type: own, address: types[index].address)
  }

  /// The function of the frame that a place lies in; see ``PythonCensus/function(ofFrameAt:_:)``.
  private mutating func function(
    ofFrameAt place: Address, _ census: inout PythonCensus, _ words: inout WordCache
  ) throws(MemDumpError) -> (name: String, isLocal: Bool, code: Address)? {
    guard framesLeft > 0 else { return nil }
    framesLeft -= 1
    return try census.function(ofFrameAt: place, &words)
  }

  /// What a word in a block of an object is of.
  private mutating func found(
    _ owner: PythonReader.Object, at place: Address, in index: Int, of child: PythonReader.Object,
    _ census: inout PythonCensus, _ words: inout WordCache
  ) throws(MemDumpError) -> Found? {
    let type = census.reader.types.all[owner.type]
    if type.isList {
      // What is behind the last item is left over.
      guard let items = try words.word(at: owner.address + 24), let count = try words.word(at: owner.address + 16),
        place.rawValue >= items, (place.rawValue - items) / 8 < count
      else { return nil }
      return try found(owner, key: nil, &census, &words)
    }
    if census.reader.types.isDerived(owner.type, from: Self.deque), try !isInDeque(place, owner, census, &words) {
      return nil
    }
    // The only objects in the tables of a type are the names of attributes.
    if type.isType, !census.reader.types.all[child.type].isText { return nil }
    // In a table of keys a value stands behind its key; in one of values alone, behind another value.
    guard type.isDictionary, !census.reader.types.all[child.type].isText,
      let keys = try words.word(at: owner.address + census.keysOffset), census.others.index(holding: keys) == index
    else { return try found(owner, key: nil, &census, &words) }
    // What has no key before it, nor is one, is left over.
    let hasKey = try isObject(words.word(at: place - 8), &census, &words)
    if !hasKey, try !isObject(words.word(at: place + 8), &census, &words) { return nil }
    return try found(owner, key: census.reader.text(at: words.word(at: place - 8), &words), &census, &words)
  }

  private func isObject(
    _ word: UInt64?, _ census: inout PythonCensus, _ words: inout WordCache
  ) throws(MemDumpError) -> Bool {
    guard let word, word & 7 == 0, word >> 16 != 0 else { return false }
    return try census.reader.object(at: Address(word), &words) != nil
  }

  private mutating func found(
    _ object: PythonReader.Object, key: [UInt8]?, _ census: inout PythonCensus, _ words: inout WordCache
  ) throws(MemDumpError) -> Found? {
    switch role(of: object.type, census) {
    case .weak: return nil
    case .end(let kind):
      if let end = ends[object.address] { return Found(what: .end(end)) }
      var end = try census.end(kind, object, &words)
      end.object = object.address
      ends[object.address] = end
      return Found(what: .end(end))
    case nil:
      var step = EscapedText(try name(of: object.type, &census, &words)).description
      if let key { step += "[\"\(EscapedText(Self.shortened(key)))\"]" }
      return Found(what: .object(object), step: step)
    }
  }

  /// The length at which keys are cut.
  private static let longestKey = 48

  /// A key with its numbers left out, so that many keys of one form are one.
  static func shortened(_ key: [UInt8]) -> [UInt8] {
    var short: [UInt8] = []
    for byte in key {
      if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        if short.last != UInt8(ascii: "#") { short.append(UInt8(ascii: "#")) }
      } else {
        short.append(byte)
      }
      if short.count == longestKey { return short + Array("...".utf8) }
    }
    return short
  }
}
