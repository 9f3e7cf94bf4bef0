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

  private let source: any MemorySource
  private let stepCount: UInt64
  private let heaps: Heaps
  private let program: PHPProgram
  private let control: WorkControl
  private var words: WordCache
  private var jumps: WordCache
  private var classes: PHPClasses
  private let functions: PHPFunctions
  private let packedByteCount: UInt64
  private let roots: [PHPRoot]
  private var reached = ReachedPlaces()
  private var whats: [What] = []
  /// The blocks that have classes and functions, of which nothing is a value of the program's.
  private let shared: Set<Address>
  /// Whether objects of a class have nothing beside their properties.
  private var plain: [Address: Bool] = [:]
  /// Whether there was more than was gone over: then nothing is known of what was not reached.
  private(set) var isCut = false

  /// The most values that are gone over, of 13 bytes and two slots or more each.
  private static let mostPlaces = 1 << 22
  private static let (mostSteps, longestKey, mostFunctions) = (12, 40, 1 << 16)
  private static let shape = WordCache.Shape(blockByteCount: 1 << 12, blockCount: 1 << 12)
  private static let (closure, weakNames) = (
    Array("Closure".utf8), ["WeakReference", "WeakMap"].map { Array($0.utf8) }
  )
  /// The largest block that has no room for more than what it was asked for.
  private static let mostWithoutRest: UInt64 = 64
  /// The bytes before the first call of a stack, and one more.
  private static let stackHeadByteCount: UInt64 = 64
  /// Where a closure has its function: behind an object without properties.
  private static let closureFunction: UInt64 = 56

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
  private static func packedByteCount(_ heaps: Heaps, _ words: inout WordCache) throws(MemDumpError) -> UInt64 {
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

  private mutating func goOver(from next: inout Int, _ later: inout [Int]) throws(MemDumpError) {
    while next < reached.count, !isCut {
      try goOn(from: next, &later)
      next += 1
    }
  }

  private mutating func goOn(from number: Int, _ later: inout [Int]) throws(MemDumpError) {
    if control.isStopped || !words.hasStepsLeft || !jumps.hasStepsLeft { isCut = true }
    // What is kept in an object comes behind all that has a name.
    switch whats[number] {
    case .memory: later.append(number)
    case .object: if try !isPlain(Address(reached.places[number])) { later.append(number) }
    case .root, .table, .reference, .leaf, .frame: break
    }
    try add(from: number, isInside: false)
  }

  private mutating func lookInside(_ number: Int) throws(MemDumpError) {
    try add(from: number, isInside: true)
  }

  private mutating func add(from number: Int, isInside: Bool) throws(MemDumpError) {
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
  fileprivate typealias Body = (PHPStep, Address, What) -> Void

  private static func what(_ kind: PHPLayout.Kind) -> What {
    switch kind {
    case .array: .table
    case .object: .object
    case .reference: .reference
    case .string, .resource: .leaf
    }
  }

  /// Hands out where the value at a place leads.
  private mutating func tell(_ step: PHPStep, at place: Address, _ body: Body) throws(MemDumpError) {
    if let (kind, target) = try PHPLayout.target(ofValueAt: place, &words) { body(step, target, Self.what(kind)) }
  }

  /// Hands out the values of a table, each by its key, and the keys. A value may lead to where it stands itself, as that of a
  /// variable does, or to a structure that begins with it, as that of a constant.
  private mutating func forEachElement(
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

  private static func named(_ key: PHPTable.Key, _ step: (Address) -> PHPStep) -> PHPStep {
    if case .text(let name) = key { step(name) } else { .element }
  }

  /// Hands out what a place leads to by names and keys.
  private mutating func forEachValue(of number: Int, _ body: Body) throws(MemDumpError) {
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

  private mutating func forEachValue(of root: PHPRoot, _ body: Body) throws(MemDumpError) {
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

  private mutating func forEachVariable(ofFrameAt place: Address, _ body: Body) throws(MemDumpError) {
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

  private mutating func isClosure(_ place: Address) throws(MemDumpError) -> Bool {
    guard let type = try words.word(at: place + PHPLayout.classOffset) else { return false }
    return try classes.find(Address(type), &jumps)?.name == Self.closure
  }

  private mutating func forEachProperty(of place: Address, _ body: Body) throws(MemDumpError) {
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
  private mutating func isPlain(_ place: Address) throws(MemDumpError) -> Bool {
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

extension PHPReach {
  /// Hands out what PHP keeps in an object of a class of its own, or in a structure that such an object leads to.
  ///
  /// Behind the end of what it is, a block may have what was there before: of a structure before the object every word counts, of
  /// others none that nothing else speaks for.
  private mutating func forEachInside(of number: Int, _ body: Body) throws(MemDumpError) {
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
  private mutating func forEachValue(
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
  private mutating func forEachFrame(
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

  private mutating func forEachWord(
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
  private mutating func forEachElement(
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
  private mutating func tell(
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
  private mutating func isStack(_ block: HeapBlock) throws(MemDumpError) -> Bool {
    guard block.byteCount >= ZendChunk.pageByteCount else { return false }
    return try jumps.word(at: block.address + 8) == block.content.upperBound.rawValue
  }
}

extension PHPReach {
  /// The ways to some values; nil for those to which none was found.
  mutating func ways(to values: [Address]) throws(MemDumpError) -> [Way?] {
    words = try WordCache(source, Self.shape, steps: stepCount)
    jumps = try WordCache(source, .jumps, steps: stepCount)
    let numbers = values.map { reached.number(of: $0) }
    // By what a value leads to the next is not kept: of those on the ways it is seen again.
    var steps: [Int: PHPStep] = [:]
    for (parent, wanted) in reached.children(onWaysTo: numbers.compactMap(\.self)) {
      var found: [(PHPStep, Address)] = []
      try forEachValue(of: parent) { step, target, _ in found.append((step, target)) }
      if [.object, .memory].contains(whats[parent]) {
        try forEachInside(of: parent) { step, target, _ in found.append((step, target)) }
      }
      for (step, target) in found {
        if let number = reached.number(of: target), wanted.contains(number), steps[number] == nil {
          steps[number] = step
        }
      }
    }
    var ways: [Way?] = []
    for number in numbers { ways.append(try number.map { number throws(MemDumpError) in try way(to: number, steps) }) }
    return ways
  }

  private mutating func way(to value: Int, _ known: [Int: PHPStep]) throws(MemDumpError) -> Way {
    var (number, steps): (Int, [String]) = (value, [])
    var last: PHPStep?
    while reached.parents[number] >= 0 {
      let step = known[number] ?? .value
      let parent = Int(reached.parents[number])
      last = step
      for text in try texts(of: step, in: parent) where steps.count < Self.mostSteps {
        steps.append(EscapedText(text).description)
      }
      number = parent
    }
    guard number < roots.count else { return Way(kind: .memory, name: nil, steps: steps) }
    switch roots[number] {
    case .globals:
      guard case .global(let name) = last else { return Way(kind: .memory, name: nil, steps: steps) }
      let text = try PHPLayout.text(at: name, &jumps) ?? []
      return Way(kind: .global, name: "$" + EscapedText(text).description, steps: steps)
    case .type(let place):
      return Way(
        kind: .type, name: try classes.find(place, &jumps).map { EscapedText($0.name).description }, steps: steps)
    case .function(let place):
      let name = try functions.name(of: place, &classes, &jumps)
      return Way(kind: .function, name: name.map { EscapedText($0).description }, steps: steps)
    case .frame(let place):
      let function = try PHPProgram.function(ofFrameAt: place, &jumps)
      let name = try function.flatMap { function throws(MemDumpError) in
        try functions.name(of: function, &classes, &jumps)
      }
      return Way(kind: .frame, name: name.map { EscapedText($0).description }, steps: steps)
    }
  }

  private mutating func named(
    _ head: String, _ name: Address, _ tail: String = ""
  ) throws(MemDumpError) -> [UInt8] {
    let text = try PHPLayout.text(at: name, &jumps) ?? Array("?".utf8)
    return Array(head.utf8) + ReachedPlaces.normalised(Array(text.prefix(Self.longestKey))) + Array(tail.utf8)
  }

  private mutating func texts(of step: PHPStep, in parent: Int) throws(MemDumpError) -> [[UInt8]] {
    switch step {
    case .element: [Array("[]".utf8)]
    case .field(let name): [try named("[\"", name, "\"]")]
    case .key: [Array("key".utf8)]
    case .property(nil): [Array("->?".utf8)]
    case .property(.some(let name)): [try named("->", name)]
    case .staticProperty(let name): [try named("::$", name)]
    case .constant(let name): [try named("::", name)]
    case .staticVariable(let name): [try named("static $", name)]
    case .variable(let name): [try named("$", name) + function(ofFrame: parent)]
    case .this: [try Array("$this".utf8) + function(ofFrame: parent)]
    case .captured(let name, let object): [try named("$", name), try title(of: object)]
    case .inside(let object): [try title(of: object)]
    case .global, .value: []
    }
  }

  /// Of a call that is kept for later the function, as ` of stream`.
  private mutating func function(ofFrame number: Int) throws(MemDumpError) -> [UInt8] {
    guard whats[number] == .frame,
      let function = try PHPProgram.function(ofFrameAt: Address(reached.places[number]), &jumps),
      let name = try functions.name(of: function, &classes, &jumps)
    else { return [] }
    return Array(" of ".utf8) + name
  }

  /// What an object is of a class of PHP's own: `Closure of worker.php:12`, `SplObjectStorage`.
  private mutating func title(of place: Address) throws(MemDumpError) -> [UInt8] {
    guard let word = try words.word(at: place + PHPLayout.classOffset),
      let found = try classes.find(Address(word), &jumps)
    else { return Array("object".utf8) }
    guard found.name == Self.closure, let at = try functions.place(of: place + Self.closureFunction, &jumps) else {
      return found.name
    }
    return found.name + Array(" of ".utf8) + at
  }
}
