/// The v0 mangling of Rust; see https://doc.rust-lang.org/rustc/symbol-mangling/v0.html. A name is written while it is
/// read; hashes of crates and types of constants are left out.
struct RustName {
  private var parser: ItaniumParser
  private var text: [UInt8] = []
  /// How many lifetimes the enclosing binders declare.
  private var lifetimes = 0
  /// Whether the text is read but not shown.
  private var isSilent = false

  /// The offset that back references count from, in bytes.
  private static let start = 2

  /// The path; throws for a symbol that is no such name.
  static func demangle(_ symbol: [UInt8]) throws(DemanglingFailure) -> [UInt8] {
    guard symbol.starts(with: "_R".utf8), symbol.allSatisfy({ $0 < 0x80 }) else { throw .malformed }
    var name = RustName(parser: ItaniumParser(bytes: symbol, position: start))
    // A number would tell of a later version.
    guard !name.parser.seesDigit else { throw .malformed }
    try name.path(isValue: true)
    if !name.parser.isAtEnd, !name.parser.seesSuffix {
      // The crate that made the instance.
      name.isSilent = true
      try name.path(isValue: false)
    }
    return name.text + (try SymbolName.suffix(symbol[name.parser.position...]))
  }

  private mutating func write(_ bytes: some Collection<UInt8>) throws(DemanglingFailure) {
    guard !isSilent else { return }
    guard text.count + bytes.count <= SymbolName.mostBytes else { throw .excessive }
    text.append(contentsOf: bytes)
  }

  private mutating func write(_ string: StaticString) throws(DemanglingFailure) { try write(string.description.utf8) }

  /// Writes items up to `E` with `separator` between them; returns the number of items.
  private mutating func list(
    _ separator: StaticString = ", ", _ item: (inout RustName) throws(DemanglingFailure) -> Void
  ) throws(DemanglingFailure) -> Int {
    var count = 0
    while !parser.take("E") {
      if count > 0 { try write(separator) }
      try item(&self)
      count += 1
    }
    return count
  }

  /// Follows a back reference: writes what stands at an earlier place, which was read once already.
  private mutating func reference(
    _ rule: (inout RustName) throws(DemanglingFailure) -> Void
  ) throws(DemanglingFailure) {
    let place = parser.position - 1
    let target = try base62() + Self.start
    guard target < place else { throw .malformed }
    guard !isSilent else { return }
    let end = parser.position
    parser.position = target
    try rule(&self)
    parser.position = end
  }

  /// A base-62 number: `_` is 0, and `0_` is 1. A hash of a crate has all 64 bits; its value does not matter.
  private mutating func base62() throws(DemanglingFailure) -> Int {
    if parser.take("_") { return 0 }
    var value: UInt64 = 0
    while !parser.take("_") {
      let byte = parser.peek()
      let digit =
        byte.isDecimalDigit
        ? byte - UInt8(ascii: "0")
        : byte.isLowercaseLetter
          ? byte - UInt8(ascii: "a") + 10 : byte.isLetter ? byte - UInt8(ascii: "A") + 36 : 255
      guard digit < 62 else { throw .malformed }
      value = value &* 62 &+ UInt64(digit)
      parser.position += 1
    }
    return Int(value & UInt64(Int.max >> 1)) + 1
  }

  /// An optional number: 0 without the tag, otherwise one more than the number behind the tag.
  private mutating func tagged(_ tag: StaticString) throws(DemanglingFailure) -> Int {
    parser.take(tag) ? try base62() + 1 : 0
  }

  private mutating func identifier() throws(DemanglingFailure) -> (name: [UInt8], disambiguator: Int) {
    let disambiguator = try tagged("s")
    let isEncoded = parser.take("u")
    // A zero stands alone.
    let isEmpty = parser.take("0")
    guard let count = isEmpty ? 0 : parser.number() else { throw .malformed }
    _ = parser.take("_")
    guard count <= parser.bytes.count - parser.position else { throw .malformed }
    parser.position += count
    let bytes = Array(parser.bytes[parser.position - count..<parser.position])
    guard isEncoded else { return (bytes, disambiguator) }
    guard let name = Punycode.decode(bytes) else { throw .malformed }
    return (name, disambiguator)
  }

  // MARK: Paths

  private mutating func path(isValue: Bool) throws(DemanglingFailure) {
    try parser.budget.enter()
    defer { parser.budget.leave() }
    if parser.take("C") { return try write(identifier().name) }
    if parser.take("B") { return try reference { name throws(DemanglingFailure) in try name.path(isValue: isValue) } }
    if parser.take("N") { return try nested(isValue: isValue) }
    if parser.take("I") {
      try path(isValue: isValue)
      try write(isValue ? "::<" : "<")
      _ = try list { name throws(DemanglingFailure) in try name.argument() }
      return try write(">")
    }
    let isOfTrait = parser.sees("X") || parser.sees("Y")
    guard isOfTrait || parser.sees("M") else { throw .malformed }
    let hasPlace = !parser.sees("Y")
    parser.position += 1
    if hasPlace {
      // Where the implementation stands.
      _ = try tagged("s")
      let wasSilent = isSilent
      isSilent = true
      try path(isValue: false)
      isSilent = wasSilent
    }
    try write("<")
    try type()
    if isOfTrait {
      try write(" as ")
      try path(isValue: false)
    }
    try write(">")
  }

  private mutating func nested(isValue: Bool) throws(DemanglingFailure) {
    let space = parser.peek()
    guard space.isLetter else { throw .malformed }
    parser.position += 1
    try path(isValue: isValue)
    let (name, disambiguator) = try identifier()
    if space.isLowercaseLetter {
      guard !name.isEmpty else { return }
      try write("::")
      return try write(name)
    }
    // What has no name of its own: `{closure#0}`.
    try write("::{")
    switch space {
    case UInt8(ascii: "C"): try write("closure")
    case UInt8(ascii: "S"): try write("shim")
    default: try write([space])
    }
    if !name.isEmpty {
      try write(":")
      try write(name)
    }
    try write("#\(disambiguator)}".utf8)
  }

  private mutating func argument() throws(DemanglingFailure) {
    if parser.take("L") { return try lifetime() }
    if parser.take("K") { return try constant() }
    try type()
  }

  private mutating func lifetime() throws(DemanglingFailure) {
    let index = try base62()
    guard index > 0 else { return try write("'_") }
    guard index <= lifetimes else { throw .malformed }
    let depth = lifetimes - index
    try write(depth < 26 ? [UInt8(ascii: "'"), UInt8(ascii: "a") + UInt8(depth)] : Array("'_\(depth)".utf8))
  }

  /// Writes a binder, `for<'a>`, and then `body`, for which the binder declares lifetimes.
  private mutating func binder(
    _ body: (inout RustName) throws(DemanglingFailure) -> Void
  ) throws(DemanglingFailure) {
    let (outer, count) = (lifetimes, try tagged("G"))
    defer { lifetimes = outer }
    guard count < 64 else { throw .excessive }
    if count > 0 {
      try write("for<")
      for index in 0..<count {
        if index > 0 { try write(", ") }
        lifetimes += 1
        let depth = lifetimes - 1
        try write(depth < 26 ? [UInt8(ascii: "'"), UInt8(ascii: "a") + UInt8(depth)] : Array("'_\(depth)".utf8))
      }
      try write("> ")
    }
    try body(&self)
  }

  // MARK: Types

  private mutating func type() throws(DemanglingFailure) {
    try parser.budget.enter()
    defer { parser.budget.leave() }
    let tag = parser.peek()
    if let word = Self.words[tag] {
      parser.position += 1
      return try write(word)
    }
    switch tag {
    case UInt8(ascii: "R"), UInt8(ascii: "Q"):
      parser.position += 1
      try write("&")
      if parser.take("L") {
        let start = text.count
        try lifetime()
        if text.count > start, text[start...].elementsEqual("'_".utf8) { text.removeSubrange(start...) }
        if text.count > start { try write(" ") }
      }
      if tag == UInt8(ascii: "Q") { try write("mut ") }
      try type()
    case UInt8(ascii: "P"), UInt8(ascii: "O"):
      parser.position += 1
      try write(tag == UInt8(ascii: "P") ? "*const " : "*mut ")
      try type()
    case UInt8(ascii: "A"), UInt8(ascii: "S"):
      parser.position += 1
      try write("[")
      try type()
      if tag == UInt8(ascii: "A") {
        try write("; ")
        try constant()
      }
      try write("]")
    case UInt8(ascii: "T"):
      parser.position += 1
      try write("(")
      let count = try list { name throws(DemanglingFailure) in try name.type() }
      try write(count == 1 ? ",)" : ")")
    case UInt8(ascii: "F"):
      parser.position += 1
      try binder { name throws(DemanglingFailure) in try name.functionType() }
    case UInt8(ascii: "D"):
      parser.position += 1
      try write("dyn ")
      try binder { name throws(DemanglingFailure) in
        _ = try name.list(" + ") { name throws(DemanglingFailure) in try name.bound() }
      }
      guard parser.take("L") else { throw .malformed }
      let start = text.count
      try write(" + ")
      try lifetime()
      if text.count > start, text.last == UInt8(ascii: "_") { text.removeSubrange(start...) }
    case UInt8(ascii: "B"):
      parser.position += 1
      try reference { name throws(DemanglingFailure) in try name.type() }
    default: try path(isValue: false)
    }
  }

  private mutating func functionType() throws(DemanglingFailure) {
    if parser.take("U") { try write("unsafe ") }
    if parser.take("K") {
      try write("extern \"")
      if parser.take("C") {
        try write("C")
      } else {
        try write(identifier().name.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 })
      }
      try write("\" ")
    }
    try write("fn(")
    _ = try list { name throws(DemanglingFailure) in try name.type() }
    try write(")")
    // What returns nothing says so with `u`.
    guard !parser.take("u") else { return }
    try write(" -> ")
    try type()
  }

  /// A trait with its associated types: `Iterator<Item = u8>`.
  private mutating func bound() throws(DemanglingFailure) {
    var isOpen = try traitPath()
    while parser.take("p") {
      try write(isOpen ? ", " : "<")
      isOpen = true
      try write(identifier().name)
      try write(" = ")
      try type()
    }
    if isOpen { try write(">") }
  }

  /// A path whose list of arguments is left open for more; returns whether there is a list.
  private mutating func traitPath() throws(DemanglingFailure) -> Bool {
    try parser.budget.enter()
    defer { parser.budget.leave() }
    if parser.take("B") {
      var isOpen = false
      try reference { name throws(DemanglingFailure) in isOpen = try name.traitPath() }
      return isOpen
    }
    guard parser.take("I") else {
      try path(isValue: false)
      return false
    }
    try path(isValue: false)
    try write("<")
    _ = try list { name throws(DemanglingFailure) in try name.argument() }
    return true
  }

  private mutating func constant() throws(DemanglingFailure) {
    try parser.budget.enter()
    defer { parser.budget.leave() }
    if parser.take("B") { return try reference { name throws(DemanglingFailure) in try name.constant() } }
    if parser.take("p") { return try write("_") }
    let tag = parser.peek()
    guard "abchijlmnostxy".utf8.contains(tag) else { throw .malformed }
    parser.position += 1
    let isNegative = parser.take("n")
    let start = parser.position
    while parser.peek().isDecimalDigit || ("a"..."f").contains(Unicode.Scalar(parser.peek())) { parser.position += 1 }
    let digits = parser.bytes[start..<parser.position]
    guard parser.take("_") else { throw .malformed }
    guard let value = UInt64(digits.isEmpty ? "0" : String(decoding: digits, as: UTF8.self), radix: 16) else {
      try write(isNegative ? "-0x" : "0x")
      return try write(digits)
    }
    switch tag {
    case UInt8(ascii: "b"): try write(value == 0 ? "false" : "true")
    case UInt8(ascii: "c"):
      guard let scalar = UInt32(exactly: value).flatMap(Unicode.Scalar.init) else { throw .malformed }
      try write("'".utf8)
      try write(scalar.escaped(asASCII: false).utf8)
      try write("'".utf8)
    default: try write("\(isNegative ? "-" : "")\(value)".utf8)
    }
  }

  private static let words: [UInt8: StaticString] = [
    UInt8(ascii: "a"): "i8", UInt8(ascii: "b"): "bool", UInt8(ascii: "c"): "char", UInt8(ascii: "d"): "f64",
    UInt8(ascii: "e"): "str", UInt8(ascii: "f"): "f32", UInt8(ascii: "h"): "u8", UInt8(ascii: "i"): "isize",
    UInt8(ascii: "j"): "usize", UInt8(ascii: "l"): "i32", UInt8(ascii: "m"): "u32", UInt8(ascii: "n"): "i128",
    UInt8(ascii: "o"): "u128", UInt8(ascii: "p"): "_", UInt8(ascii: "s"): "i16", UInt8(ascii: "t"): "u16",
    UInt8(ascii: "u"): "()", UInt8(ascii: "v"): "...", UInt8(ascii: "x"): "i64", UInt8(ascii: "y"): "u64",
    UInt8(ascii: "z"): "!",
  ]
}
