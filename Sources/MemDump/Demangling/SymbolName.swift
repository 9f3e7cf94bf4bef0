/// The name of a symbol as people write it: C++ (Itanium ABI) and Rust (legacy and v0) are demangled, all else stays.
///
/// It is meant for a cell of a table, so it is the name and no more: `cache::put<int>` without what it takes and
/// returns, as `c++filt -p` has it. Functions around a variable keep their parameters, which tell overloads apart:
/// `put(int)::count`. What only repeats itself is left out: arguments that containers and streams of `std` have by
/// themselves (`std::map<std::string, int>` has its order and its allocator unsaid, if they are the usual ones), inline
/// namespaces of the standard libraries (`__cxx11`, `__1`, `_V2`), the mark `[abi:cxx11]`; hashes of crates and types
/// of constants. Suffixes of the compiler and the linker (`.cold`, `@GLIBCXX_3.4`) stay.
///
/// One variable in a hundred has a name wider than any line, nearly always for arguments of templates in arguments of
/// templates. So from a name of C++ of more than ``wideByteCount`` bytes lists of arguments go, the deepest first:
/// `Table<Key, Map<…>>`. What differs in them alone looks the same then; ``symbol`` is whole.
///
/// Symbols are what a file says, and files lie: 400 bytes can stand for gigabytes. So a symbol of more than
/// ``mostBytes`` bytes is not demangled, nor one whose name has more than that however it is written, is nested deeper
/// than 64 levels, or takes more than 65536 steps to read and to write; nor is what is not understood to its last
/// byte. It stays as it is.
public struct SymbolName: Hashable, Sendable, CustomStringConvertible {
  /// It as it stands in the table of symbols.
  public let symbol: [UInt8]
  /// It as people write it; nil where that is the symbol itself.
  public let demangled: [UInt8]?

  /// How many bytes a name has at most to be demangled, before and after.
  public static let mostBytes = 4096
  /// How many bytes a name of C++ has before lists of arguments are left out.
  public static let wideByteCount = 240
  private static let deepestList = 4

  /// Demangles a symbol; never fails.
  public init(_ symbol: [UInt8]) {
    self.symbol = symbol
    demangled = Self.demangle(symbol, isBrief: true)
  }

  /// The readable name, safe to print.
  public var description: String { EscapedText(demangled ?? symbol).description }

  /// - Parameter isBrief: whether what goes without saying, and what makes a name too wide, is left out.
  static func demangle(_ symbol: [UInt8], isBrief: Bool) -> [UInt8]? {
    guard symbol.count <= mostBytes, let name = try? name(symbol, isBrief), name.count <= mostBytes else { return nil }
    return name
  }

  private static func name(_ symbol: [UInt8], _ isBrief: Bool) throws(DemanglingFailure) -> [UInt8] {
    if let name = try RustLegacyName.demangle(symbol) { return name }
    if symbol.starts(with: "_R".utf8) { return try RustName.demangle(symbol) }
    let (parser, root) = try ItaniumParser.parse(symbol)
    let suffix = try suffix(symbol[parser.position...])
    var budget = parser.budget
    if isBrief {
      for deepest in [Int.max] + (0...deepestList).reversed() {
        var renderer = ItaniumRenderer(
          parser.nodes, isBrief: true, limit: wideByteCount, deepestList: deepest, budget: budget)
        if (try? renderer.render(root)) != nil { return renderer.text + suffix }
        budget = renderer.budget
      }
    }
    var renderer = ItaniumRenderer(parser.nodes, isBrief: isBrief, limit: mostBytes, deepestList: .max, budget: budget)
    try renderer.render(root)
    return renderer.text + suffix
  }

  /// What stands behind a mangled name: the mark of a part that the compiler made of a function, `.cold`, and the
  /// version that a linker writes, `@GLIBCXX_3.4`.
  static func suffix(_ rest: ArraySlice<UInt8>) throws(DemanglingFailure) -> ArraySlice<UInt8> {
    guard let first = rest.first, first != UInt8(ascii: "."), first != UInt8(ascii: "@") else { return rest }
    throw .malformed
  }
}

extension UInt8 {
  var isDecimalDigit: Bool { self >= 0x30 && self <= 0x39 }
  var isLowercaseLetter: Bool { self >= 0x61 && self <= 0x7a }
  var isLetter: Bool { (self | 0x20).isLowercaseLetter }
}
