/// A parser of names that the Itanium C++ ABI mangled; see
/// https://itanium-cxx-abi.github.io/itanium-cxx-abi/abi.html#mangling. Pure, and never traps.
///
/// Each grammar rule is a method, called where the first byte of the rule was seen or may stand.
struct ItaniumParser {
  typealias ID = ItaniumNode.ID
  typealias Part = ItaniumNode.Part

  let bytes: [UInt8]
  var position = 0
  var budget = DemanglingBudget()
  var nodes: [ItaniumNode] = []
  /// The nodes that S_ and S<n>_ stand for.
  var substitutions: [ID] = []
  /// The arguments that T_ and T<n>_ stand for, the outermost template first.
  var levels: [[ID]] = []
  /// Whether the parser is in the signature of a lambda, where T_ is a parameter `auto`.
  var isInLambda = false
  /// The template parameters that the lambda names.
  var lambdaNames: [ID] = []
  /// Whether the parser is in the type of a conversion operator, which has no template arguments: they come later.
  var isInConversion = false
  var forwards: [ID] = []

  /// Facts about a name, learned while reading the name.
  struct NameFacts {
    /// Whether the name is that of a type in something else, whose template arguments do not bind T_.
    var isOfType = false
    /// Whether the name has no return type, being a constructor, a destructor or a conversion.
    var hasNoResult = false
    var endsWithArguments = false
    var suffix: [Part] = []
  }

  /// Reads `_Z` and what follows, up to a suffix of the compiler or the linker.
  static func parse(_ bytes: [UInt8]) throws(DemanglingFailure) -> (parser: ItaniumParser, root: ID) {
    var parser = ItaniumParser(bytes: bytes)
    guard parser.take("_Z") else { throw .malformed }
    let root = try parser.encoding(isOutermost: true)
    return (parser, root)
  }

  // MARK: Bytes

  var isAtEnd: Bool { position >= bytes.count }

  func peek(_ distance: Int = 0) -> UInt8 {
    position + distance < bytes.count ? bytes[position + distance] : 0
  }

  func sees(_ character: Unicode.Scalar, _ distance: Int) -> Bool { peek(distance) == UInt8(ascii: character) }

  func sees(_ text: StaticString) -> Bool {
    guard position + text.utf8CodeUnitCount <= bytes.count else { return false }
    return text.description.utf8.elementsEqual(bytes[position..<position + text.utf8CodeUnitCount])
  }

  mutating func take(_ text: StaticString) -> Bool {
    guard sees(text) else { return false }
    position += text.utf8CodeUnitCount
    return true
  }

  mutating func expect(_ text: StaticString) throws(DemanglingFailure) {
    guard take(text) else { throw .malformed }
  }

  var seesDigit: Bool { peek().isDecimalDigit }

  /// A run of digits as a number; nil without digits, or where the number is too large for a name.
  mutating func number() -> Int? {
    var value: Int?
    while seesDigit {
      let (digit, last) = (Int(peek() - UInt8(ascii: "0")), value ?? 0)
      guard last < 1 << 32 else { return nil }
      value = last * 10 + digit
      position += 1
    }
    return value
  }

  /// The digits of a number, with an `n` before those of a negative number.
  mutating func digits() throws(DemanglingFailure) -> [UInt8] {
    var text: [UInt8] = take("n") ? [UInt8(ascii: "-")] : []
    guard seesDigit else { throw .malformed }
    while seesDigit {
      text.append(peek())
      position += 1
    }
    return text
  }

  /// The number of a substitution: `_` is 0, and `0_` is 1, in base 36.
  mutating func sequence() throws(DemanglingFailure) -> Int {
    if take("_") { return 0 }
    var value = 0
    while true {
      let byte = peek()
      let isLetter = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      guard byte.isDecimalDigit || isLetter, value < 1 << 24 else { throw .malformed }
      value = value * 36 + Int(byte - (isLetter ? UInt8(ascii: "A") - 10 : UInt8(ascii: "0")))
      position += 1
      if take("_") { return value + 1 }
    }
  }

  /// The number of a parameter, a lambda or an unnamed type: `_` is 0, and `0_` is 1.
  mutating func ordinal() throws(DemanglingFailure) -> Int {
    if take("_") { return 0 }
    guard let value = number(), take("_") else { throw .malformed }
    return value + 1
  }

  // MARK: Nodes

  mutating func add(_ node: ItaniumNode) throws(DemanglingFailure) -> ID {
    try budget.step()
    nodes.append(node)
    return nodes.count - 1
  }

  mutating func add(_ parts: Part...) throws(DemanglingFailure) -> ID { try add(.parts(parts)) }

  mutating func name(_ text: StaticString) throws(DemanglingFailure) -> ID {
    try add(.name(Array(text.description.utf8)))
  }

  /// The nodes that `rule` reads until `E`, which is taken.
  mutating func untilEnd(
    _ rule: (inout ItaniumParser) throws(DemanglingFailure) -> ID
  ) throws(DemanglingFailure) -> [ID] {
    var list: [ID] = []
    while !take("E") { list.append(try rule(&self)) }
    return list
  }

  // MARK: Encodings

  /// An encoding: a function with its signature, a variable, or what the compiler made for either.
  mutating func encoding(isOutermost: Bool = false) throws(DemanglingFailure) -> ID {
    try budget.enter()
    defer { budget.leave() }
    if sees("T") || sees("G") { return try specialName() }
    let (outerLevels, wasInLambda, wasInConversion) = (levels, isInLambda, isInConversion)
    (levels, isInLambda, isInConversion) = ([], false, false)
    defer { (levels, isInLambda, isInConversion) = (outerLevels, wasInLambda, wasInConversion) }
    let firstForward = forwards.count
    var facts = NameFacts()
    let name = try self.name(&facts)
    for forward in forwards[firstForward...] {
      guard case .parameter(let index, _) = nodes[forward], let arguments = levels.first, index < arguments.count else {
        throw .malformed
      }
      nodes[forward] = .parameter(index, arguments[index])
    }
    forwards.removeSubrange(firstForward...)
    if isAtEnd || sees("E") || seesSuffix { return name }
    while take("Ua9enable_ifI") {
      _ = try untilEnd { parser throws(DemanglingFailure) in try parser.templateArgument() }
    }
    // What a template returns is part of its name, and shown by nobody who asks for a name.
    if facts.endsWithArguments && !facts.hasNoResult { _ = try type() }
    let parameters = try parameters()
    return isOutermost ? name : try add(.function(name, parameters: parameters, suffix: facts.suffix))
  }

  /// Parameters up to the end of a signature; `v` stands for none.
  mutating func parameters() throws(DemanglingFailure) -> [ID] {
    if take("v") {
      if take("Q") { _ = try expression() }
      return []
    }
    var parameters: [ID] = []
    repeat { parameters.append(try type()) } while !(isAtEnd || sees("E") || sees("Q") || seesSuffix)
    // What a template demands of its parameters.
    if take("Q") { _ = try expression() }
    return parameters
  }

  /// Whether the mangled name ends here, with a suffix such as `.cold` or `@VERSION` behind it.
  var seesSuffix: Bool { sees(".") || sees("@") }

  /// A special name: what the compiler made for a class or a variable.
  private mutating func specialName() throws(DemanglingFailure) -> ID {
    let ofTypes: [(StaticString, StaticString)] = [
      ("TV", "vtable for "), ("TT", "VTT for "), ("TI", "typeinfo for "), ("TS", "typeinfo name for "),
    ]
    for (code, text) in ofTypes where take(code) { return try add(.text(text), .node(type())) }
    let ofNames: [(StaticString, StaticString)] = [
      ("GV", "guard variable for "), ("TH", "TLS init function for "), ("TW", "TLS wrapper function for "),
    ]
    var facts = NameFacts()
    for (code, text) in ofNames where take(code) { return try add(.text(text), .node(name(&facts))) }
    let ofEncodings: [(StaticString, StaticString)] = [
      ("GTt", "transaction clone for "), ("GTn", "non-transaction clone for "), ("GA", "hidden alias for "),
    ]
    for (code, text) in ofEncodings where take(code) { return try add(.text(text), .node(encoding())) }
    if take("TA") { return try add(.text("template parameter object for "), .node(templateArgument())) }
    if take("GI") {
      let module = try moduleName()
      return try add(.text("initializer for module "), .node(module))
    }
    if take("GR") {
      let object = try name(&facts)
      let index = sees("_") || !isAtEnd ? try sequence() : 0
      return try add(.text("reference temporary #"), .bytes(Array("\(index)".utf8)), .text(" for "), .node(object))
    }
    if take("TC") {
      let derived = try type()
      guard number() != nil, take("_") else { throw .malformed }
      return try add(.text("construction vtable for "), .node(type()), .text("-in-"), .node(derived))
    }
    guard take("T") else { throw .malformed }
    if take("c") {
      try callOffset()
      try callOffset()
      return try add(.text("covariant return thunk to "), .node(encoding()))
    }
    let isVirtual = sees("v")
    try callOffset()
    return try add(.text(isVirtual ? "virtual thunk to " : "non-virtual thunk to "), .node(encoding()))
  }

  /// How a thunk moves `this`: `h <number> _`, or `v <number> _ <number> _`.
  private mutating func callOffset() throws(DemanglingFailure) {
    let isVirtual = take("v")
    guard isVirtual || take("h") else { throw .malformed }
    for _ in 0..<(isVirtual ? 2 : 1) {
      _ = try digits()
      try expect("_")
    }
  }
}
