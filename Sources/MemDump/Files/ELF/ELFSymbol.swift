/// An entry of a table of symbols (Elf64_Sym).
struct ELFSymbol {
  /// The kind of a symbol (STT_…).
  struct Kind: RawRepresentable, Hashable {
    let rawValue: UInt8

    /// A symbol of no told kind (STT_NOTYPE).
    static let unknown = Kind(rawValue: 0)
    /// A variable (STT_OBJECT).
    static let variable = Kind(rawValue: 1)
    /// A function (STT_FUNC).
    static let function = Kind(rawValue: 2)
    /// A function that chooses another one when the program starts (STT_GNU_IFUNC).
    static let indirectFunction = Kind(rawValue: 10)
    /// A variable that the linker finds room for (STT_COMMON).
    static let common = Kind(rawValue: 5)
  }

  /// The binding of a symbol: who may use the name (STB_…).
  struct Binding: RawRepresentable, Hashable {
    let rawValue: UInt8

    /// A symbol for its own file only (STB_LOCAL).
    static let local = Binding(rawValue: 0)
    /// A symbol for all files (STB_GLOBAL).
    static let global = Binding(rawValue: 1)
  }

  /// The length of an entry, in bytes.
  static let byteCount = 24

  /// The offset of the symbol's name in the table of names (st_name).
  var name: UInt32
  var kind: Kind
  var binding: Binding
  /// The section of the symbol (st_shndx); 0 where the symbol is of another file.
  var section: UInt16
  /// The address of the symbol (st_value), from the load bias on.
  var address: UInt64
  /// The size of the symbol, in bytes (st_size).
  var byteCount: UInt64

  /// Reads an entry; nil where the entry does not lie in the bytes as a whole.
  init?(_ bytes: [UInt8], at start: Int) {
    guard let name = bytes.load(UInt32.self, at: start), let information = bytes.load(UInt8.self, at: start + 4),
      let section = bytes.load(UInt16.self, at: start + 6), let address = bytes.load(UInt64.self, at: start + 8),
      let byteCount = bytes.load(UInt64.self, at: start + 16)
    else { return nil }
    (self.name, self.section, self.address, self.byteCount) = (name, section, address, byteCount)
    (kind, binding) = (Kind(rawValue: information & 15), Binding(rawValue: information >> 4))
  }
}
