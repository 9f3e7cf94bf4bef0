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

  mutating func way(to value: Int, _ known: [Int: PHPStep]) throws(MemDumpError) -> Way {
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

  mutating func named(
    _ head: String, _ name: Address, _ tail: String = ""
  ) throws(MemDumpError) -> [UInt8] {
    let text = try PHPLayout.text(at: name, &jumps) ?? Array("?".utf8)
    return Array(head.utf8) + ReachedPlaces.normalised(Array(text.prefix(Self.longestKey))) + Array(tail.utf8)
  }

  mutating func texts(of step: PHPStep, in parent: Int) throws(MemDumpError) -> [[UInt8]] {
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
  mutating func function(ofFrame number: Int) throws(MemDumpError) -> [UInt8] {
    guard whats[number] == .frame,
      let function = try PHPProgram.function(ofFrameAt: Address(reached.places[number]), &jumps),
      let name = try functions.name(of: function, &classes, &jumps)
    else { return [] }
    return Array(" of ".utf8) + name
  }

  /// What an object is of a class of PHP's own: `Closure of worker.php:12`, `SplObjectStorage`.
  mutating func title(of place: Address) throws(MemDumpError) -> [UInt8] {
    guard let word = try words.word(at: place + PHPLayout.classOffset),
      let found = try classes.find(Address(word), &jumps)
    else { return Array("object".utf8) }
    guard found.name == Self.closure, let at = try functions.place(of: place + Self.closureFunction, &jumps) else {
      return found.name
    }
    return found.name + Array(" of ".utf8) + at
  }
}
