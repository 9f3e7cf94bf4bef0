/// What can be reached of the values of PHP, and the shortest way to each, from what the program has by name.
///
/// It goes over all once: first from global variables, static properties and static variables over arrays and the properties of
/// objects, then so from the calls that have not returned, and at the end over what PHP keeps in objects of classes of its own.
struct PHPReach: ~Copyable {
  /// A way, from the value on.
  struct Way: Hashable, Sendable {
    var kind: ObjectHolders.Kind
    var name: String?
    var steps: [String]
  }

  /// What a place is that was reached.
  enum What: UInt8 {
    case root, table, object, reference, leaf
    /// A structure of C.
    case memory
    /// A call that is kept for later.
    case frame
  }

  let source: any MemorySource
  let stepCount: UInt64
  let heaps: Heaps
  let program: PHPProgram
  let control: WorkControl
  var words: WordCache
  var jumps: WordCache
  var classes: PHPClasses
  let functions: PHPFunctions
  let packedByteCount: UInt64
  let roots: [PHPRoot]
  var reached = ReachedPlaces()
  var whats: [What] = []
  /// The blocks that have classes and functions, of which nothing is a value of the program's.
  let shared: Set<Address>
  /// Whether objects of a class have nothing beside their properties.
  var plain: [Address: Bool] = [:]
  /// Whether there was more than was gone over: then nothing is known of what was not reached.
  private(set) var isCut = false

  /// The most values that are gone over, of 13 bytes and two slots or more each.
  static let mostPlaces = 1 << 22
  static let (mostSteps, longestKey, mostFunctions) = (12, 40, 1 << 16)
  static let shape = WordCache.Shape(blockByteCount: 1 << 12, blockCount: 1 << 12)
  static let (closure, weakNames) = (
    Array("Closure".utf8), ["WeakReference", "WeakMap"].map { Array($0.utf8) }
  )
  /// The largest block that has no room for more than what it was asked for.
  static let mostWithoutRest: UInt64 = 64
  /// The bytes before the first call of a stack, and one more.
  static let stackHeadByteCount: UInt64 = 64
  /// Where a closure has its function: behind an object without properties.
  static let closureFunction: UInt64 = 56

  init(_ program: PHPProgram, _ source: any MemorySource, _ heaps: Heaps, _ control: WorkControl) throws(MemDumpError) {
    // As many steps as there can be words in its heap, and some more for tables that are elsewhere.
    let steps = heaps.ranges.reduce(1 << 24) { $0 &+ $1.byteCount / 8 }
    let words = try WordCache(source, Self.shape, steps: steps)
    var jumps = try WordCache(source, .jumps, steps: steps)
    let all = try program.allClasses(&jumps)
    var classes = try PHPClasses(learningFrom: all, &jumps)
    var functions = try PHPProgram.functions(in: program.functions, &jumps)
    var own: [Address] = []
    for place in all where try classes.find(place, &jumps)?.isOfProgram == true {
      own.append(place)
      if functions.count < Self.mostFunctions, let table = classes.functions(of: place) {
        functions += try PHPProgram.functions(in: table, &jumps)
      }
    }
    for frame in program.frames {
      if let function = try PHPProgram.function(ofFrameAt: frame, &jumps),
        try jumps.word(at: function).map({ $0 & 0xff }) != 1
      {
        functions.append(function)
      }
    }
    var shared: Set<Address> = []
    for place in all + functions {
      if let block = try heaps.block(holding: place, &jumps) { shared.insert(block.address) }
    }
    let layout = try PHPFunctions(learningFrom: functions, heaps, &jumps)
    let packedByteCount = try Self.packedByteCount(heaps, &jumps)
    (self.functions, self.packedByteCount) = (layout, packedByteCount)
    roots = [.globals] + own.map { .type($0) } + functions.map { .function($0) } + program.frames.map { .frame($0) }
    (self.program, self.heaps, self.control) = (program, heaps, control)
    (self.classes, self.shared, self.source, stepCount) = (classes, shared, source, steps)
    self.words = words
    self.jumps = jumps
  }

  /// The bytes of an element of an array without keys: as few as a value has from PHP 8.2 on.
  static func packedByteCount(_ heaps: Heaps, _ words: inout WordCache) throws(MemDumpError) -> UInt64 {
    var (small, large) = (0, 0)
    for heap in heaps.all where heap.allocator is ZendMM {
      for place in heap.classes.filter({ $0.footprint == PHPLayout.tableByteCount }).flatMap(\.samples.addresses) {
        guard let table = try PHPTable(at: place, &words), table.isPacked, table.size >= 8,
          let block = try heaps.block(holding: table.elements, &words)
        else { continue }
        if block.byteCount >= table.size * PHPTable.bucketByteCount { large += 1 } else { small += 1 }
      }
    }
    return large > small ? PHPTable.bucketByteCount : PHPLayout.valueByteCount
  }

  /// Goes over all that is reached.
  mutating func run() throws(MemDumpError) {
    for root in roots {
      let place: Address =
        switch root {
        case .globals: program.symbols
        case .type(let place), .function(let place), .frame(let place): place
        }
      reached.add(place.rawValue, from: -1)
      whats.append(.root)
    }
    let firstFrame = roots.count - program.frames.count
    var (next, later): (Int, [Int]) = (roots.count, [])
    for rank in [0..<firstFrame, firstFrame..<roots.count] {
      for number in rank { try goOn(from: number, &later) }
      try goOver(from: &next, &later)
    }
    var place = 0
    while place < later.count, !isCut {
      try lookInside(later[place])
      place += 1
      try goOver(from: &next, &later)
    }
  }

  mutating func goOver(from next: inout Int, _ later: inout [Int]) throws(MemDumpError) {
    while next < reached.count, !isCut {
      try goOn(from: next, &later)
      next += 1
    }
  }

  mutating func goOn(from number: Int, _ later: inout [Int]) throws(MemDumpError) {
    if control.isStopped || !words.hasStepsLeft || !jumps.hasStepsLeft { isCut = true }
    // What is kept in an object comes behind all that has a name.
    switch whats[number] {
    case .memory: later.append(number)
    case .object: if try !isPlain(Address(reached.places[number])) { later.append(number) }
    case .root, .table, .reference, .leaf, .frame: break
    }
    try add(from: number, isInside: false)
  }

  mutating func lookInside(_ number: Int) throws(MemDumpError) {
    try add(from: number, isInside: true)
  }

  mutating func add(from number: Int, isInside: Bool) throws(MemDumpError) {
    var found: [(Address, What)] = []
    func note(_ step: PHPStep, _ target: Address, _ what: What) {
      if found.count <= Self.mostPlaces { found.append((target, what)) }
    }
    if isInside { try forEachInside(of: number, note) } else { try forEachValue(of: number, note) }
    if found.count > Self.mostPlaces { isCut = true }
    for (target, what) in found where reached.number(of: target) == nil {
      guard reached.count < Self.mostPlaces else {
        isCut = true
        return
      }
      reached.add(target.rawValue, from: number)
      whats.append(what)
    }
  }
}

extension PHPReach {
  typealias Body = (PHPStep, Address, What) -> Void

  static func what(_ kind: PHPLayout.Kind) -> What {
    switch kind {
    case .array: .table
    case .object: .object
    case .reference: .reference
    case .string, .resource: .leaf
    }
  }

  /// Hands out where the value at a place leads.
  mutating func tell(_ step: PHPStep, at place: Address, _ body: Body) throws(MemDumpError) {
    if let (kind, target) = try PHPLayout.target(ofValueAt: place, &words) { body(step, target, Self.what(kind)) }
  }

  /// Hands out the values of a table, each by its key, and the keys. A value may lead to where it stands itself, as that of a
  /// variable does, or to a structure that begins with it, as that of a constant.
  mutating func forEachElement(
    of place: Address, isIndirect: Bool = false, withKeys: Bool = false, _ step: (PHPTable.Key) -> PHPStep, _ body: Body
  ) throws(MemDumpError) {
    guard let table = try PHPTable(at: place, &words) else { return }
    try table.forEach(packedByteCount: packedByteCount, &words) { (place, type, key, words) throws(MemDumpError) in
      var place = place
      if type > PHPLayout.Kind.reference.rawValue {
        guard isIndirect, let target = try words.word(at: place), target & 7 == 0 else { return true }
        place = Address(target)
      }
      if let (kind, target) = try PHPLayout.target(ofValueAt: place, &words) {
        body(step(key), target, Self.what(kind))
      }
      if withKeys, case .text(let text) = key { body(.key, text, .leaf) }
      return true
    }
  }

  static func named(_ key: PHPTable.Key, _ step: (Address) -> PHPStep) -> PHPStep {
    if case .text(let name) = key { step(name) } else { .element }
  }

  /// Hands out what a place leads to by names and keys.
  mutating func forEachValue(of number: Int, _ body: Body) throws(MemDumpError) {
    let place = Address(reached.places[number])
    switch whats[number] {
    case .root: try forEachValue(of: roots[number], body)
    case .table: try forEachElement(of: place, withKeys: true, { Self.named($0, PHPStep.field) }, body)
    case .object: try forEachProperty(of: place, body)
    case .reference: try tell(.value, at: place + 8, body)
    case .frame:
      try forEachVariable(ofFrameAt: place, body)
      // The calls of a fiber are on a stack of its own.
      if let previous = try words.word(at: place + PHPProgram.previousOffset), previous & 7 == 0,
        let block = try heaps.block(holding: place, &jumps), block.content.contains(Address(previous)),
        try isStack(block), try PHPProgram.function(ofFrameAt: Address(previous), &jumps) != nil
      {
        body(.value, Address(previous), .frame)
      }
    case .leaf, .memory: return
    }
  }

  mutating func forEachValue(of root: PHPRoot, _ body: Body) throws(MemDumpError) {
    switch root {
    case .globals:
      try forEachElement(of: program.symbols, isIndirect: true, { Self.named($0, PHPStep.global) }, body)
    case .type(let place):
      guard let found = try classes.find(place, &jumps) else { return }
      for values in try classes.statics(of: place, &jumps) {
        // What has another size is none of them.
        guard found.staticCount > 0, let block = try heaps.block(holding: values, &jumps), block.address == values,
          block.byteCount == ZendChunk.blockByteCount(for: found.staticCount &* PHPLayout.valueByteCount)
        else { continue }
        for (number, name) in found.statics.sorted(by: { $0.key < $1.key }) where number < found.staticCount {
          try tell(.staticProperty(name), at: values + number * PHPLayout.valueByteCount, body)
        }
        break
      }
      if let constants = classes.constants(of: place) {
        try forEachElement(of: constants, isIndirect: true, { Self.named($0, PHPStep.constant) }, body)
      }
    case .function(let place):
      for table in try functions.statics(of: place, &jumps) {
        try forEachElement(of: table, { Self.named($0, PHPStep.staticVariable) }, body)
      }
    case .frame(let place):
      // What the code of a file has as variables are the global ones.
      guard let function = try PHPProgram.function(ofFrameAt: place, &jumps),
        try functions.name(of: function, &classes, &jumps) != nil
      else { return }
      try forEachVariable(ofFrameAt: place, body)
    }
  }

  mutating func forEachVariable(ofFrameAt place: Address, _ body: Body) throws(MemDumpError) {
    guard let function = try PHPProgram.function(ofFrameAt: place, &jumps),
      try jumps.word(at: function).map({ $0 & 0xff }) != 1
    else { return }
    for (number, name) in try functions.variables(of: function, &jumps).enumerated() {
      let value = place + PHPProgram.variablesOffset + UInt64(number) * PHPLayout.valueByteCount
      try tell(.variable(name), at: value, body)
    }
    try tell(.this, at: place + PHPProgram.thisOffset, body)
    // That of a closure is a part of it.
    let closure = Address(function.rawValue &- Self.closureFunction)
    if try PHPLayout.kind(at: closure, &words) == .object, try isClosure(closure) { body(.value, closure, .object) }
  }

  mutating func isClosure(_ place: Address) throws(MemDumpError) -> Bool {
    guard let type = try words.word(at: place + PHPLayout.classOffset) else { return false }
    return try classes.find(Address(type), &jumps)?.name == Self.closure
  }

  mutating func forEachProperty(of place: Address, _ body: Body) throws(MemDumpError) {
    guard let type = try words.word(at: place + PHPLayout.classOffset),
      let found = try classes.find(Address(type), &jumps)
    else { return }
    if let more = try words.word(at: place + PHPLayout.moreOffset), more != 0 {
      try forEachElement(of: Address(more), { Self.named($0) { .property($0) } }, body)
    }
    for number in 0..<found.propertyCount {
      let offset = PHPLayout.propertiesOffset + number * PHPLayout.valueByteCount
      guard words.step(), try words.word(at: place + offset) != nil else { break }
      try tell(.property(found.properties[offset]), at: place + offset, body)
    }
  }

  /// Whether an object has nothing beside its properties.
  mutating func isPlain(_ place: Address) throws(MemDumpError) -> Bool {
    guard let word = try words.word(at: place + PHPLayout.classOffset) else { return true }
    let type = Address(word)
    if let known = plain[type] { return known }
    guard let found = try classes.find(type, &jumps), let block = try heaps.block(holding: place, &jumps) else {
      return true
    }
    let byteCount = PHPLayout.propertiesOffset &+ max(1, found.propertyCount) &* PHPLayout.valueByteCount
    let isPlain = block.address == place && block.byteCount <= ZendChunk.blockByteCount(for: byteCount)
    plain[type] = isPlain
    return isPlain
  }
}
