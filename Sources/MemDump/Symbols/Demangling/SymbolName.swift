/// The name of a symbol as people write it: C++ (Itanium ABI) and Rust (legacy and v0) are demangled, all else stays as it is.
///
/// It is meant for a cell of a table, so it is the name and no more: `cache::put<int>` without what it takes and returns, as
/// `c++filt -p` prints it. Functions around a variable keep their parameters, which tell overloads apart:
/// `put(int)::count`. Two things are shorter than c++filt has them, because they only repeat what was said: arguments that
/// the templates of `std` have by themselves (`std::map<std::string, int>` has its order and its allocator unsaid, if they
/// are the usual ones), and inline namespaces of the standard libraries (`__cxx11`, `__1`, `_V2`); and `>>` has no blank.
/// Arguments of templates are never cut: what differs often differs at the end.
///
/// Symbols are what a file says, and files lie: a name of 40 bytes can stand for one of gigabytes. So a name that has more
/// than ``mostBytes`` bytes, mangled or not, that is nested deeper than 192 levels, or that takes more than 65536 steps to
/// read or to write is not demangled; nor is what is not understood to its last byte. It stays as it is.
public struct SymbolName: Hashable, Sendable, CustomStringConvertible {
  /// It as it stands in the table of symbols.
  public let symbol: [UInt8]
  /// It as people write it; nil where that is the symbol itself.
  public let demangled: [UInt8]?

  /// How many bytes a name has at most to be demangled, before and after.
  public static let mostBytes = 4096

  /// Demangles a symbol; never fails.
  public init(_ symbol: [UInt8]) {
    self.symbol = symbol
    demangled = Self.demangle(symbol, isBrief: true)
  }

  /// The readable name, safe to print.
  public var description: String { EscapedText(demangled ?? symbol).description }

  /// - Parameter isBrief: whether what the standard library fills in by itself is left out.
  static func demangle(_ symbol: [UInt8], isBrief: Bool) -> [UInt8]? {
    guard symbol.count <= mostBytes else { return nil }
    do throws(DemanglingFailure) {
      if let name = try RustLegacyName.demangle(symbol) { return name }
      if symbol.starts(with: "_R".utf8) { return try RustName.demangle(symbol) }
      guard symbol.starts(with: "_Z".utf8) else { return nil }
      let (parser, root) = try ItaniumParser.parse(symbol)
      var printer = ItaniumPrinter(parser.nodes, isBrief: isBrief)
      try printer.print(root)
      try printer.write(suffix(symbol[parser.position...]))
      return printer.text
    } catch {
      return nil
    }
  }

  /// What stands behind a mangled name: the mark of a part that the compiler made of a function, `.cold`, and the version
  /// that a linker writes, `@GLIBCXX_3.4`.
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
