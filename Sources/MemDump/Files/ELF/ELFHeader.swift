/// The header of a 64-bit little-endian ELF file: what the file is, and where its tables are; see elf(5).
public struct ELFHeader: Hashable, Sendable {
  /// The kind of an ELF file (e_type).
  public struct Kind: RawRepresentable, Hashable, Sendable {
    /// The number of the kind.
    public let rawValue: UInt16
    /// Makes a kind from its number.
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    /// The memory of a process (ET_CORE).
    public static let core = Kind(rawValue: 4)
  }

  /// The place of a table of headers in the file.
  public struct Table: Hashable, Sendable {
    /// The file offset of the table.
    public var offset: UInt64
    /// The length of each header in the table, in bytes, by the file's own word.
    public var entryByteCount: UInt16
    /// The number of headers in the table, as far as that fits; see ``ELFHeader/segmentCount(with:)`` and
    /// ``ELFHeader/sectionCount(with:)``.
    public var count: UInt16

    /// Makes a table; without arguments, one that is not there.
    public init(offset: UInt64 = 0, entryByteCount: UInt16 = 0, count: UInt16 = 0) {
      (self.offset, self.entryByteCount, self.count) = (offset, entryByteCount, count)
    }
  }

  /// The length of an ELF header, in bytes.
  public static let byteCount = 64
  /// The value that sends the reader to section 0: for the number of segments (PN_XNUM), or the section of names
  /// (SHN_XINDEX).
  static let most: UInt16 = 0xffff
  /// The bytes that every ELF file starts with.
  private static let magic: [UInt8] = [0x7f, 0x45, 0x4c, 0x46]
  /// ELFCLASS64, ELFDATA2LSB and the only version there is.
  private static let (wide, leastByteFirst, version): (UInt8, UInt8, UInt8) = (2, 1, 1)

  /// The kind of the file.
  public var kind: Kind
  /// The processor that the file is for.
  public var machine: ELFMachine
  /// The table of program headers (e_phoff).
  public var segments: Table
  /// The table of section headers (e_shoff).
  public var sections: Table
  /// The number of the section that holds the names of sections.
  public var nameSection: UInt16 = 0

  /// The kind of the file that starts with some bytes, of whatever class and byte order; nil where that is no ELF file.
  static func kind(of bytes: [UInt8]) -> Kind? {
    guard bytes.starts(with: magic), let raw = bytes.load(UInt16.self, at: 16) else { return nil }
    return Kind(rawValue: bytes[5] == 2 ? raw.byteSwapped : raw)
  }

  /// Whether some number does not fit the header, so that section 0 has it.
  var refersToFirstSection: Bool {
    segments.count == Self.most || sections.count == 0 || nameSection == Self.most
  }

  /// The number of segments; section 0 tells a number too large for the header. Nil where section 0 is needed and
  /// missing.
  public func segmentCount(with first: ELFSection?) -> UInt64? {
    segments.count == Self.most ? first.map { UInt64($0.information) } : UInt64(segments.count)
  }

  /// The number of sections; section 0 tells a number too large for the header.
  public func sectionCount(with first: ELFSection?) -> UInt64 {
    sections.count == 0 ? first?.byteCount ?? 0 : UInt64(sections.count)
  }

  /// The number of the section with the names of sections; section 0 tells a number too large for the header.
  public func nameSection(with first: ELFSection?) -> UInt32 {
    nameSection == Self.most ? first?.link ?? UInt32(nameSection) : UInt32(nameSection)
  }
}

extension ELFHeader {
  /// Reads an ELF header; nil where the bytes are not that of a 64-bit little-endian file.
  public init?(parsing bytes: [UInt8]) {
    guard bytes.count >= Self.byteCount, let kind = Self.kind(of: bytes), bytes[4] == Self.wide,
      bytes[5] == Self.leastByteFirst, let machine = bytes.load(UInt16.self, at: 18),
      let segments = bytes.load(UInt64.self, at: 32), let sections = bytes.load(UInt64.self, at: 40),
      let segmentByteCount = bytes.load(UInt16.self, at: 54), let segmentCount = bytes.load(UInt16.self, at: 56),
      let sectionByteCount = bytes.load(UInt16.self, at: 58), let sectionCount = bytes.load(UInt16.self, at: 60),
      let names = bytes.load(UInt16.self, at: 62)
    else { return nil }
    self.init(
      kind: kind, machine: ELFMachine(code: machine),
      segments: Table(offset: segments, entryByteCount: segmentByteCount, count: segmentCount),
      sections: Table(offset: sections, entryByteCount: sectionByteCount, count: sectionCount), nameSection: names)
  }

  /// The header as it stands in the file, without an entry point.
  var bytes: [UInt8] {
    var bytes = Self.magic + [Self.wide, Self.leastByteFirst, Self.version]
    bytes += [UInt8](repeating: 0, count: 16 - bytes.count)
    for number in [kind.rawValue, machine.code] { bytes.append(number: number) }
    bytes.append(number: UInt32(Self.version))
    for number in [0, segments.offset, sections.offset] { bytes.append(number: number) }
    bytes.append(number: 0 as UInt32)
    for number in [
      UInt16(Self.byteCount), segments.entryByteCount, segments.count, sections.entryByteCount, sections.count,
      nameSection,
    ] { bytes.append(number: number) }
    return bytes
  }
}
