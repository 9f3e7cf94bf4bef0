/// The name of a symbol as people write it: C++ (Itanium ABI) and Rust (legacy and v0) are demangled, all else stays.
///
/// The text fills a cell of a table, so it is the name and no more: `cache::put<int>` without parameters and result, as
/// `c++filt -p` has it. Functions around a variable keep their parameters, which tell overloads apart:
/// `put(int)::count`. What only repeats itself is left out: default arguments of containers and streams of `std`
/// (`std::map<std::string, int>` has its order and its allocator unsaid, if they are the usual ones), inline namespaces
/// of the standard libraries (`__cxx11`, `__1`, `_V2`), the ABI tag `[abi:cxx11]`, hashes of crates and types of
/// constants. Suffixes of the compiler and the linker (`.cold`, `@GLIBCXX_3.4`) stay.
///
/// One variable in a hundred has a name wider than any line, nearly always for arguments of templates in arguments of
/// templates. So a C++ name of more than ``wideByteCount`` bytes loses lists of arguments, the deepest first:
/// `Table<Key, Map<…>>`. Names that differ in those lists alone look the same then; ``symbol`` is whole.
///
/// Symbols are what a file says, and files lie: 400 bytes can stand for gigabytes. So a symbol stays mangled that has
/// more than ``mostBytes`` bytes, whose name has more than that however it is written, is nested deeper than 64 levels,
/// or takes more than 65536 steps to read and to write; and so does a symbol that is not understood to the last byte.
public struct SymbolName: Hashable, Sendable, CustomStringConvertible {
  /// The symbol as it stands in the symbol table.
  public let symbol: [UInt8]
  /// The demangled name; nil where people write the symbol itself.
  public let demangled: [UInt8]?

  /// The largest length of a symbol to demangle, and of its name, in bytes.
  public static let mostBytes = 4096
  /// The length of a C++ name, in bytes, beyond which lists of arguments are left out.
  public static let wideByteCount = 240
  private static let deepestList = 4

  /// Demangles a symbol; never fails.
  public init(_ symbol: [UInt8]) {
    self.symbol = symbol
    demangled = Self.demangle(symbol, isBrief: true)
  }

  /// The readable name, safe to print.
  public var description: String { EscapedText(demangled ?? symbol).description }

  /// - Parameter isBrief: whether to leave out what goes without saying, and what makes a name too wide.
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

  /// The suffix behind a mangled name: `.cold`, the mark of a part that the compiler made of a function, or
  /// `@GLIBCXX_3.4`, the version that a linker writes.
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
