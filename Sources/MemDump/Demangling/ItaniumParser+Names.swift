extension ItaniumParser {
  /// A name with its scopes, and the arguments of its template.
  mutating func name(_ facts: inout NameFacts) throws(DemanglingFailure) -> ID {
    try budget.enter()
    defer { budget.leave() }
    if take("N") { return try nestedName(&facts) }
    if take("Z") { return try localName(&facts) }
    let (name, isSubstitution) = try unscopedName(&facts)
    guard sees("I") else {
      if isSubstitution { throw .malformed }
      return name
    }
    if !isSubstitution { substitutions.append(name) }
    facts.endsWithArguments = true
    return try specialised(name, isNaming: !facts.isOfType)
  }

  /// A name without scopes, or in `std`, or a substitution.
  mutating func unscopedName(_ facts: inout NameFacts) throws(DemanglingFailure) -> (ID, isSubstitution: Bool) {
    if take("St") {
      let scope = try name("std")
      return (try unqualifiedName(&facts, in: scope), false)
    }
    if sees("S") { return (try substitution(), true) }
    return (try unqualifiedName(&facts, in: nil), false)
  }

  /// A name with its template arguments, which are next.
  mutating func specialised(_ name: ID, isNaming: Bool) throws(DemanglingFailure) -> ID {
    let arguments = try templateArguments(isNaming: isNaming)
    return try add(.specialised(name, arguments))
  }

  private mutating func nestedName(_ facts: inout NameFacts) throws(DemanglingFailure) -> ID {
    _ = take("H")
    facts.suffix = qualifiers().map { .text($0) }
    if take("O") { facts.suffix.append(.text(" &&")) } else if take("R") { facts.suffix.append(.text(" &")) }
    var scope: ID?
    while !take("E") {
      try budget.step()
      facts.endsWithArguments = false
      let isParameter = sees("T") || sees("Dt") || sees("DT")
      if sees("S") || isParameter {
        guard scope == nil else { throw .malformed }
        if take("St") {
          scope = try name("std")
          continue
        }
        if sees("S") {
          scope = try substitution()
          continue
        }
        scope = sees("T") ? try templateParameter() : try decltype()
      } else if sees("I") {
        guard let name = scope else { throw .malformed }
        if case .specialised = nodes[name] { throw .malformed }
        scope = try specialised(name, isNaming: !facts.isOfType)
        facts.endsWithArguments = true
      } else {
        scope = try unqualifiedName(&facts, in: scope)
      }
      guard let scope else { throw .malformed }
      substitutions.append(scope)
      // The variable whose initializer a lambda stands in.
      _ = take("M")
    }
    guard let scope, !substitutions.isEmpty else { throw .malformed }
    // The whole is one too, but not as a prefix: whoever has asked for it adds it.
    substitutions.removeLast()
    return scope
  }

  private mutating func localName(_ facts: inout NameFacts) throws(DemanglingFailure) -> ID {
    let function = try encoding()
    try expect("E")
    if take("s") {
      discriminator()
      return try add(.node(function), .text("::string literal"))
    }
    if take("d") {
      let index = try ordinal()
      let entity = try name(&facts)
      let scope = try add(
        .node(function), .text("::{default arg#"), .bytes(Array("\(index + 1)".utf8)), .text("}"))
      return try add(.qualified(scope, entity))
    }
    let entity = try name(&facts)
    discriminator()
    return try add(.qualified(function, entity))
  }

  /// Takes the discriminator, which tells apart things that have the same name in one function.
  private mutating func discriminator() {
    guard sees("_") else { return }
    if sees("_", 1) {
      position += 2
      _ = number()
      _ = take("_")
    } else if peek(1).isDecimalDigit {
      position += 2
    }
  }

  /// The last part of a name, behind the scope where there is one.
  mutating func unqualifiedName(_ facts: inout NameFacts, in scope: ID?) throws(DemanglingFailure) -> ID {
    let module = sees("W") ? try moduleName() : nil
    _ = scope != nil && take("F")
    _ = take("L")
    facts.hasNoResult = false
    var name: ID
    if seesDigit {
      name = try sourceName()
    } else if sees("U") {
      name = try unnamedType()
    } else if take("DC") {
      let names = try untilEnd { parser throws(DemanglingFailure) in try parser.sourceName() }
      name = try add(.text("["), .list(names), .text("]"))
    } else if let scope, sees("C") || sees("D") {
      name = try lifetime(of: scope)
      facts.hasNoResult = true
    } else {
      name = try operatorName(&facts)
    }
    if let module { name = try add(.node(name), .text("@"), .node(module)) }
    while take("B") { name = try add(.tagged(name, identifier())) }
    return try scope.map { scope throws(DemanglingFailure) in try add(.qualified(scope, name)) } ?? name
  }

  /// The names of a module and its partitions, for each of which a substitution may stand later.
  mutating func moduleName() throws(DemanglingFailure) -> ID {
    var module: ID?
    while take("W") {
      let isPartition = take("P")
      let part = try sourceName()
      if let last = module {
        module = try add(.node(last), .text(isPartition ? ":" : "."), .node(part))
      } else {
        module = isPartition ? try add(.text(":"), .node(part)) : part
      }
      substitutions.append(module ?? part)
    }
    guard let module else { throw .malformed }
    return module
  }

  mutating func identifier() throws(DemanglingFailure) -> [UInt8] {
    guard let count = number(), count > 0, count <= bytes.count - position else { throw .malformed }
    position += count
    return Array(bytes[position - count..<position])
  }

  mutating func sourceName() throws(DemanglingFailure) -> ID {
    let name = try identifier()
    // _GLOBAL__N_1, and on other systems with a full stop or a dollar in it.
    let isAnonymous = name.starts(with: "_GLOBAL_".utf8) && name.count > 9 && name[9] == UInt8(ascii: "N")
    return isAnonymous ? try self.name("(anonymous namespace)") : try add(.name(name))
  }

  private mutating func lifetime(of scope: ID) throws(DemanglingFailure) -> ID {
    let isEnd = sees("D")
    position += 1
    let isInherited = !isEnd && take("I")
    guard seesDigit, peek() <= UInt8(ascii: "5") else { throw .malformed }
    position += 1
    // A constructor of a base has that one's name.
    return try add(.lifetime(isInherited ? type() : scope, isEnd: isEnd))
  }

  private mutating func unnamedType() throws(DemanglingFailure) -> ID {
    if take("Ut") {
      return try add(.text("{unnamed type#"), .bytes(Array("\(ordinal() + 1)".utf8)), .text("}"))
    }
    guard take("Ul") else { throw .malformed }
    let (wasInLambda, outerNames) = (isInLambda, lambdaNames)
    (isInLambda, lambdaNames) = (true, [])
    defer { (isInLambda, lambdaNames) = (wasInLambda, outerNames) }
    var declared: [ID] = []
    while seesParameterDeclaration {
      let kind: String = sees("n", 1) ? "$N" : sees("t", 1) ? "$TT" : "$T"
      lambdaNames.append(try add(.name(Array("\(kind)\(declared.count)".utf8))))
      declared.append(try parameterDeclaration(index: declared.count))
    }
    let parameters = try parameters()
    try expect("E")
    let index = Array("\(try ordinal() + 1)".utf8)
    let template: [Part] = declared.isEmpty ? [] : [.text("<"), .list(declared), .text(">")]
    return try add(
      .parts(
        [.text("{lambda")] + template + [.text("("), .list(parameters), .text(")#"), .bytes(index), .text("}")]))
  }

  /// A substitution: a node that was there before, or an abbreviation of the standard library's.
  mutating func substitution() throws(DemanglingFailure) -> ID {
    try expect("S")
    if let standard = ItaniumStandard(rawValue: peek()) {
      position += 1
      var name = try add(.standard(standard))
      guard sees("B") else { return name }
      while take("B") { name = try add(.tagged(name, identifier())) }
      substitutions.append(name)
      return name
    }
    let index = try sequence()
    guard index < substitutions.count else { throw .malformed }
    return try rebound(substitutions[index])
  }

  /// The node of a substitution, its T_ bound anew: for compilers, T_ is one in all templates and lambdas of a name.
  private mutating func rebound(_ id: ID) throws(DemanglingFailure) -> ID {
    try budget.enter()
    defer { budget.leave() }
    func moved(_ inner: ID, _ node: (ID) -> ItaniumNode) throws(DemanglingFailure) -> ID {
      let new = try rebound(inner)
      return new == inner ? id : try add(node(new))
    }
    switch nodes[id] {
    case .parameter(let index, _), .lambdaParameter(let index):
      if isInLambda { return try add(.lambdaParameter(index)) }
      guard let arguments = levels.first, index < arguments.count else { return id }
      return try add(.parameter(index, arguments[index]))
    case .pointer(let inner): return try moved(inner) { .pointer($0) }
    case .reference(let inner, let isRvalue): return try moved(inner) { .reference($0, isRvalue: isRvalue) }
    case .annotated(let inner, let parts): return try moved(inner) { .annotated($0, parts) }
    case .expansion(let inner): return try moved(inner) { .expansion($0) }
    default: return id
    }
  }

  // MARK: Templates

  /// The arguments of a template; those of a name bind T_ from there on.
  mutating func templateArguments(isNaming: Bool) throws(DemanglingFailure) -> [ID] {
    try expect("I")
    if isNaming { levels = [[]] }
    var arguments: [ID] = []
    while !take("E") {
      if take("Q") {
        _ = try expression()
        continue
      }
      let argument = try templateArgument()
      arguments.append(argument)
      guard isNaming else { continue }
      var parameter = argument
      if case .argumentPack(let elements) = nodes[argument] { parameter = try add(.parameterPack(elements)) }
      if levels.isEmpty { levels = [[]] }
      levels[0].append(parameter)
    }
    return arguments
  }

  mutating func templateArgument() throws(DemanglingFailure) -> ID {
    try budget.enter()
    defer { budget.leave() }
    if take("X") {
      let value = try expression()
      try expect("E")
      return value
    }
    if take("J") {
      return try add(.argumentPack(untilEnd { parser throws(DemanglingFailure) in try parser.templateArgument() }))
    }
    if sees("L") { return try literal() }
    if seesParameterDeclaration {
      _ = try parameterDeclaration(index: 0)
      return try templateArgument()
    }
    return try type()
  }

  /// A template parameter, T_, T0_ or TL0__, with its argument where that is known.
  mutating func templateParameter() throws(DemanglingFailure) -> ID {
    try expect("T")
    let level = take("L") ? try ordinal() + 1 : 0
    let index = try ordinal()
    if isInLambda { return try index < lambdaNames.count ? lambdaNames[index] : add(.lambdaParameter(index)) }
    if isInConversion, level == 0 {
      forwards.append(try add(.parameter(index, nil)))
      return forwards[forwards.count - 1]
    }
    guard level < levels.count, index < levels[level].count else { throw .malformed }
    return try add(.parameter(index, levels[level][index]))
  }

  var seesParameterDeclaration: Bool {
    sees("Ty") || sees("Tn") || sees("Tt") || sees("Tp") || sees("Tk")
  }

  /// A parameter that a lambda declares of itself: `typename $T`, `int $N`.
  mutating func parameterDeclaration(index: Int) throws(DemanglingFailure) -> ID {
    try budget.enter()
    defer { budget.leave() }
    let number = Part.bytes(Array("\(index)".utf8))
    if take("Ty") { return try add(.text("typename $T"), number) }
    if take("Tn") { return try add(.node(type()), .text(" $N"), number) }
    if take("Tp") { return try add(.node(parameterDeclaration(index: index)), .text("...")) }
    if take("Tk") {
      var facts = NameFacts()
      return try add(.node(name(&facts)), .text(" $T"), number)
    }
    guard take("Tt") else { throw .malformed }
    var list: [ID] = []
    while !take("E") {
      if take("Q") { _ = try expression() } else { list.append(try parameterDeclaration(index: list.count)) }
    }
    return try add(.text("template<"), .list(list), .text("> typename $TT"), number)
  }
}
