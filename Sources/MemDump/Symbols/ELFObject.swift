/// A program, a library or a file of debug information, whose ELF headers tell where its parts are; see elf(5). Pure:
/// an object asks for bytes by their file offset, and never traps, whatever the bytes are.
public struct ELFObject: Sendable {
  /// The kind of a table of symbols.
  public enum Table: Sendable {
    /// All symbols that the linker knew: .symtab, which strip(1) takes away.
    case all
    /// The symbols that other modules may use: .dynsym.
    case dynamic

    fileprivate var kind: ELFSection.Kind { self == .all ? .symbols : .dynamicSymbols }
  }

  /// The name of a file of debug information, and the CRC-32 of its contents (section .gnu_debuglink).
  public struct DebugLink: Hashable, Sendable {
    /// The name of the file, without a directory.
    public var name: [UInt8]
    /// The CRC-32 of all bytes of the file, as in zlib.
    public var checksum: UInt32
  }

  /// A reader that gives the bytes of a range of the file, as many as there are.
  public typealias Reader = (Range<UInt64>) -> [UInt8]

  /// The processor that the file is for.
  public let machine: ELFMachine
  /// The segments, in the order of the file.
  public private(set) var segments: [ELFSegment] = []
  /// The sections, in the order of the file; none where the file has none, or they cannot be read.
  public private(set) var sections: [ELFSection] = []
  /// The build-id, a number that the linker gave this build (NT_GNU_BUILD_ID); nil for none.
  public private(set) var buildID: [UInt8]?
  /// Where the call frame information is (section .eh_frame), from the load bias on; nil where no section tells it.
  public private(set) var callFrames: Range<UInt64>?
  /// The sections of debug information, by their names from the dot on; see ``DebugInformation``.
  private(set) var debugSections: [String: ELFSection] = [:]
  /// Whether parts of the debug information are in a file that several modules share (.gnu_debugaltlink).
  private(set) var hasSharedDebugFile = false
  /// The file of the object's debug information, by its own word; nil for none.
  public private(set) var debugLink: DebugLink?

  /// The most bytes that are read of one part: a sparse file can claim any size.
  private static let partLimit: UInt64 = 512 << 20
  private static let (mostSegments, mostSections): (UInt64, UInt64) = (1 << 16, 1 << 20)
  private static let noteLimit: UInt64 = 1 << 16
  private static let nameLimit = 4096
  private static let (longestDebugName, mostDebugSections) = (32, 64)

  /// Reads the headers of an object; nil where they are not those of a 64-bit little-endian ELF file.
  public init?(_ read: Reader) {
    guard let header = ELFHeader(parsing: read(0..<UInt64(ELFHeader.byteCount))) else { return nil }
    machine = header.machine
    let hasSections = Int(header.sections.entryByteCount) == ELFSection.byteCount && header.sections.offset > 0
    let first = hasSections ? Self.firstSection(header, read) : nil
    if Int(header.segments.entryByteCount) == ELFSegment.byteCount, let count = header.segmentCount(with: first) {
      segments = ELFSegment.all(
        in: Self.part(header.segments.offset, min(count, Self.mostSegments) * UInt64(ELFSegment.byteCount), read))
    }
    if hasSections {
      let count = min(header.sectionCount(with: first), Self.mostSections)
      sections = ELFSection.all(
        in: Self.part(header.sections.offset, count * UInt64(ELFSection.byteCount), read))
      let names = sectionNames(header.nameSection(with: first), read)
      debugLink = debugLink(named(".gnu_debuglink", names), read)
      debugSections = Self.debugSections(sections, names)
      hasSharedDebugFile = named(".gnu_debugaltlink", names) != nil
      callFrames = named(".eh_frame", names).flatMap { Self.range($0.address, $0.byteCount) }
    }
    buildID = buildID(read)
  }

  /// Section 0, where that has numbers that do not fit the header.
  private static func firstSection(_ header: ELFHeader, _ read: Reader) -> ELFSection? {
    guard header.refersToFirstSection else { return nil }
    return ELFSection(part(header.sections.offset, UInt64(ELFSection.byteCount), read), at: 0)
  }

  /// The address of the byte at a file offset, from the load bias on; nil where the byte is not mapped.
  public func address(ofFileOffset offset: UInt64) -> UInt64? {
    // The kernel maps whole pages.
    for segment in segments where segment.kind == .memory {
      let start = segment.offset & ~(pageSize - 1)
      let byteCount = segment.fileByteCount &+ (segment.offset &- start)
      if offset >= start, offset &- start < max(byteCount, 1) { return segment.address &+ (offset &- segment.offset) }
    }
    return nil
  }

  /// Whether there is debug information in the file itself.
  var hasDebugInformation: Bool { debugSections[".debug_info"] != nil }

  /// The variables, or the functions, of a table of symbols; nil where the object has no such table.
  public func symbols(
    _ table: Table, of subject: SymbolTable.Subject = .variables, _ read: Reader
  ) -> SymbolTable? {
    guard let section = sections.first(where: { $0.kind == table.kind && $0.byteCount > 0 }),
      let names = sections.indices.contains(Int(section.link)) ? sections[Int(section.link)] : nil
    else { return nil }
    guard let symbols = Self.range(section.offset, section.byteCount),
      let names = Self.range(names.offset, names.byteCount)
    else { return nil }
    return SymbolTable(subject, symbols, names: names, read)
  }

  /// A part of the file, as many bytes of it as there are; none where the part cannot have that place or size.
  private static func part(_ offset: UInt64, _ byteCount: UInt64, _ read: Reader) -> [UInt8] {
    range(offset, byteCount).map(read) ?? []
  }

  private static func range(_ offset: UInt64, _ byteCount: UInt64) -> Range<UInt64>? {
    let end = offset.addingReportingOverflow(byteCount)
    guard byteCount > 0, byteCount <= partLimit, !end.overflow, end.partialValue <= UInt64(Int64.max) else {
      return nil
    }
    return offset..<end.partialValue
  }

  /// The build-id: in a file of debug information only the sections lead to the note; in memory, only the segments.
  private func buildID(_ read: Reader) -> [UInt8]? {
    let places =
      sections.filter { $0.kind == .notes }.map { ($0.offset, $0.byteCount) }
      + segments.filter { $0.kind == .notes }.map { ($0.offset, $0.fileByteCount) }
    for (offset, byteCount) in places.prefix(64) {
      let notes = Self.part(offset, min(byteCount, Self.noteLimit), read)
      if let found = Self.buildID(notes: notes) { return found }
    }
    return nil
  }

  /// The build-id in a row of notes.
  static func buildID(notes bytes: [UInt8]) -> [UInt8]? {
    ELFNotes(bytes).first { $0.kind == .buildID && $0.owner.elementsEqual("GNU".utf8) && !$0.content.isEmpty }
      .map { Array($0.content) }
  }

  private func sectionNames(_ number: UInt32, _ read: Reader) -> [UInt8] {
    guard sections.indices.contains(Int(number)) else { return [] }
    return Self.part(sections[Int(number)].offset, min(sections[Int(number)].byteCount, 1 << 20), read)
  }

  private func named(_ name: String, _ names: [UInt8]) -> ELFSection? {
    let wanted = Array(name.utf8) + [0]
    return sections.first { Int($0.name) < names.count && names[Int($0.name)...].starts(with: wanted) }
  }

  /// The sections whose names begin with .debug_ and that are in the file: of the first of each name.
  private static func debugSections(_ sections: [ELFSection], _ names: [UInt8]) -> [String: ELFSection] {
    var found: [String: ELFSection] = [:]
    for section in sections where section.kind == .content && range(section.offset, section.byteCount) != nil {
      let name = names.dropFirst(Int(section.name)).prefix(longestDebugName).prefix { $0 != 0 }
      guard name.starts(with: ".debug_".utf8), found.count < mostDebugSections else { continue }
      let text = String(decoding: name, as: UTF8.self)
      if found[text] == nil { found[text] = section }
    }
    return found
  }

  private func debugLink(_ section: ELFSection?, _ read: Reader) -> DebugLink? {
    guard let section else { return nil }
    let bytes = Self.part(section.offset, min(section.byteCount, UInt64(Self.nameLimit)), read)
    guard let end = bytes.firstIndex(of: 0), end > 0, !bytes[..<end].contains(UInt8(ascii: "/")),
      let checksum = bytes.load(UInt32.self, at: (end + 4) & ~3)
    else { return nil }
    return DebugLink(name: Array(bytes[..<end]), checksum: checksum)
  }
}
