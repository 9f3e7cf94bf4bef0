/// Writes the nodes of a mangled name as text, up to the length that a name may have.
struct ItaniumRenderer {
  typealias ID = ItaniumNode.ID

  let nodes: [ItaniumNode]
  /// Whether to leave out what the standard library fills in by itself; see ``SymbolName``.
  let isBrief: Bool
  /// The largest length of the text, in bytes.
  let limit: Int
  /// How deep lists of arguments may be nested: a deeper list is written as `…`.
  let deepestList: Int
  private(set) var text: [UInt8] = []
  var budget: DemanglingBudget
  private var listDepth = 0
  /// The argument of a pack that is being written, in an expansion that has met a pack.
  private var pack: (index: Int, count: Int)?

  init(_ nodes: [ItaniumNode], isBrief: Bool, limit: Int, deepestList: Int, budget: DemanglingBudget) {
    (self.nodes, self.isBrief, self.limit, self.deepestList, self.budget) = (nodes, isBrief, limit, deepestList, budget)
  }

  /// Writes a node.
  mutating func render(_ id: ID) throws(DemanglingFailure) {
    try renderFront(id)
    try renderBack(id)
  }

  mutating func write(_ bytes: some Collection<UInt8>) throws(DemanglingFailure) {
    guard text.count + bytes.count <= limit else { throw .excessive }
    text.append(contentsOf: bytes)
  }

  mutating func write(_ string: StaticString) throws(DemanglingFailure) { try write(string.description.utf8) }

  // MARK: Both sides of a declarator

  /// Writes the part of a type before the declared name; a node that is no type is written whole.
  private mutating func renderFront(_ id: ID) throws(DemanglingFailure) {
    try budget.enter()
    defer { budget.leave() }
    switch nodes[id] {
    case .parts(let parts): try render(parts)
    case .name(let name): try write(name)
    case .tagged(let name, let tag):
      try render(name)
      if isBrief, isUsualTag(tag) { return }
      try write("[abi:")
      try write(tag)
      try write("]")
    case .qualified(let scope, let name):
      if isBrief, isInlineNamespace(name), isStandard(scope) { return try render(scope) }
      try render(scope)
      try write("::")
      try render(name)
    case .specialised(let name, let arguments): try renderSpecialised(name, arguments)
    case .lifetime(let scope, let isEnd):
      if isEnd { try write("~") }
      try renderBaseName(scope)
    case .standard(let standard):
      try write("std::")
      try write(standard.name)
    case .function(let name, let parameters, let suffix):
      try render(name)
      try write("(")
      try render(list: parameters)
      try write(")")
      try render(suffix)
    case .pointer(let pointee): try renderPointer(to: pointee, "*")
    case .reference:
      let (referred, isRvalue) = try collapsed(id)
      try renderPointer(to: referred, isRvalue ? "&&" : "&")
    case .memberPointer(let member, let scope):
      try renderFront(member)
      try write(isFunction(member) ? "(" : isArray(member) ? " (" : " ")
      try render(scope)
      try write("::*")
    case .array(let element, _): try renderFront(element)
    case .functionType(let result, _, _):
      try renderFront(result)
      try write(" ")
    case .annotated(let type, let parts):
      try renderFront(type)
      try render(parts)
    case .argumentPack(let elements): try renderElements(elements)
    case .lambdaParameter(let index): try write("auto:\(index + 1)".utf8)
    case .expansion(let pattern): try renderExpansion(of: pattern)
    case .parameterPack, .parameter: if let target = try target(of: id) { try renderFront(target) }
    }
  }

  /// Writes the part of a type behind the declared name.
  private mutating func renderBack(_ id: ID) throws(DemanglingFailure) {
    try budget.enter()
    defer { budget.leave() }
    switch nodes[id] {
    case .pointer(let pointee): try renderPointerBack(to: pointee)
    case .reference: try renderPointerBack(to: collapsed(id).0)
    case .memberPointer(let member, _):
      let (isArray, isFunction) = (try isArray(member), try isFunction(member))
      if isArray || isFunction { try write(")") }
      try renderBack(member)
    case .array(let element, let count):
      if text.last != UInt8(ascii: "]") { try write(" ") }
      try write("[")
      if let count { try render(count) }
      try write("]")
      try renderBack(element)
    case .functionType(let result, let parameters, let suffix):
      try write("(")
      try render(list: parameters)
      try write(")")
      try renderBack(result)
      try render(suffix)
    case .annotated(let type, _): try renderBack(type)
    case .parameterPack, .parameter: if let target = try target(of: id) { try renderBack(target) }
    default: break
    }
  }

  private mutating func renderPointer(to pointee: ID, _ sign: StaticString) throws(DemanglingFailure) {
    try renderFront(pointee)
    let (isArray, isFunction) = (try isArray(pointee), try isFunction(pointee))
    if isArray { try write(" ") }
    if isArray || isFunction { try write("(") }
    try write(sign)
  }

  private mutating func renderPointerBack(to pointee: ID) throws(DemanglingFailure) {
    let (isArray, isFunction) = (try isArray(pointee), try isFunction(pointee))
    if isArray || isFunction { try write(")") }
    try renderBack(pointee)
  }

  /// The type that a reference to a reference collapses to: an rvalue reference only where both are.
  private mutating func collapsed(_ id: ID) throws(DemanglingFailure) -> (ID, isRvalue: Bool) {
    var (referred, isRvalue) = (id, true)
    while true {
      let inner = try resolved(referred)
      guard case .reference(let next, let isNextRvalue) = nodes[inner] else { return (referred, isRvalue) }
      (referred, isRvalue) = (next, isRvalue && isNextRvalue)
    }
  }

  private mutating func isArray(_ id: ID) throws(DemanglingFailure) -> Bool {
    if case .array = nodes[try bare(id)] { return true }
    return false
  }

  private mutating func isFunction(_ id: ID) throws(DemanglingFailure) -> Bool {
    if case .functionType = nodes[try bare(id)] { return true }
    return false
  }

  /// A type without its qualifiers.
  private mutating func bare(_ id: ID) throws(DemanglingFailure) -> ID {
    var type = try resolved(id)
    while case .annotated(let inner, _) = nodes[type] { type = try resolved(inner) }
    return type
  }

  /// The node that a template parameter stands for.
  mutating func resolved(_ id: ID) throws(DemanglingFailure) -> ID {
    var id = id
    while true {
      try budget.step()
      guard let next = try target(of: id) else { return id }
      id = next
    }
  }

  /// The node one step behind a parameter; nil for a node that is no parameter, and for an empty pack.
  private mutating func target(of id: ID) throws(DemanglingFailure) -> ID? {
    switch nodes[id] {
    case .parameterPack(let elements):
      let place = pack ?? (index: 0, count: elements.count)
      pack = place
      return place.index < elements.count ? elements[place.index] : nil
    case .parameter(_, let target):
      guard let target else { throw .malformed }
      return target
    default: return nil
    }
  }

  // MARK: What has parts

  private mutating func render(_ parts: [ItaniumNode.Part]) throws(DemanglingFailure) {
    for part in parts {
      switch part {
      case .text(let string): try write(string)
      case .bytes(let bytes): try write(bytes)
      case .node(let id): try render(id)
      case .list(let list): try render(list: list)
      case .operand(let id):
        let isPlain =
          switch nodes[try resolved(id)] {
          case .name, .qualified: true
          default: false
          }
        if !isPlain { try write("(") }
        try render(id)
        if !isPlain { try write(")") }
      }
    }
  }

  private mutating func render(list: [ID]) throws(DemanglingFailure) {
    guard listDepth < deepestList || list.isEmpty else { return try write("…") }
    listDepth += 1
    try renderElements(list)
    listDepth -= 1
  }

  private mutating func renderElements(_ list: [ID]) throws(DemanglingFailure) {
    let start = text.count
    for id in list { try renderNext(id, since: start) }
  }

  /// Writes an element of a list, with a comma before all but the first; nothing for an empty element.
  private mutating func renderNext(_ id: ID, since start: Int) throws(DemanglingFailure) {
    let end = text.count
    if end > start { try write(", ") }
    let filled = text.count
    try render(id)
    if text.count == filled { text.removeSubrange(end...) }
  }

  private mutating func renderExpansion(of pattern: ID) throws(DemanglingFailure) {
    let outer = pack
    pack = nil
    defer { pack = outer }
    let start = text.count
    try render(pattern)
    guard let count = pack?.count else { return try write("...") }
    if count == 0 { text.removeSubrange(start...) }
    for index in stride(from: 1, to: count, by: 1) {
      pack = (index, count)
      try renderNext(pattern, since: start)
    }
  }

  mutating func renderArguments(_ arguments: some Collection<ID>) throws(DemanglingFailure) {
    // `operator< <int>`.
    if text.last == UInt8(ascii: "<") { try write(" ") }
    try write("<")
    try render(list: Array(arguments))
    try write(">")
  }

  /// Writes the name of a class as its constructors have it: without scope and arguments.
  private mutating func renderBaseName(_ id: ID) throws(DemanglingFailure) {
    var id = id
    while true {
      id = try resolved(id)
      switch nodes[id] {
      case .qualified(_, let name): id = name
      case .specialised(let name, _): id = name
      case .tagged(let name, _): id = name
      case .standard(let standard): return try write(standard.className)
      default: return try render(id)
      }
    }
  }
}
