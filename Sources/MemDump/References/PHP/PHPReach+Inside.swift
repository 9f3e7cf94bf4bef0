extension PHPReach {
  /// Hands out what PHP keeps in an object of a class of its own, or in a structure that such an object leads to.
  ///
  /// Behind the end of what it is, a block may have what was there before: of a structure before the object every word counts, of
  /// others none that nothing else speaks for.
  mutating func forEachInside(of number: Int, _ body: Body) throws(MemDumpError) {
    let place = Address(reached.places[number])
    guard let block = try heaps.block(holding: place, &jumps) else { return }
    if whats[number] == .memory { return try forEachWord(in: block.content, .value, body) }
    guard let word = try words.word(at: place + PHPLayout.classOffset),
      let found = try classes.find(Address(word), &jumps)
    else { return }
    let isWeak = Self.weakNames.contains(found.name)
    try forEachWord(in: block.address..<place, onlyValues: isWeak, .inside(of: place), body)
    guard block.address == place else { return }
    let behind = place + PHPLayout.propertiesOffset + min(found.propertyCount, 1 << 16) * PHPLayout.valueByteCount
    let rest = min(max(behind, place), block.content.upperBound)..<block.content.upperBound
    if found.name == Self.closure {
      try forEachValue(ofClosure: place, rest, body)
    } else {
      try forEachFrame(of: place, rest, body)
    }
  }

  /// Hands out what a closure has: variables from outside or its own, and the object that it is bound to, behind which its class
  /// stands once more.
  mutating func forEachValue(
    ofClosure place: Address, _ range: Range<Address>, _ body: Body
  ) throws(MemDumpError) {
    let function = place + Self.closureFunction
    if try jumps.word(at: function).map({ $0 & 0xff }) == 2 {
      for table in try functions.statics(of: function, &jumps) {
        try forEachElement(of: table, { Self.named($0) { .captured($0, by: place) } }, body)
        body(.inside(of: place), table, .table)
      }
    }
    for value in stride(from: range.lowerBound.rawValue, to: range.upperBound.rawValue, by: 8) {
      if let (kind, target) = try PHPLayout.target(ofValueAt: Address(value), &words), kind == .object,
        let type = try words.word(at: target + PHPLayout.classOffset), try words.word(at: Address(value &+ 16)) == type
      {
        body(.inside(of: place), target, .object)
      }
    }
  }

  /// Hands out the calls that an object keeps for later: that of a generator has the generator in place of where its result goes, those
  /// of a fiber are on a stack of calls to whose first one the fiber leads, too.
  mutating func forEachFrame(
    of place: Address, _ range: Range<Address>, _ body: Body
  ) throws(MemDumpError) {
    var found: [Address] = []
    for offset in stride(from: range.lowerBound.rawValue, to: range.upperBound.rawValue, by: 8) {
      guard let word = try words.word(at: Address(offset)), word & 7 == 0, word >> 16 != 0, word >> 47 == 0 else {
        continue
      }
      if try PHPProgram.function(ofFrameAt: Address(word), &jumps) != nil { found.append(Address(word)) }
    }
    for frame in found {
      guard let block = try heaps.block(holding: frame, &jumps) else { continue }
      let isOfGenerator = try words.word(at: frame + PHPProgram.resultOffset) == place.rawValue
      let first = block.address..<block.address + Self.stackHeadByteCount
      let isOfFiber = try found.contains(where: first.contains) ? isStack(block) : false
      if isOfGenerator || isOfFiber { body(.inside(of: place), frame, .frame) }
    }
  }

  mutating func forEachWord(
    in range: Range<Address>, onlyValues: Bool = false, _ step: PHPStep, _ body: Body
  ) throws(MemDumpError) {
    var place = range.lowerBound
    var before: UInt64 = 0
    while range.upperBound - place >= 8, words.step() {
      let word = try words.word(at: place) ?? 0
      let left = range.upperBound - place
      if left >= PHPLayout.tableByteCount, word >> 32 & 0xf == PHPLayout.Kind.array.rawValue,
        try PHPTable(at: place, &words) != nil
      {
        try forEachElement(inside: place, onlyValues: onlyValues, step, body)
        place = place + PHPLayout.tableByteCount
        continue
      }
      if left >= PHPLayout.valueByteCount, let (kind, target) = try PHPLayout.target(ofValueAt: place, &words) {
        body(step, target, Self.what(kind))
      } else if !onlyValues, word & 7 == 0, word >> 16 != 0, word >> 47 == 0 {
        try tell(step, structure: Address(word), count: before, body)
      }
      before = word
      place = place + 8
    }
  }

  /// Hands out the values of a table in a structure, or what its elements are that are no values.
  mutating func forEachElement(
    inside place: Address, onlyValues: Bool, _ step: PHPStep, _ body: Body
  ) throws(MemDumpError) {
    var others: [Address] = []
    guard let table = try PHPTable(at: place, &words) else { return }
    try table.forEach(packedByteCount: packedByteCount, &words) { (place, type, _, words) throws(MemDumpError) in
      if let (kind, target) = try PHPLayout.target(ofValueAt: place, &words) {
        body(step, target, Self.what(kind))
      } else if !onlyValues, type > PHPLayout.Kind.reference.rawValue, let word = try words.word(at: place) {
        others.append(Address(word))
      }
      return true
    }
    for other in others where other.rawValue & 7 == 0 { try tell(step, structure: other, count: 0, body) }
  }

  /// Hands out what a word of a structure leads to: an array, an object, values whose number stands before it, or a structure that
  /// fills its block.
  mutating func tell(
    _ step: PHPStep, structure place: Address, count: UInt64, _ body: Body
  ) throws(MemDumpError) {
    guard let block = try heaps.block(holding: place, &jumps), !shared.contains(block.address) else { return }
    switch try PHPLayout.kind(at: place, &words) {
    case .array where block.address == place && block.byteCount == PHPLayout.tableByteCount:
      if try PHPTable(at: place, &words) != nil { return body(step, place, .table) }
    case .object:
      if let type = try words.word(at: place + PHPLayout.classOffset), try classes.find(Address(type), &jumps) != nil {
        return body(step, place, .object)
      }
    default: break
    }
    guard block.address == place else { return }
    if block.byteCount <= Self.mostWithoutRest {
      body(step, place, .memory)
    } else if count > 0, count <= block.byteCount / PHPLayout.valueByteCount,
      block.byteCount == ZendChunk.blockByteCount(for: count * PHPLayout.valueByteCount)
    {
      for number in 0..<count where words.step() {
        try tell(step, at: place + number * PHPLayout.valueByteCount, body)
      }
    }
  }

  /// Whether a block is a part of a stack of calls.
  mutating func isStack(_ block: HeapBlock) throws(MemDumpError) -> Bool {
    guard block.byteCount >= ZendChunk.pageByteCount else { return false }
    return try jumps.word(at: block.address + 8) == block.content.upperBound.rawValue
  }
}
