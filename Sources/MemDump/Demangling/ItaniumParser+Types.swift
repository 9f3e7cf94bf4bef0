extension ItaniumParser {
  /// A type. A substitution may stand for all but the simplest types.
  mutating func type() throws(DemanglingFailure) -> ID {
    try budget.enter()
    defer { budget.leave() }
    if let word = Self.words[peek()] {
      position += 1
      return try name(word)
    }
    if sees("D"), let word = Self.longWords[peek(1)] {
      position += 2
      return try name(word)
    }
    let type: ID
    switch peek() {
    case UInt8(ascii: "S"):
      if sees("t", 1) { fallthrough }
      // A substitution is none again, but for the arguments behind it.
      let found = try substitution()
      guard sees("I"), !isInConversion else { return found }
      type = try specialised(found, isNaming: false)
    default:
      type = try composedType()
    }
    substitutions.append(type)
    return type
  }

  private mutating func composedType() throws(DemanglingFailure) -> ID {
    switch peek() {
    case UInt8(ascii: "r"), UInt8(ascii: "V"), UInt8(ascii: "K"):
      if seesFunctionType { return try functionType() }
      let suffix = qualifiers()
      return try add(.annotated(type(), suffix.map { .text($0) }))
    case UInt8(ascii: "P"):
      position += 1
      return try add(.pointer(type()))
    case UInt8(ascii: "R"), UInt8(ascii: "O"):
      let isRvalue = sees("O")
      position += 1
      return try add(.reference(type(), isRvalue: isRvalue))
    case UInt8(ascii: "F"): return try functionType()
    case UInt8(ascii: "A"): return try arrayType()
    case UInt8(ascii: "C"), UInt8(ascii: "G"):
      let word: StaticString = sees("C") ? " _Complex" : " _Imaginary"
      position += 1
      return try add(.annotated(type(), [.text(word)]))
    case UInt8(ascii: "M"):
      position += 1
      let scope = try type()
      return try add(.memberPointer(type(), of: scope))
    case UInt8(ascii: "U"): return try vendorType()
    case UInt8(ascii: "u"):
      position += 1
      let name = try sourceName()
      return sees("I") ? try specialised(name, isNaming: false) : name
    case UInt8(ascii: "D"): return try typeOfD()
    case UInt8(ascii: "T"):
      if sees("s", 1) || sees("u", 1) || sees("e", 1) {
        // struct, union, enum: said where a name would mean something else.
        position += 2
        return try classType()
      }
      let parameter = try templateParameter()
      guard sees("I"), !isInConversion else { return parameter }
      substitutions.append(parameter)
      return try specialised(parameter, isNaming: false)
    default: return try classType()
    }
  }

  /// The name of a class or an enumeration; the arguments of its template do not bind T_.
  private mutating func classType() throws(DemanglingFailure) -> ID {
    let wasInConversion = isInConversion
    isInConversion = false
    defer { isInConversion = wasInConversion }
    var facts = NameFacts(isOfType: true)
    return try name(&facts)
  }

  /// The qualifiers ` restrict volatile const`, in the order in which they are written.
  mutating func qualifiers() -> [StaticString] {
    var words: [StaticString] = []
    if take("r") { words.insert(" restrict", at: 0) }
    if take("V") { words.insert(" volatile", at: 0) }
    if take("K") { words.insert(" const", at: 0) }
    return words
  }

  private var seesFunctionType: Bool {
    var distance = 0
    if sees("r", distance) { distance += 1 }
    if sees("V", distance) { distance += 1 }
    if sees("K", distance) { distance += 1 }
    if sees("F", distance) { return true }
    return sees("D", distance)
      && (sees("o", distance + 1) || sees("O", distance + 1) || sees("w", distance + 1) || sees("x", distance + 1))
  }

  private mutating func functionType() throws(DemanglingFailure) -> ID {
    var suffix: [Part] = qualifiers().map { .text($0) }
    if take("Do") {
      suffix.append(.text(" noexcept"))
    } else if take("DO") {
      suffix += [.text(" noexcept("), .node(try expression()), .text(")")]
      try expect("E")
    } else if take("Dw") {
      let types = try untilEnd { parser throws(DemanglingFailure) in try parser.type() }
      suffix += [.text(" throw("), .list(types), .text(")")]
    }
    if take("Dx") { suffix.append(.text(" transaction_safe")) }
    try expect("F")
    _ = take("Y")
    let result = try type()
    var parameters: [ID] = []
    while !take("E") {
      if take("v") { continue }
      if take("RE") {
        suffix.append(.text(" &"))
        break
      }
      if take("OE") {
        suffix.append(.text(" &&"))
        break
      }
      parameters.append(try type())
    }
    return try add(.functionType(result: result, parameters: parameters, suffix: suffix))
  }

  private mutating func arrayType() throws(DemanglingFailure) -> ID {
    try expect("A")
    var count: ID?
    if seesDigit {
      count = try add(.name(digits()))
    } else if !sees("_") {
      count = try expression()
    }
    try expect("_")
    return try add(.array(type(), count: count))
  }

  private mutating func vendorType() throws(DemanglingFailure) -> ID {
    guard !sees("Ul"), !sees("Ut") else { return try classType() }
    position += 1
    let word = try sourceName()
    let qualifier = sees("I") ? try specialised(word, isNaming: false) : word
    return try add(.annotated(type(), [.text(" "), .node(qualifier)]))
  }

  /// The types that begin with `D` and have parts.
  private mutating func typeOfD() throws(DemanglingFailure) -> ID {
    if sees("Dt") || sees("DT") { return try decltype() }
    if seesFunctionType { return try functionType() }
    if take("Dp") { return try add(.expansion(type())) }
    if take("DF") {
      let digits = try digits()
      if take("b") { return try name("std::bfloat16_t") }
      let isExtended = take("x")
      if !isExtended { try expect("_") }
      return try add(.text("_Float"), .bytes(digits), .text(isExtended ? "x" : ""))
    }
    if sees("DB") || sees("DU") {
      let isUnsigned = sees("DU")
      position += 2
      let width = seesDigit ? try add(.name(digits())) : try expression()
      try expect("_")
      return try add(.text(isUnsigned ? "unsigned _BitInt(" : "_BitInt("), .node(width), .text(")"))
    }
    if take("Dv") {
      var count: ID?
      if seesDigit {
        count = try add(.name(digits()))
      } else if !sees("_") || !take("__") {
        _ = take("_")
        count = try expression()
      }
      if count != nil { try expect("_") }
      let element = try take("p") ? name("pixel") : type()
      return try add(
        .annotated(element, [.text(" __vector(")] + (count.map { [.node($0)] } ?? []) + [.text(")")]))
    }
    return try classType()
  }

  mutating func decltype() throws(DemanglingFailure) -> ID {
    guard take("Dt") || take("DT") else { throw .malformed }
    let value = try expression()
    try expect("E")
    return try add(.text("decltype ("), .node(value), .text(")"))
  }

  private static let words: [UInt8: StaticString] = [
    UInt8(ascii: "v"): "void", UInt8(ascii: "w"): "wchar_t", UInt8(ascii: "b"): "bool", UInt8(ascii: "c"): "char",
    UInt8(ascii: "a"): "signed char", UInt8(ascii: "h"): "unsigned char", UInt8(ascii: "s"): "short",
    UInt8(ascii: "t"): "unsigned short", UInt8(ascii: "i"): "int", UInt8(ascii: "j"): "unsigned int",
    UInt8(ascii: "l"): "long", UInt8(ascii: "m"): "unsigned long", UInt8(ascii: "x"): "long long",
    UInt8(ascii: "y"): "unsigned long long", UInt8(ascii: "n"): "__int128", UInt8(ascii: "o"): "unsigned __int128",
    UInt8(ascii: "f"): "float", UInt8(ascii: "d"): "double", UInt8(ascii: "e"): "long double",
    UInt8(ascii: "g"): "__float128", UInt8(ascii: "z"): "...",
  ]

  private static let longWords: [UInt8: StaticString] = [
    UInt8(ascii: "a"): "auto", UInt8(ascii: "c"): "decltype(auto)", UInt8(ascii: "d"): "decimal64",
    UInt8(ascii: "e"): "decimal128", UInt8(ascii: "f"): "decimal32", UInt8(ascii: "h"): "_Float16",
    UInt8(ascii: "i"): "char32_t", UInt8(ascii: "s"): "char16_t", UInt8(ascii: "u"): "char8_t",
    UInt8(ascii: "n"): "decltype(nullptr)",
  ]
}
