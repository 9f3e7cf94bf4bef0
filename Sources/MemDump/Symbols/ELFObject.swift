/// Where the parts of a program, a library or a file of debug information are, by its ELF headers; see elf(5). Pure: it asks
/// for bytes by their place in the file, and never traps, whatever it gets.
public struct ELFObject: Sendable {
  /// A part of the file that is mapped when it runs, or that describes it (a program header).
  public struct Segment: Hashable, Sendable {
    /// What it is: 1 is PT_LOAD, 4 is PT_NOTE.
    public var type: UInt32
    /// Where it is in the file.
    public var offset: UInt64
    /// Where it is in memory, from the load bias on.
    public var address: UInt64
    /// How many bytes of it are in the file.
    public var fileByteCount: UInt64
  }

  /// A part of the file by what is in it (a section header).
  public struct Section: Hashable, Sendable {
    /// Where its name is in the table of names.
    public var name: UInt32
    /// What it is: 2 is SHT_SYMTAB, 7 is SHT_NOTE, 11 is SHT_DYNSYM.
    public var type: UInt32
    /// Where it is in the file.
    public var offset: UInt64
    /// How many bytes it has.
    public var byteCount: UInt64
    /// The number of a section that belongs to it: of a table of symbols, that of their names.
    public var link: UInt32
  }

  /// Which table of symbols.
  public enum Table: UInt32, Sendable {
    /// All that the linker knew: .symtab, which strip(1) takes away.
    case all = 2
    /// What other modules may use: .dynsym.
    case dynamic = 11
  }

  /// The name of a file of debug information, and the CRC-32 of its contents (section .gnu_debuglink).
  public struct DebugLink: Hashable, Sendable {
    /// The name of the file, without a directory.
    public var name: [UInt8]
    /// The CRC-32 of all of its bytes, as in zlib.
    public var checksum: UInt32
  }

  /// Gives the bytes of a stretch of the file, as many as there are.
  public typealias Reader = (Range<UInt64>) -> [UInt8]

  /// The segments, in the order of the file.
  public private(set) var segments: [Segment] = []
  /// The sections, in the order of the file; none where it has none, or they are not to be had.
  public private(set) var sections: [Section] = []
  /// The number that the linker gave this build (NT_GNU_BUILD_ID); nil for none.
  public private(set) var buildID: [UInt8]?
  /// Where its debug information is, by its own word.
  public private(set) var debugLink: DebugLink?

  /// What is read of one part at most: a sparse file can claim any size.
  private static let partLimit: UInt64 = 512 << 20
  private static let (headerByteCount, segmentByteCount, sectionByteCount) = (64, 56, 64)
  private static let mostSections: UInt64 = 1 << 20
  private static let noteLimit: UInt64 = 1 << 16
  private static let nameLimit = 4096

  /// Reads the headers; nil where they are not those of a 64-bit little-endian ELF file.
  public init?(_ read: Reader) {
    let header = read(0..<UInt64(Self.headerByteCount))
    guard header.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]), header.count >= Self.headerByteCount,
      let segmentStart = header.load(UInt64.self, at: 32), let sectionStart = header.load(UInt64.self, at: 40),
      let segmentSize = header.load(UInt16.self, at: 54), let segmentCount = header.load(UInt16.self, at: 56),
      let sectionSize = header.load(UInt16.self, at: 58), let sectionCount = header.load(UInt16.self, at: 60),
      let names = header.load(UInt16.self, at: 62)
    else { return nil }
    if Int(segmentSize) == Self.segmentByteCount {
      let bytes = Self.part(segmentStart, UInt64(segmentCount) * UInt64(segmentSize), read)
      for start in stride(from: 0, to: bytes.count, by: Self.segmentByteCount) {
        guard let segment = Segment(bytes, at: start) else { break }
        segments.append(segment)
      }
    }
    if Int(sectionSize) == Self.sectionByteCount, sectionStart > 0 {
      var (count, nameSection) = (UInt64(sectionCount), UInt32(names))
      // Numbers that do not fit the header are in section 0.
      if count == 0 || names == 0xffff,
        let first = Section(Self.part(sectionStart, UInt64(sectionSize), read), at: 0)
      {
        if count == 0 { count = min(first.byteCount, Self.mostSections) }
        if names == 0xffff { nameSection = first.link }
      }
      let bytes = Self.part(sectionStart, count * UInt64(sectionSize), read)
      for start in stride(from: 0, to: bytes.count, by: Self.sectionByteCount) {
        guard let section = Section(bytes, at: start) else { break }
        sections.append(section)
      }
      debugLink = debugLink(names: nameSection, read)
    }
    buildID = buildID(read)
  }

  /// The address, from the load bias on, of the byte at a place in the file; nil where it is not mapped.
  public func address(ofFileOffset offset: UInt64) -> UInt64? {
    // The kernel maps whole pages.
    for segment in segments where segment.type == 1 {
      let start = segment.offset & ~(pageSize - 1)
      let byteCount = segment.fileByteCount &+ (segment.offset &- start)
      if offset >= start, offset &- start < max(byteCount, 1) { return segment.address &+ (offset &- segment.offset) }
    }
    return nil
  }

  /// The variables of a table of symbols; nil where it has no such table.
  public func symbols(_ table: Table, _ read: Reader) -> SymbolTable? {
    guard let section = sections.first(where: { $0.type == table.rawValue && $0.byteCount > 0 }),
      let names = sections.indices.contains(Int(section.link)) ? sections[Int(section.link)] : nil
    else { return nil }
    let bytes = Self.part(section.offset, section.byteCount, read)
    guard !bytes.isEmpty else { return nil }
    return SymbolTable(entries: bytes, names: Self.part(names.offset, names.byteCount, read))
  }

  /// A part of the file, as much of it as there is; nothing where its place or size is none that it can have.
  private static func part(_ offset: UInt64, _ byteCount: UInt64, _ read: Reader) -> [UInt8] {
    let end = offset.addingReportingOverflow(byteCount)
    guard byteCount > 0, byteCount <= partLimit, !end.overflow, end.partialValue <= UInt64(Int64.max) else { return [] }
    return read(offset..<end.partialValue)
  }

  /// Of a file of debug information only the sections tell where the note is; of memory, only the segments.
  private func buildID(_ read: Reader) -> [UInt8]? {
    let places =
      sections.filter { $0.type == 7 }.map { ($0.offset, $0.byteCount) }
      + segments.filter { $0.type == 4 }.map { ($0.offset, $0.fileByteCount) }
    for (offset, byteCount) in places.prefix(64) {
      let notes = Self.part(offset, min(byteCount, Self.noteLimit), read)
      if let found = Self.buildID(notes: notes) { return found }
    }
    return nil
  }

  /// The build-id in a row of notes, which are padded to four bytes.
  static func buildID(notes bytes: [UInt8]) -> [UInt8]? {
    var offset = 0
    while let nameByteCount = bytes.load(UInt32.self, at: offset),
      let byteCount = bytes.load(UInt32.self, at: offset + 4), let type = bytes.load(UInt32.self, at: offset + 8)
    {
      let name = offset + 12
      let start = name + (Int(nameByteCount) + 3) & ~3
      let end = start + Int(byteCount)
      guard end <= bytes.count else { return nil }
      if type == 3, bytes[name..<start].starts(with: "GNU\0".utf8), byteCount > 0 { return Array(bytes[start..<end]) }
      offset = (end + 3) & ~3
    }
    return nil
  }

  private func debugLink(names: UInt32, _ read: Reader) -> DebugLink? {
    guard sections.indices.contains(Int(names)) else { return nil }
    let table = sections[Int(names)]
    let text = Self.part(table.offset, min(table.byteCount, 1 << 20), read)
    let wanted = Array(".gnu_debuglink\0".utf8)
    guard
      let section = sections.first(where: { section in
        Int(section.name) < text.count && text[Int(section.name)...].starts(with: wanted)
      })
    else { return nil }
    let bytes = Self.part(section.offset, min(section.byteCount, UInt64(Self.nameLimit)), read)
    guard let end = bytes.firstIndex(of: 0), end > 0, !bytes[..<end].contains(UInt8(ascii: "/")),
      let checksum = bytes.load(UInt32.self, at: (end + 4) & ~3)
    else { return nil }
    return DebugLink(name: Array(bytes[..<end]), checksum: checksum)
  }
}

extension ELFObject.Segment {
  fileprivate init?(_ bytes: [UInt8], at start: Int) {
    guard let type = bytes.load(UInt32.self, at: start), let offset = bytes.load(UInt64.self, at: start + 8),
      let address = bytes.load(UInt64.self, at: start + 16), let byteCount = bytes.load(UInt64.self, at: start + 32)
    else { return nil }
    (self.type, self.offset, self.address, fileByteCount) = (type, offset, address, byteCount)
  }
}

extension ELFObject.Section {
  fileprivate init?(_ bytes: [UInt8], at start: Int) {
    guard let name = bytes.load(UInt32.self, at: start), let type = bytes.load(UInt32.self, at: start + 4),
      let offset = bytes.load(UInt64.self, at: start + 24), let byteCount = bytes.load(UInt64.self, at: start + 32),
      let link = bytes.load(UInt32.self, at: start + 40)
    else { return nil }
    (self.name, self.type, self.offset, self.byteCount, self.link) = (name, type, offset, byteCount, link)
  }
}
