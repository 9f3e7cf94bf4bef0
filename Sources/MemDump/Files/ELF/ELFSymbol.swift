/// An entry of a table of symbols (Elf64_Sym).
struct ELFSymbol {
  /// What it names (STT_…).
  struct Kind: RawRepresentable, Hashable {
    let rawValue: UInt8

    /// Not told (STT_NOTYPE).
    static let unknown = Kind(rawValue: 0)
    /// A variable (STT_OBJECT).
    static let variable = Kind(rawValue: 1)
    /// A variable that the linker finds room for (STT_COMMON).
    static let common = Kind(rawValue: 5)
  }

  /// Who may use the name (STB_…).
  struct Binding: RawRepresentable, Hashable {
    let rawValue: UInt8

    /// Its own file only.
    static let local = Binding(rawValue: 0)
    /// Everybody.
    static let global = Binding(rawValue: 1)
  }

  /// How long an entry is.
  static let byteCount = 24

  /// Where its name is in the table of names.
  var name: UInt32
  var kind: Kind
  var binding: Binding
  /// The section it is in; 0 where it is of another file.
  var section: UInt16
  /// Where it begins, from the load bias on.
  var address: UInt64
  /// How many bytes it has.
  var byteCount: UInt64

  /// Reads an entry; nil where it does not lie in the bytes as a whole.
  init?(_ bytes: [UInt8], at start: Int) {
    guard let name = bytes.load(UInt32.self, at: start), let information = bytes.load(UInt8.self, at: start + 4),
      let section = bytes.load(UInt16.self, at: start + 6), let address = bytes.load(UInt64.self, at: start + 8),
      let byteCount = bytes.load(UInt64.self, at: start + 16)
    else { return nil }
    (self.name, self.section, self.address, self.byteCount) = (name, section, address, byteCount)
    (kind, binding) = (Kind(rawValue: information & 15), Binding(rawValue: information >> 4))
  }
}
