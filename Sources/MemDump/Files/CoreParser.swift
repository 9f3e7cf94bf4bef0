/// A parser of the headers and notes of an ELF core; core(5), elf(5). Pure: bytes in, values out, and never a trap.
public struct CoreParser: Sendable {
  /// A mapping of a file, from NT_FILE.
  public struct FileMapping: Hashable, Sendable, Spanning {
    /// The addresses of the mapping.
    public var range: Range<Address>
    /// The file offset where the mapping starts, in bytes.
    public var fileOffset: UInt64
    /// The path of the mapped file.
    public var name: [UInt8]
  }

  /// Whether a file that starts like this is an ELF core, of whatever class, byte order and machine.
  public static func isCore(_ bytes: [UInt8]) -> Bool { ELFHeader.kind(of: bytes) == .core }

  /// Reads an ELF header; nil where it is not that of a 64-bit little-endian core.
  public static func header(_ bytes: [UInt8]) -> ELFHeader? {
    guard let header = ELFHeader(parsing: bytes), header.kind == .core,
      header.segments.entryByteCount == UInt16(ELFSegment.byteCount)
    else { return nil }
    return header
  }

  /// The memory of the process, in the order of addresses, without segments that are empty or overlap an earlier one.
  public private(set) var segments: [CoreSegment] = []
  /// The number of segments of memory that are left out, because they overlap an earlier one or end behind all addresses.
  public private(set) var omittedSegmentCount = 0
  /// The places of the notes in the file.
  public private(set) var notes: [Range<UInt64>] = []

  /// Reads program headers.
  public init(programHeaders bytes: [UInt8]) {
    var found: [CoreSegment] = []
    for segment in ELFSegment.all(in: bytes) {
      let fileEnd = segment.offset.addingReportingOverflow(segment.fileByteCount)
      let end = segment.address.addingReportingOverflow(segment.memoryByteCount)
      guard !fileEnd.overflow, !end.overflow else {
        if segment.kind == .memory { omittedSegmentCount += 1 }
        continue
      }
      if segment.kind == .notes { notes.append(segment.offset..<fileEnd.partialValue) }
      guard segment.kind == .memory, segment.memoryByteCount > 0 else { continue }
      found.append(
        CoreSegment(
          range: Address(segment.address)..<Address(end.partialValue), fileOffset: segment.offset,
          fileByteCount: min(segment.fileByteCount, segment.memoryByteCount), permissions: segment.permissions))
    }
    found.sort { $0.range.lowerBound < $1.range.lowerBound }
    for segment in found where segment.range.lowerBound >= segments.last?.range.upperBound ?? Address(0) {
      segments.append(segment)
    }
    omittedSegmentCount += found.count - segments.count
  }

  /// The mapped files of a note segment, in the order of their addresses.
  public static func mappedFiles(notes bytes: [UInt8]) -> [FileMapping] {
    ELFNotes(bytes).first { $0.kind == .files }.map { mappedFiles(table: Array($0.content)) } ?? []
  }

  /// The general registers of the threads of a note segment, in its order: the part of NT_PRSTATUS behind the facts
  /// about the thread, and before `pr_fpvalid` (struct elf_prstatus).
  public static func threads(notes bytes: [UInt8]) -> [ThreadRegisters] {
    ELFNotes(bytes).compactMap { note in
      guard note.kind == .threadStatus, note.content.count > 120 else { return nil }
      let status = Array(note.content)
      guard let thread = status.load(Int32.self, at: 32).flatMap({ ThreadID(rawValue: $0) }) else { return nil }
      let registers = Array(status[112..<status.count - 8])
      return ThreadRegisters(thread: thread, notes: [.init(type: note.kind.rawValue, bytes: registers)])
    }
  }

  /// The mapped files by the content of NT_FILE: `count, page size, (start, end, offset in pages) × count, name\0 ×
  /// count`.
  private static func mappedFiles(table bytes: [UInt8]) -> [FileMapping] {
    guard let count = bytes.load(UInt64.self, at: 0), let unit = bytes.load(UInt64.self, at: 8),
      count <= UInt64(bytes.count - 16) / 24
    else { return [] }
    var names = ByteReader(bytes, 16 + 24 * Int(count)..<bytes.count)
    var files: [FileMapping] = []
    for index in 0..<Int(count) {
      let entry = 16 + 24 * index
      guard let start = bytes.load(UInt64.self, at: entry), let end = bytes.load(UInt64.self, at: entry + 8),
        let pages = bytes.load(UInt64.self, at: entry + 16)
      else { break }
      let name = Array(names.take(upTo: 0))
      guard start < end else { continue }
      files.append(
        FileMapping(
          range: Address(start)..<Address(end), fileOffset: pages.multipliedReportingOverflow(by: unit).partialValue,
          name: name))
    }
    return files.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }
}
