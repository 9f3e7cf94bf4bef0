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
  /// The objects that were reached, in that order, the roots first, and the number of the one that led to each.
  private var (places, parents): ([UInt64], [Int32]) = ([], [])
  /// Their numbers by a hash of the address; a free slot has -1. Never more than half full.
  private var slots = [Int32](repeating: -1, count: 1 << 10)
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
    for place in roots {
      places.append(place?.rawValue ?? 0)
      parents.append(-1)
    }
    var next = roots.count
    for (number, place) in roots.enumerated() {
      guard let place, self.number(of: place) == nil else { continue }
      note(Int32(number))
      try goOn(from: number)
      while next < places.count, !isCut {
        try goOn(from: next)
        next += 1
        if control.isStopped || !words.hasStepsLeft { isCut = true }
      }
    }
  }

  private mutating func goOn(from number: Int) throws(MemDumpError) {
    var found: [Address] = []
    try Self.forEachPointer(of: Address(places[number]), &words) { _, target in found.append(target) }
    for target in found where self.number(of: target) == nil {
      guard places.count < mostObjects else {
        isCut = true
        return
      }
      places.append(target.rawValue)
      parents.append(Int32(number))
      note(Int32(places.count - 1))
    }
  }

  private static func forEachPointer(
    of place: Address, _ words: inout WordCache, _ body: (LuaPointers.Step, Address) -> Void
  ) throws(MemDumpError) {
    guard let header = try LuaLayout.Header(at: place, &words), let object = try LuaObject(header, at: place, &words)
    else { return }
    try LuaPointers.forEach(of: object, header, &words, body)
  }

  /// The slot that has an object, or would have it.
  private func slot(of place: UInt64) -> Int {
    // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4).
    var slot = Int((place &* 0x9e37_79b9_7f4a_7c15) >> 32) & (slots.count - 1)
    while slots[slot] >= 0, places[Int(slots[slot])] != place { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }

  private func number(of place: Address) -> Int32? {
    let number = slots[slot(of: place.rawValue)]
    return number < 0 ? nil : number
  }

  private mutating func note(_ number: Int32) {
    if places.count * 2 > slots.count {
      slots = Array(repeating: -1, count: slots.count * 2)
      for other in 0..<number where self.number(of: Address(places[Int(other)])) == nil {
        slots[slot(of: places[Int(other)])] = other
      }
    }
    slots[slot(of: places[Int(number)])] = number
  }

  /// Whether an object is reached.
  func contains(_ object: Address) -> Bool { number(of: object) != nil }

  /// The ways to some objects; nil for those to which none was found.
  consuming func ways(to objects: [Address]) throws(MemDumpError) -> [Way?] {
    let numbers = objects.map { number(of: $0).map { Int($0) } }
    // By what an object leads to the next is not kept: of those on the ways it is seen again.
    var children: [Int: Set<Int>] = [:]
    for var number in numbers.compactMap(\.self) {
      while parents[number] >= 0, children[Int(parents[number]), default: []].insert(number).inserted {
        number = Int(parents[number])
      }
    }
    var steps: [Int: LuaPointers.Step] = [:]
    var words = try Self.words(state, source)
    for (parent, wanted) in children {
      try Self.forEachPointer(of: Address(places[parent]), &words) { step, target in
        if let number = number(of: target).map({ Int($0) }), wanted.contains(number), steps[number] == nil {
          steps[number] = step
        }
      }
    }
    var ways: [Way?] = []
    for number in numbers { ways.append(try number.map { number throws(MemDumpError) in try way(to: number, steps) }) }
    return ways
  }

  private mutating func way(to object: Int, _ known: [Int: LuaPointers.Step]) throws(MemDumpError) -> Way {
    var (number, steps): (Int, [String]) = (object, [])
    while parents[number] >= 0 {
      let step = known[number] ?? .value
      // What an upvalue has is told by the variable, and what the main thread has on its stack by the end of the way.
      let isEnd = parents[number] == 2 && step == .stack
      if step != .value, !isEnd, steps.count < Self.mostSteps {
        steps.append(EscapedText(try text(of: step)).description)
      }
      number = Int(parents[number])
    }
    return Way(root: Root(rawValue: number) ?? .stack, steps: steps)
  }

  private mutating func text(of step: LuaPointers.Step) throws(MemDumpError) -> [UInt8] {
    switch step {
    case .element: return Array("[]".utf8)
    case .field(let key):
      let text = try state.text(at: key, limit: 40, &words) ?? []
      return Array("[\"".utf8) + Self.normalised(text) + Array("\"]".utf8)
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

  /// Keys that differ in numbers only are one.
  private static func normalised(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    for byte in text {
      let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      if !isDigit {
        result.append(byte)
      } else if result.last != UInt8(ascii: "#") {
        result.append(UInt8(ascii: "#"))
      }
    }
    return result
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
