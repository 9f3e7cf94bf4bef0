extension ItaniumParser {
  /// An expression, written in a plain way: operands that are no names stand in parentheses.
  mutating func expression() throws(DemanglingFailure) -> ID {
    try budget.enter()
    defer { budget.leave() }
    if sees("L") { return try literal() }
    if sees("T") { return try templateParameter() }
    if sees("fp") || (sees("fL") && peek(2).isDecimalDigit) { return try functionParameter() }
    if sees("fl") || sees("fr") || sees("fL") || sees("fR") { return try fold() }
    if let found = try special() { return found }
    let isGlobal = take("gs")
    if let found = nextOperator {
      position += 2
      return try operation(found, isGlobal: isGlobal)
    }
    if take("cv") { return try cast() }
    if seesDigit || sees("on") || sees("dn") || sees("sr") {
      let name = try unresolvedName()
      return isGlobal ? try add(.text("::"), .node(name)) : name
    }
    guard take("u") else { throw .malformed }
    // What a compiler calls its own.
    let name = try sourceName()
    var arguments: [ID] = []
    while !take("E") { arguments.append(try templateArgument()) }
    return try add(.node(name), .text("("), .list(arguments), .text(")"))
  }

  private mutating func expressions() throws(DemanglingFailure) -> [ID] {
    try untilEnd { parser throws(DemanglingFailure) in try parser.expression() }
  }

  private mutating func operation(
    _ found: ItaniumOperator, isGlobal: Bool
  ) throws(DemanglingFailure) -> ID {
    let text = Part.text(found.text)
    switch found.kind {
    case .prefix:
      let operand = try expression()
      // The address of a member is told without its parameters.
      if found.text.description == "&", case .function(let name, _, _) = nodes[operand], case .qualified = nodes[name] {
        return try add(text, .node(name))
      }
      return try add(text, .operand(operand))
    case .postfix:
      // `pp_` is the prefix form.
      if take("_") { return try add(text, .operand(expression())) }
      return try add(.operand(expression()), text)
    case .binary:
      let left = try expression()
      let right = try expression()
      let isComparison = found.text.description == ">"
      return try add(
        .text(isComparison ? "(" : ""), .operand(left), text, .operand(right), .text(isComparison ? ")" : ""))
    case .member:
      let left = try expression()
      return try add(.operand(left), text, .node(expression()))
    case .index:
      let left = try expression()
      return try add(.operand(left), .text("["), .node(expression()), .text("]"))
    case .call:
      var function = try expression()
      if case .function(let name, _, _) = nodes[function] { function = name }
      return try add(.operand(function), .text("("), .list(expressions()), .text(")"))
    case .conditional:
      let (condition, first) = (try expression(), try expression())
      return try add(.operand(condition), text, .operand(first), .text(" : "), .operand(expression()))
    case .namedCast:
      let target = try type()
      return try add(text, .text("<"), .node(target), .text(">("), .node(expression()), .text(")"))
    case .ofType: return try add(text, .text(" ("), .node(type()), .text(")"))
    case .ofExpression: return try add(text, .text(" ("), .node(expression()), .text(")"))
    case .delete:
      return try add(.text(isGlobal ? "::" : ""), text, .text(" "), .operand(expression()))
    case .new:
      var placement: [ID] = []
      while !take("_") { placement.append(try expression()) }
      let type = try type()
      var parts: [Part] = [.text(isGlobal ? "::" : ""), text, .text(" ")]
      if !placement.isEmpty { parts += [.text("("), .list(placement), .text(") ")] }
      parts.append(.node(type))
      if take("pi") {
        parts += [.text("("), .list(try expressions()), .text(")")]
      } else {
        try expect("E")
      }
      return try add(.parts(parts))
    }
  }

  /// A cast: `(T)value`, `(T)(a, b)`.
  private mutating func cast() throws(DemanglingFailure) -> ID {
    let wasInConversion = isInConversion
    isInConversion = false
    defer { isInConversion = wasInConversion }
    let target = try type()
    if take("_") { return try add(.text("("), .node(target), .text(")("), .list(expressions()), .text(")")) }
    return try add(.text("("), .node(target), .text(")"), .operand(expression()))
  }

  /// An expression that is no operator, or only looks like an operator.
  private mutating func special() throws(DemanglingFailure) -> ID? {
    if take("il") { return try add(.text("{"), .list(expressions()), .text("}")) }
    if take("tl") {
      let target = try type()
      return try add(.node(target), .text("{"), .list(expressions()), .text("}"))
    }
    if take("sp") { return try add(.expansion(expression())) }
    if take("sZ") {
      let pack = try sees("T") ? templateParameter() : functionParameter()
      return try add(.text("sizeof...("), .list([add(.expansion(pack))]), .text(")"))
    }
    if take("sP") {
      let arguments = try untilEnd { parser throws(DemanglingFailure) in try parser.templateArgument() }
      return try add(.text("sizeof...("), .list(arguments), .text(")"))
    }
    if take("nx") { return try add(.text("noexcept ("), .node(expression()), .text(")")) }
    if take("tw") { return try add(.text("throw "), .operand(expression())) }
    if take("tr") { return try name("throw") }
    if take("di") {
      let member = try sourceName()
      return try add(.text("."), .node(member), .text("="), .node(expression()))
    }
    if take("dx") {
      let index = try expression()
      return try add(.text("["), .node(index), .text("]="), .node(expression()))
    }
    if take("dX") {
      let (first, last) = (try expression(), try expression())
      return try add(.text("["), .node(first), .text(" ... "), .node(last), .text("]="), .node(expression()))
    }
    if sees("rq") || sees("rQ") { return try requirements() }
    return nil
  }

  /// A parameter of the enclosing function: `fp_`, `fL0p_`, `fpT` for `this`.
  private mutating func functionParameter() throws(DemanglingFailure) -> ID {
    if take("fpT") { return try name("this") }
    if take("fL") {
      guard number() != nil else { throw .malformed }
      try expect("p")
    } else if !take("fp") {
      throw .malformed
    }
    _ = qualifiers()
    return try add(.name(Array("{parm#\(ordinal() + 1)}".utf8)))
  }

  /// A fold expression: `(...+x)`, `(x+...)`, or either with a first or last value.
  private mutating func fold() throws(DemanglingFailure) -> ID {
    let code = peek(1)
    position += 2
    guard let found = nextOperator, found.kind == .binary || found.kind == .member else { throw .malformed }
    position += 2
    let text = Part.text(found.text)
    let first = try folded()
    switch code {
    case UInt8(ascii: "l"): return try add(.text("(..."), text, .operand(first), .text(")"))
    case UInt8(ascii: "r"): return try add(.text("("), .operand(first), text, .text("...)"))
    default:
      let last = try folded()
      return try add(.text("("), .operand(first), text, .text("..."), text, .operand(last), .text(")"))
    }
  }

  /// The operand of a fold, expanded where the operand is a parameter pack.
  private mutating func folded() throws(DemanglingFailure) -> ID {
    let value = try expression()
    if case .parameter = nodes[value] { return try add(.expansion(value)) }
    return value
  }

  /// A `requires` expression, written as `requires { … }` without its requirements.
  private mutating func requirements() throws(DemanglingFailure) -> ID {
    if take("rQ") {
      while !take("_") { _ = try type() }
    } else {
      position += 2
    }
    while !take("E") {
      if take("X") {
        _ = try expression()
        _ = take("N")
        if take("R") {
          var facts = NameFacts(isOfType: true)
          _ = try name(&facts)
        }
      } else if take("T") {
        _ = try type()
      } else if take("Q") {
        _ = try expression()
      } else {
        throw .malformed
      }
    }
    return try name("requires {...}")
  }

  // MARK: Names that depend on parameters

  private mutating func unresolvedName() throws(DemanglingFailure) -> ID {
    guard take("sr") else { return try baseName() }
    if take("N") {
      // The type, then scopes in it.
      return try scopes(in: unresolvedType())
    }
    if seesDigit {
      // Scopes alone; GCC once wrote one without their `E`.
      let first = try simpleName()
      let (start, known, open) = (position, substitutions.count, forwards.count)
      if let name = try? scopes(in: first) { return name }
      position = start
      substitutions.removeSubrange(known...)
      forwards.removeSubrange(open...)
      return try add(.qualified(first, baseName()))
    }
    let scope = try unresolvedType()
    return try add(.qualified(scope, baseName()))
  }

  /// `<scope>* E <name>`.
  private mutating func scopes(in first: ID) throws(DemanglingFailure) -> ID {
    var scope = first
    while seesDigit { scope = try add(.qualified(scope, simpleName())) }
    try expect("E")
    return try add(.qualified(scope, baseName()))
  }

  private mutating func unresolvedType() throws(DemanglingFailure) -> ID {
    if sees("T") {
      let parameter = try templateParameter()
      substitutions.append(parameter)
      guard sees("I") else { return parameter }
      let type = try specialised(parameter, isNaming: false)
      substitutions.append(type)
      return type
    }
    if sees("Dt") || sees("DT") {
      let type = try decltype()
      substitutions.append(type)
      return type
    }
    if sees("S"), !sees("St") {
      let found = try substitution()
      guard sees("I") else { return found }
      let type = try specialised(found, isNaming: false)
      substitutions.append(type)
      return type
    }
    return try type()
  }

  /// An identifier, with its template arguments where there are any.
  private mutating func simpleName() throws(DemanglingFailure) -> ID {
    let name = try sourceName()
    return sees("I") ? try specialised(name, isNaming: false) : name
  }

  private mutating func baseName() throws(DemanglingFailure) -> ID {
    if seesDigit { return try simpleName() }
    if take("dn") {
      let type = try seesDigit ? simpleName() : unresolvedType()
      return try add(.text("~"), .node(type))
    }
    guard take("on") else { throw .malformed }
    var facts = NameFacts(isOfType: true)
    let name = try operatorName(&facts)
    return sees("I") ? try specialised(name, isNaming: false) : name
  }

  // MARK: Literals

  /// `L <type> <value> E`, `L _Z <encoding> E`.
  mutating func literal() throws(DemanglingFailure) -> ID {
    try expect("L")
    if take("_Z") || take("Z") {
      let object = try encoding()
      try expect("E")
      return object
    }
    if take("b0E") { return try add(.text("false")) }
    if take("b1E") { return try add(.text("true")) }
    if take("DnE") || take("Dn0E") { return try add(.text("nullptr")) }
    let code = peek()
    let type = try type()
    // A text, of which only the type is told, or a lambda.
    if take("E") { return try add(.text("\""), .node(type), .text("\"")) }
    if let suffix = Self.integerSuffixes[code] {
      let value = try digits()
      try expect("E")
      return try add(.bytes(value), .text(suffix))
    }
    var value: [UInt8] = []
    if take("n") { value.append(UInt8(ascii: "-")) }
    while seesDigit || peek().isLowercaseLetter || sees("_") {
      value.append(peek())
      position += 1
    }
    try expect("E")
    let isFloating = "fdeg".utf8.contains(code)
    if isFloating { value = [UInt8(ascii: "[")] + value + [UInt8(ascii: "]")] }
    return try add(.text("("), .node(type), .text(")"), .bytes(value))
  }

  private static let integerSuffixes: [UInt8: StaticString] = [
    UInt8(ascii: "i"): "", UInt8(ascii: "j"): "u", UInt8(ascii: "l"): "l", UInt8(ascii: "m"): "ul",
    UInt8(ascii: "x"): "ll", UInt8(ascii: "y"): "ull",
  ]
}
