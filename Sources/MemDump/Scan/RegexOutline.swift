/// What the outline of a regular expression tells: bytes that every match has in a row, and those that may stand before them in it.
///
/// Of the syntax of PCRE2 a small part is read, in which a sequence of items has no second reading: bytes, classes, groups with
/// alternatives, quantifiers, borders of words and lines. Whatever else an expression has, nothing is told of it.
struct RegexOutline: Equatable {
  /// The bytes that every match has in a row.
  private(set) var literal: [UInt8] = []
  /// The bytes that a match may have before them.
  private(set) var before = ByteSet()

  /// A part of a sequence, with what it may match.
  private struct Item {
    var bytes = ByteSet()
    /// The byte that it is, where it is one, and not none.
    var literal: UInt8?
    /// Whether it stands there once.
    var isSingle = true
  }

  /// - Parameter ignoringCase: whether ASCII letters match in either case.
  init?(_ expression: String, ignoringCase: Bool) {
    var reader = Reader(rest: Array(expression.utf8)[...], ignoringCase: ignoringCase)
    guard let items = reader.sequence(depth: 0), reader.rest.isEmpty else { return nil }
    var (seen, run, seenBefore) = (ByteSet(), [UInt8](), ByteSet())
    for item in items + [Item()] {
      if let byte = item.literal { run.append(byte) }
      if item.literal == nil || !item.isSingle {
        if Self.weight(run) > Self.weight(literal) { (literal, before) = (run, seenBefore) }
        run = []
      }
      seen.formUnion(item.bytes)
      if run.isEmpty { seenBefore = seen }
    }
    literal = Array(literal.prefix(ScanKernel.longestNeedle))
    if literal.isEmpty { return nil }
  }

  /// How rare bytes are in a row, roughly.
  private static func weight(_ bytes: [UInt8]) -> Int {
    bytes.reduce(0) { sum, byte in
      switch byte {
      case 0, UInt8(ascii: " "), UInt8(ascii: "\n"): sum + 1
      case UInt8(ascii: "a")...UInt8(ascii: "z"): sum + 2
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): sum + 3
      case _ where ".,-_/:=()".utf8.contains(byte): sum + 3
      default: sum + 6
      }
    }
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>
    let ignoringCase: Bool

    private static let deepest = 16
    private static let special = Array("*+?{}])|".utf8)

    /// The items up to the end, or up to what ends a group; nil for what is not read.
    mutating func sequence(depth: Int) -> [Item]? {
      var items: [Item] = []
      while let byte = rest.first {
        if depth > 0, byte == UInt8(ascii: ")") || byte == UInt8(ascii: "|") { return items }
        rest.removeFirst()
        // Borders have no bytes, and no quantifiers here.
        if byte == UInt8(ascii: "^") || byte == UInt8(ascii: "$") {
          items.append(Item())
        } else if byte == UInt8(ascii: "\\"), let letter = rest.first, "bB".utf8.contains(letter) {
          rest.removeFirst()
          items.append(Item())
        } else {
          guard var item = item(byte, depth: depth), quantify(&item) else { return nil }
          items.append(item)
        }
      }
      return items
    }

    private mutating func item(_ byte: UInt8, depth: Int) -> Item? {
      switch byte {
      case UInt8(ascii: "."): return Item(bytes: ByteSet { $0 != UInt8(ascii: "\n") })
      case UInt8(ascii: "["): return set().map { Item(bytes: $0) }
      case UInt8(ascii: "("): return group(depth: depth + 1).map { Item(bytes: $0) }
      case UInt8(ascii: "\\"):
        guard let escape = escape() else { return nil }
        return escape.byte.map(literal) ?? Item(bytes: escape.bytes)
      case _ where Self.special.contains(byte): return nil
      default: return literal(byte)
      }
    }

    private func literal(_ byte: UInt8) -> Item { Item(bytes: folded(ByteSet { $0 == byte }), literal: byte) }

    /// What a group may match, whose parenthesis was read.
    private mutating func group(depth: Int) -> ByteSet? {
      guard depth <= Self.deepest else { return nil }
      if rest.first == UInt8(ascii: "?") {
        guard rest.starts(with: "?:".utf8) else { return nil }
        rest.removeFirst(2)
      } else if rest.first == UInt8(ascii: "*") {
        return nil
      }
      var bytes = ByteSet()
      while true {
        guard let items = sequence(depth: depth), let end = rest.popFirst() else { return nil }
        for item in items { bytes.formUnion(item.bytes) }
        if end == UInt8(ascii: ")") { return bytes }
      }
    }

    /// What a class matches, whose bracket was read.
    private mutating func set() -> ByteSet? {
      var bytes = ByteSet()
      let isNegated = rest.first == UInt8(ascii: "^")
      if isNegated { rest.removeFirst() }
      var isFirst = true
      while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "]") {
          if isFirst { return nil }
          bytes = folded(bytes)
          return isNegated ? ByteSet { !bytes.contains($0) } : bytes
        }
        isFirst = false
        // Names of classes begin with a bracket.
        guard byte != UInt8(ascii: "[") else { return nil }
        var low: UInt8? = byte
        if byte == UInt8(ascii: "\\") {
          guard let escape = escape() else { return nil }
          low = escape.byte
          bytes.formUnion(escape.bytes)
        } else {
          bytes.insert(byte)
        }
        guard rest.first == UInt8(ascii: "-"), rest.dropFirst().first != UInt8(ascii: "]") else { continue }
        rest.removeFirst()
        guard let low, var high = rest.popFirst(), high != UInt8(ascii: "[") else { return nil }
        if high == UInt8(ascii: "\\") {
          guard let byte = escape()?.byte else { return nil }
          high = byte
        }
        guard low <= high else { return nil }
        for byte in low...high { bytes.insert(byte) }
      }
      return nil
    }

    /// The byte that an escape is, or those that it stands for; its backslash was read.
    private mutating func escape() -> (byte: UInt8?, bytes: ByteSet)? {
      guard let letter = rest.popFirst() else { return nil }
      var byte: UInt8?
      switch letter {
      case UInt8(ascii: "d"): return (nil, ByteSet(\.isDecimalDigit))
      case UInt8(ascii: "D"): return (nil, ByteSet { !$0.isDecimalDigit })
      case UInt8(ascii: "w"): return (nil, ByteSet(Self.isOfWord))
      case UInt8(ascii: "W"): return (nil, ByteSet { !Self.isOfWord($0) })
      case UInt8(ascii: "s"): return (nil, ByteSet(Self.isSpace))
      case UInt8(ascii: "S"): return (nil, ByteSet { !Self.isSpace($0) })
      case UInt8(ascii: "n"): byte = UInt8(ascii: "\n")
      case UInt8(ascii: "t"): byte = UInt8(ascii: "\t")
      case UInt8(ascii: "r"): byte = UInt8(ascii: "\r")
      case UInt8(ascii: "x"):
        guard let number = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2,
          rest.first != UInt8(ascii: "+"), rest.first != UInt8(ascii: "-")
        else { return nil }
        rest.removeFirst(2)
        byte = number
      default:
        guard (0x21...0x7e).contains(letter), !Self.isOfWord(letter) else { return nil }
        byte = letter
      }
      return byte.map { byte in (byte, ByteSet { $0 == byte }) }
    }

    /// Reads a quantifier where there is one; false for what is not read.
    private mutating func quantify(_ item: inout Item) -> Bool {
      switch rest.first {
      case UInt8(ascii: "+"): item.isSingle = false
      case UInt8(ascii: "*"), UInt8(ascii: "?"): item.literal = nil
      case UInt8(ascii: "{"):
        let digits = rest.dropFirst().prefix { $0 != UInt8(ascii: "}") }
        let numbers = digits.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard (1...2).contains(numbers.count), rest.dropFirst(digits.count + 1).first == UInt8(ascii: "}"),
          numbers.joined().allSatisfy(\.isDecimalDigit), let least = numbers.first, (1...4).contains(least.count)
        else { return false }
        if least.allSatisfy({ $0 == UInt8(ascii: "0") }) { item.literal = nil }
        item.isSingle = false
        rest.removeFirst(digits.count + 1)
      default: return true
      }
      rest.removeFirst()
      // Lazy or possessive: which of the same bytes, not which bytes.
      if rest.first == UInt8(ascii: "?") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
      return true
    }

    private func folded(_ bytes: ByteSet) -> ByteSet {
      ignoringCase ? ByteSet { bytes.contains($0) || $0.isLetter && bytes.contains($0 ^ 0x20) } : bytes
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
      byte.isLetter || byte.isDecimalDigit || byte == UInt8(ascii: "_")
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (9...13).contains(byte) }
  }
}

/// A set of bytes.
struct ByteSet: Equatable, Sendable {
  private var has = [Bool](repeating: false, count: 256)

  init() {}

  /// The bytes for which something is true.
  init(_ isMember: (UInt8) -> Bool) { has = (0...255).map(isMember) }

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool { has[Int(byte)] }
  mutating func insert(_ byte: UInt8) { has[Int(byte)] = true }
  mutating func formUnion(_ other: ByteSet) { for byte in 0..<256 where other.has[byte] { has[byte] = true } }
}
