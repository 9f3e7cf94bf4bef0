/// A section header of an ELF file: a part of the file by its content.
public struct ELFSection: Hashable, Sendable {
  /// The kind of a section (sh_type).
  public struct Kind: RawRepresentable, Hashable, Sendable {
    /// The number of the kind.
    public let rawValue: UInt32
    /// Makes a kind from its number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// No section, as section 0 (SHT_NULL).
    public static let none = Kind(rawValue: 0)
    /// What the program itself gives a meaning to, as debug information (SHT_PROGBITS).
    public static let content = Kind(rawValue: 1)
    /// All symbols (SHT_SYMTAB).
    public static let symbols = Kind(rawValue: 2)
    /// A row of notes (SHT_NOTE).
    public static let notes = Kind(rawValue: 7)
    /// The symbols that other modules may use (SHT_DYNSYM).
    public static let dynamicSymbols = Kind(rawValue: 11)
  }

  /// The length of a section header, in bytes.
  public static let byteCount = 64

  /// The offset of the section's name in the table of names (sh_name).
  public var name: UInt32 = 0
  /// The kind of the section (sh_type).
  public var kind = Kind.none
  /// The flags of the section (sh_flags).
  public var flags: UInt64 = 0
  /// The address of the section (sh_addr), from the load bias on; 0 where it is no part of memory.
  public var address: UInt64 = 0
  /// The file offset of the section (sh_offset).
  public var offset: UInt64 = 0
  /// The length of the section, in bytes (sh_size); of section 0, the number of sections.
  public var byteCount: UInt64 = 0
  /// The number of a section that belongs to this one (sh_link): of a table of symbols, that of their names.
  public var link: UInt32 = 0
  /// More about the section (sh_info); of section 0, the number of segments.
  public var information: UInt32 = 0

  /// Whether the section is compressed (SHF_COMPRESSED).
  public var isCompressed: Bool { flags & 0x800 != 0 }
}

extension ELFSection {
  /// Reads a section header; nil where the header does not lie in the bytes as a whole.
  init?(_ bytes: [UInt8], at start: Int) {
    guard start <= bytes.count - Self.byteCount, let name = bytes.load(UInt32.self, at: start),
      let kind = bytes.load(UInt32.self, at: start + 4), let flags = bytes.load(UInt64.self, at: start + 8),
      let address = bytes.load(UInt64.self, at: start + 16),
      let offset = bytes.load(UInt64.self, at: start + 24),
      let byteCount = bytes.load(UInt64.self, at: start + 32), let link = bytes.load(UInt32.self, at: start + 40),
      let information = bytes.load(UInt32.self, at: start + 44)
    else { return nil }
    self.init(
      name: name, kind: Kind(rawValue: kind), flags: flags, address: address, offset: offset, byteCount: byteCount,
      link: link, information: information)
  }

  /// Reads a row of section headers, as many as are whole.
  static func all(in bytes: [UInt8]) -> [ELFSection] {
    stride(from: 0, to: bytes.count, by: byteCount).compactMap { ELFSection(bytes, at: $0) }
  }

  /// The section header as it stands in the file.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for number in [name, kind.rawValue] { bytes.append(number: number) }
    for number in [flags, address, offset, byteCount] { bytes.append(number: number) }
    for number in [link, information] { bytes.append(number: number) }
    return bytes + [UInt8](repeating: 0, count: Self.byteCount - bytes.count)
  }
}
