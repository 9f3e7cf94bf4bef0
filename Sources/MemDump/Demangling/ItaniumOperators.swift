/// An operator of C++, which a mangled name calls by a code of two letters.
struct ItaniumOperator {
  enum Kind {
    case prefix, postfix, binary, member, call, index, conditional, namedCast
    /// `sizeof (T)`: of a type, and of an expression.
    case ofType, ofExpression
    /// `new` and `delete`.
    case new, delete
  }

  var kind: Kind
  /// The operator as expressions write it.
  var text: StaticString

  static let all: [String: ItaniumOperator] = {
    let rows: [(String, Kind, StaticString)] = [
      ("aN", .binary, "&="), ("aS", .binary, "="), ("aa", .binary, "&&"), ("ad", .prefix, "&"), ("an", .binary, "&"),
      ("at", .ofType, "alignof"), ("aw", .prefix, "co_await "), ("az", .ofExpression, "alignof"),
      ("cc", .namedCast, "const_cast"), ("cl", .call, "()"), ("cm", .binary, ","), ("co", .prefix, "~"),
      ("dV", .binary, "/="), ("da", .delete, "delete[]"), ("dc", .namedCast, "dynamic_cast"), ("de", .prefix, "*"),
      ("dl", .delete, "delete"), ("ds", .member, ".*"), ("dt", .member, "."), ("dv", .binary, "/"),
      ("eO", .binary, "^="), ("eo", .binary, "^"), ("eq", .binary, "=="), ("ge", .binary, ">="), ("gt", .binary, ">"),
      ("ix", .index, "[]"), ("lS", .binary, "<<="), ("le", .binary, "<="), ("ls", .binary, "<<"), ("lt", .binary, "<"),
      ("mI", .binary, "-="), ("mL", .binary, "*="), ("mi", .binary, "-"), ("ml", .binary, "*"), ("mm", .postfix, "--"),
      ("na", .new, "new[]"), ("ne", .binary, "!="), ("ng", .prefix, "-"), ("nt", .prefix, "!"), ("nw", .new, "new"),
      ("oR", .binary, "|="), ("oo", .binary, "||"), ("or", .binary, "|"), ("pL", .binary, "+="), ("pl", .binary, "+"),
      ("pm", .member, "->*"), ("pp", .postfix, "++"), ("ps", .prefix, "+"), ("pt", .member, "->"),
      ("qu", .conditional, "?"), ("rM", .binary, "%="), ("rS", .binary, ">>="), ("rc", .namedCast, "reinterpret_cast"),
      ("rm", .binary, "%"), ("rs", .binary, ">>"), ("sc", .namedCast, "static_cast"), ("ss", .binary, "<=>"),
      ("st", .ofType, "sizeof"), ("sz", .ofExpression, "sizeof"), ("te", .ofExpression, "typeid"),
      ("ti", .ofType, "typeid"),
    ]
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.0, ItaniumOperator(kind: $0.1, text: $0.2)) })
  }()
}

extension ItaniumParser {
  /// The operator whose code is next; the code is not taken.
  var nextOperator: ItaniumOperator? {
    guard position + 2 <= bytes.count else { return nil }
    return ItaniumOperator.all[String(decoding: bytes[position..<position + 2], as: UTF8.self)]
  }

  /// `operator+`, `operator int`, `operator"" _km`.
  mutating func operatorName(_ facts: inout NameFacts) throws(DemanglingFailure) -> ID {
    if let found = nextOperator {
      position += 2
      let isWord = found.text.description.utf8.first?.isLowercaseLetter == true
      let text = found.text.description.utf8.filter { $0 != UInt8(ascii: " ") }
      return try add(.name(Array((isWord ? "operator " : "operator").utf8) + text))
    }
    if take("cv") {
      let wasInConversion = isInConversion
      isInConversion = !facts.isOfType
      defer { isInConversion = wasInConversion }
      facts.hasNoResult = true
      return try add(.text("operator "), .node(type()))
    }
    if take("li") { return try add(.text("operator\"\" "), .node(sourceName())) }
    guard take("v"), seesDigit else { throw .malformed }
    position += 1
    return try add(.text("operator "), .node(sourceName()))
  }
}
