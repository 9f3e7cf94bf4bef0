/// What can be reached of the objects of LuaJIT, and the shortest way to each, from what a state itself has.
///
/// It goes over all that can be reached, once, from the globals first, then from the registry, and then from the stack of the main
/// thread, so that each object has one way, the same in each run over the same memory.
struct LuaReach: ~Copyable {
  /// Where ways begin, those of the best evidence first.
  enum Root: Int, CaseIterable, Sendable {
    case globals, registry, stack
  }

  /// A way, from the object on.
  struct Way: Hashable, Sendable {
    var root: Root
    var steps: [String]
  }

  private let state: LuaState
  private let control: WorkControl
  private let source: any MemorySource
  private var words: WordCache
  private var reached = ReachedPlaces()
  /// Whether there was more than was gone over: then nothing is known of what was not reached.
  private(set) var isCut = false

  /// The most objects that are gone over, of 12 bytes and two slots or more each.
  private let mostObjects: Int
  /// The most steps of a way that are told.
  private static let mostSteps = 12
  private static let shape = WordCache.Shape(blockByteCount: 1 << 12, blockCount: 1 << 12)

  /// Prepares a search; it is ``run()`` once, before it is asked.
  init(
    _ state: LuaState, in source: any MemorySource, mostObjects: Int = 1 << 22, _ control: WorkControl
  ) throws(MemDumpError) {
    let words = try Self.words(state, source)
    (self.state, self.control, self.source, self.mostObjects) = (state, control, source, mostObjects)
    self.words = words
  }

  private static func words(
    _ state: LuaState, _ source: any MemorySource
  ) throws(MemDumpError) -> WordCache {
    try WordCache(source, shape, steps: state.presentByteCount / 8)
  }

  /// Goes over all that the state reaches.
  mutating func run() throws(MemDumpError) {
    let globals = try words.word(at: state.thread + 72).map { Address($0) }
    let roots = [globals, state.registry, Optional(state.thread)]
    for place in roots { reached.add(place?.rawValue ?? 0, from: -1) }
    var next = roots.count
    for (number, place) in roots.enumerated() {
      // One root may be the other.
      guard let place, self.number(of: place) == number else { continue }
      try goOn(from: number)
      while next < reached.count, !isCut {
        try goOn(from: next)
        next += 1
        if control.isStopped || !words.hasStepsLeft { isCut = true }
      }
    }
  }

  private mutating func goOn(from number: Int) throws(MemDumpError) {
    var found: [Address] = []
    try Self.forEachPointer(of: Address(reached.places[number]), &words) { _, target in found.append(target) }
    for target in found where self.number(of: target) == nil {
      guard reached.count < mostObjects else {
        isCut = true
        return
      }
      reached.add(target.rawValue, from: number)
    }
  }

  private static func forEachPointer(
    of place: Address, _ words: inout WordCache, _ body: (LuaPointers.Step, Address) -> Void
  ) throws(MemDumpError) {
    guard let header = try LuaLayout.Header(at: place, &words), let object = try LuaObject(header, at: place, &words)
    else { return }
    try LuaPointers.forEach(of: object, header, &words, body)
  }

  private func number(of place: Address) -> Int? { reached.number(of: place) }

  /// Whether an object is reached.
  func contains(_ object: Address) -> Bool { number(of: object) != nil }

  /// The ways to some objects; nil for those to which none was found.
  consuming func ways(to objects: [Address]) throws(MemDumpError) -> [Way?] {
    let numbers = objects.map { number(of: $0) }
    // By what an object leads to the next is not kept: of those on the ways it is seen again.
    var steps: [Int: LuaPointers.Step] = [:]
    var words = try Self.words(state, source)
    for (parent, wanted) in reached.children(onWaysTo: numbers.compactMap(\.self)) {
      try Self.forEachPointer(of: Address(reached.places[parent]), &words) { step, target in
        if let number = number(of: target), wanted.contains(number), steps[number] == nil { steps[number] = step }
      }
    }
    var ways: [Way?] = []
    for number in numbers { ways.append(try number.map { number throws(MemDumpError) in try way(to: number, steps) }) }
    return ways
  }

  private mutating func way(to object: Int, _ known: [Int: LuaPointers.Step]) throws(MemDumpError) -> Way {
    var (number, steps): (Int, [String]) = (object, [])
    while reached.parents[number] >= 0 {
      let step = known[number] ?? .value
      // What an upvalue has is told by the variable, and what the main thread has on its stack by the end of the way.
      let isEnd = reached.parents[number] == 2 && step == .stack
      if step != .value, !isEnd, steps.count < Self.mostSteps {
        steps.append(EscapedText(try text(of: step)).description)
      }
      number = Int(reached.parents[number])
    }
    return Way(root: Root(rawValue: number) ?? .stack, steps: steps)
  }

  private mutating func text(of step: LuaPointers.Step) throws(MemDumpError) -> [UInt8] {
    switch step {
    case .element: return Array("[]".utf8)
    case .field(let key):
      let text = try state.text(at: key, limit: 40, &words) ?? []
      return Array("[\"".utf8) + ReachedPlaces.normalised(text) + Array("\"]".utf8)
    case .otherField: return Array("[?]".utf8)
    case .key: return Array("key".utf8)
    case .metatable: return Array("metatable".utf8)
    case .upvalue(let code, let number):
      var text = Array("upvalue".utf8)
      if let name = try name(ofUpvalue: number, of: code) { text += [UInt8(ascii: " ")] + name }
      if let place = try place(of: code) { text += Array(" of ".utf8) + place }
      return text
    case .value: return []
    case .stack: return Array("stack".utf8)
    case .constant: return Array("constant".utf8)
    case .environment: return Array("environment".utf8)
    }
  }

  /// Where a function begins: `app.lua:12`.
  private mutating func place(of code: Address) throws(MemDumpError) -> [UInt8]? {
    guard let header = try LuaLayout.Header(at: code, &words), header.kind == .proto,
      let chunk = try words.word(at: code + 64), let line = try words.word(at: code + 72),
      var name = try state.text(at: Address(chunk), limit: 200, &words)
    else { return nil }
    // The name of a file comes after an @, that of a text after a =; what is neither is the code itself.
    if name.first == UInt8(ascii: "@") || name.first == UInt8(ascii: "=") {
      name.removeFirst()
    } else {
      name = Array("[string]".utf8)
    }
    return name.fileName + Array(":\(line & 0xffff_ffff)".utf8)
  }

  /// The name of a variable that a function has from outside; nil where the code was stripped.
  private mutating func name(ofUpvalue number: UInt8, of code: Address) throws(MemDumpError) -> [UInt8]? {
    guard let header = try LuaLayout.Header(at: code, &words), header.kind == .proto,
      let names = try words.word(at: code + 88), names > 4096
    else { return nil }
    let bytes = try words.bytes(at: Address(names), count: 4096)
    var (start, left) = (0, Int(number))
    while let end = bytes[start...].firstIndex(of: 0) {
      if left == 0 { return end == start || end - start > 64 ? nil : Array(bytes[start..<end]) }
      (start, left) = (end + 1, left - 1)
    }
    return nil
  }
}
