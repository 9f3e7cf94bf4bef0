/// Reads the headers and notes of an ELF core; see core(5) and elf(5). Pure: bytes in, values out, and never a trap.
public struct CoreParser: Sendable {
  /// A PT_LOAD: a stretch of memory, and where in the file its bytes are.
  public struct Segment: Hashable, Sendable {
    /// The addresses.
    public var range: Range<Address>
    /// Where its bytes start in the file.
    public var fileOffset: UInt64
    /// How many bytes of it the file holds; what is behind them was there but was not written.
    public var fileByteCount: UInt64
    /// What might be done with it.
    public var permissions: MemoryRegion.Permissions
  }

  /// A mapped file, from NT_FILE.
  public struct MappedFile: Hashable, Sendable {
    /// The addresses.
    public var range: Range<Address>
    /// Where in the mapped file it starts, in bytes.
    public var fileOffset: UInt64
    /// The path.
    public var name: [UInt8]
  }

  /// What the ELF header says of where the rest is.
  public struct Header: Hashable, Sendable {
    /// Where the program headers start, and how many there are; nil where section header 0 knows (PN_XNUM).
    public var programHeaderOffset: UInt64
    /// How many program headers there are; nil for PN_XNUM.
    public var programHeaderCount: UInt64?
    /// Where section header 0 is.
    public var sectionHeaderOffset: UInt64
  }

  /// How long an ELF header is, and one program and one section header.
  public static let headerByteCount = 64
  /// How long a program header is.
  public static let programHeaderByteCount = 56
  /// How long a section header is.
  public static let sectionHeaderByteCount = 64

  /// Whether a file that starts like this is an ELF core, of whatever class and byte order.
  public static func isCore(_ bytes: [UInt8]) -> Bool {
    guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]), bytes.count >= 18 else { return false }
    return bytes[5] == 2 ? bytes[17] == 4 : bytes[16] == 4
  }

  /// Reads an ELF header; nil where it is not that of a 64-bit little-endian core.
  public static func header(_ bytes: [UInt8]) -> Header? {
    guard isCore(bytes), bytes.count >= headerByteCount, bytes[4] == 2, bytes[5] == 1,
      bytes.load(UInt16.self, at: 54) == UInt16(programHeaderByteCount),
      let programHeaders = bytes.load(UInt64.self, at: 32), let sectionHeaders = bytes.load(UInt64.self, at: 40),
      let count = bytes.load(UInt16.self, at: 56)
    else { return nil }
    return Header(
      programHeaderOffset: programHeaders, programHeaderCount: count == 0xffff ? nil : UInt64(count),
      sectionHeaderOffset: sectionHeaders)
  }

  /// The number of program headers that section header 0 knows of.
  public static func programHeaderCount(sectionHeader bytes: [UInt8]) -> UInt64? {
    bytes.load(UInt32.self, at: 44).map(UInt64.init)
  }

  /// The memory of the process, in the order of addresses. Segments that are empty, or overlap one before, are left out.
  public private(set) var segments: [Segment] = []
  /// Where the notes are in the file.
  public private(set) var notes: [Range<UInt64>] = []

  /// Reads program headers.
  public init(programHeaders bytes: [UInt8]) {
    var found: [Segment] = []
    for start in stride(from: 0, to: bytes.count - bytes.count % Self.programHeaderByteCount, by: 56) {
      guard let type = bytes.load(UInt32.self, at: start), let flags = bytes.load(UInt32.self, at: start + 4),
        let offset = bytes.load(UInt64.self, at: start + 8), let address = bytes.load(UInt64.self, at: start + 16),
        let fileByteCount = bytes.load(UInt64.self, at: start + 32),
        let byteCount = bytes.load(UInt64.self, at: start + 40)
      else { continue }
      let fileEnd = offset.addingReportingOverflow(fileByteCount)
      let end = address.addingReportingOverflow(byteCount)
      guard !fileEnd.overflow, !end.overflow else { continue }
      if type == 4 { notes.append(offset..<fileEnd.partialValue) }
      guard type == 1, byteCount > 0 else { continue }
      var permissions: MemoryRegion.Permissions = []
      if flags & 4 != 0 { permissions.insert(.read) }
      if flags & 2 != 0 { permissions.insert(.write) }
      if flags & 1 != 0 { permissions.insert(.execute) }
      found.append(
        Segment(
          range: Address(address)..<Address(end.partialValue), fileOffset: offset,
          fileByteCount: min(fileByteCount, byteCount), permissions: permissions))
    }
    found.sort { $0.range.lowerBound < $1.range.lowerBound }
    for segment in found where segment.range.lowerBound >= segments.last?.range.upperBound ?? Address(0) {
      segments.append(segment)
    }
  }

  /// The mapped files of a note segment, in the order of their addresses.
  public static func mappedFiles(notes bytes: [UInt8]) -> [MappedFile] {
    // NT_FILE
    var table: Range<Int>?
    forEachNote(in: bytes) { type, content in
      if type == 0x4649_4c45, table == nil { table = content }
    }
    return table.map { mappedFiles(table: Array(bytes[$0])) } ?? []
  }

  /// The general registers of the threads of a note segment, in its order: the part of NT_PRSTATUS that is behind what the
  /// kernel tells of the thread, and before the word that tells of others (struct elf_prstatus).
  public static func threads(notes bytes: [UInt8]) -> [ThreadRegisters] {
    var threads: [ThreadRegisters] = []
    forEachNote(in: bytes) { type, content in
      guard type == 1, content.count > 120, let number = bytes.load(Int32.self, at: content.lowerBound + 32),
        let thread = ThreadID(rawValue: number)
      else { return }
      let registers = Array(bytes[content.lowerBound + 112..<content.upperBound - 8])
      threads.append(ThreadRegisters(thread: thread, notes: [.init(type: type, bytes: registers)]))
    }
    return threads
  }

  private static func forEachNote(in bytes: [UInt8], _ body: (UInt32, Range<Int>) -> Void) {
    var offset = 0
    while let nameByteCount = bytes.load(UInt32.self, at: offset),
      let byteCount = bytes.load(UInt32.self, at: offset + 4), let type = bytes.load(UInt32.self, at: offset + 8)
    {
      let start = offset + 12 + (Int(nameByteCount) + 3) & ~3
      let end = start + Int(byteCount)
      guard end <= bytes.count else { break }
      body(type, start..<end)
      offset = (end + 3) & ~3
    }
  }

  /// `count, page size, (start, end, offset in pages) × count, name\0 × count`
  private static func mappedFiles(table bytes: [UInt8]) -> [MappedFile] {
    guard let count = bytes.load(UInt64.self, at: 0), let unit = bytes.load(UInt64.self, at: 8),
      count <= UInt64(bytes.count - 16) / 24
    else { return [] }
    var names = ByteReader(bytes, 16 + 24 * Int(count)..<bytes.count)
    var files: [MappedFile] = []
    for index in 0..<Int(count) {
      let entry = 16 + 24 * index
      guard let start = bytes.load(UInt64.self, at: entry), let end = bytes.load(UInt64.self, at: entry + 8),
        let pages = bytes.load(UInt64.self, at: entry + 16)
      else { break }
      let name = Array(names.take(upTo: 0))
      guard start < end else { continue }
      files.append(
        MappedFile(
          range: Address(start)..<Address(end), fileOffset: pages.multipliedReportingOverflow(by: unit).partialValue,
          name: name))
    }
    return files.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }
}
