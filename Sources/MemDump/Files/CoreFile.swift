public import SystemPackage

/// An ELF core in a file: one of ours, of gcore or of the kernel.
public final class CoreFile: FileSource {
  /// The PT_LOAD segments, with the names of mapped files where the core tells them.
  public let regions: [MemoryRegion]
  /// A core has the addresses of its process.
  public var hasAddresses: Bool { true }
  /// The registers of the threads; nil where the core has none, as that of a process that ran while it was read.
  public let registers: [ThreadRegisters]?
  /// Whether the file is shorter than its headers say; what is missing is ``UnreadReason/notInFile``.
  public let isTruncated: Bool

  /// The most that is read of headers or of notes: a sparse file can claim any size.
  private static let headerLimit: UInt64 = 256 << 20

  let path: FilePath
  private let file: Descriptor
  /// The segments, each with as many bytes as the file really has.
  let segments: [CoreParser.Segment]
  /// What is not what it seems, by the manifest beside the core.
  private let holes: [Manifest.Hole]

  /// Opens a core.
  ///
  /// Throws ``MemDumpError/Code/file``, or ``MemDumpError/Code/malformed`` for a file that is not a 64-bit little-endian core.
  public init(_ path: FilePath) throws(MemDumpError) {
    let length: UInt64
    let read: (CoreParser, [CoreParser.MappedFile], [ThreadRegisters])?
    do throws(Errno) {
      file = try Descriptor(opening: path)
      length = try Syscall.attributes(file.file).byteCount
      read = try Self.parse(file.file, length)
    } catch { throw MemDumpError(.file(path, .read, error)) }
    guard let (parser, files, registers) = read else { throw MemDumpError(.notACore(path)) }
    self.path = path
    self.registers = registers.isEmpty ? nil : registers
    holes = Self.holes(path, byteCount: length)
    isTruncated = parser.segments.contains { $0.fileOffset &+ $0.fileByteCount > length }
    segments = parser.segments.map { segment in
      var segment = segment
      segment.fileByteCount = min(segment.fileByteCount, length > segment.fileOffset ? length - segment.fileOffset : 0)
      return segment
    }
    regions = segments.enumerated().map { Self.region($0.element, number: $0.offset + 1, files) }
  }

  /// Where in the core the byte at an address is.
  public func fileOffset(of address: Address) -> UInt64? {
    guard let segment = segment(holding: address) else { return nil }
    let offset = address - segment.range.lowerBound
    return offset < segment.fileByteCount ? segment.fileOffset + offset : nil
  }

  /// See ``MemorySource/read(at:into:)``. A hole of the file is absent memory; what a segment has no bytes for is unread.
  public func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    try readStretch(at: address, into: &buffer)
  }

  func stretch(at address: Address) -> FileStretch? {
    guard let segment = segment(holding: address) else { return nil }
    let offset = address - segment.range.lowerBound
    guard offset < segment.fileByteCount else {
      return .gap(MemoryRun(.unread(.notInFile), segment.range.upperBound - address))
    }
    var held = segment.fileByteCount - offset
    let next = holes.partitionIndex { $0.range.upperBound > address }
    if next < holes.endIndex {
      let gap = holes[next].range
      if gap.contains(address) { return .gap(MemoryRun(.init(holes[next]), min(gap.upperBound - address, held))) }
      held = min(held, gap.lowerBound - address)
    }
    let place = segment.fileOffset + offset
    let hole = min(Syscall.holeByteCount(file.file, at: place), held)
    return hole > 0 ? .gap(MemoryRun(.absent, hole)) : .bytes(file.file, offset: place, byteCount: held)
  }

  /// The holes of which something else is to be said than that they read as zeros. A manifest that does not fit is for
  /// ``Verification`` to complain of: a core is readable without one.
  private static func holes(_ path: FilePath, byteCount: UInt64) -> [Manifest.Hole] {
    guard let bytes = try? ProcFS.read(Manifest.path(of: path)), let manifest = Manifest(parsing: bytes),
      manifest.format == .core, manifest.byteCount == byteCount
    else { return [] }
    return manifest.holes.filter { $0.reason != "untouched" }
  }

  private func segment(holding address: Address) -> CoreParser.Segment? {
    let index = segments.partitionIndex { $0.range.upperBound > address }
    return index < segments.endIndex && segments[index].range.contains(address) ? segments[index] : nil
  }

  private static func parse(
    _ file: FileDescriptor, _ length: UInt64
  ) throws(Errno) -> (CoreParser, [CoreParser.MappedFile], [ThreadRegisters])? {
    let start = try Syscall.bytes(file, 0..<UInt64(CoreParser.headerByteCount))
    guard let header = CoreParser.header(start) else { return nil }
    var count = header.programHeaderCount
    if count == nil {
      let offset = header.sectionHeaderOffset
      let whole = Range(start: Address(offset), byteCount: UInt64(CoreParser.sectionHeaderByteCount))
      let section = try Syscall.bytes(file, offset..<whole.upperBound.rawValue)
      count = CoreParser.programHeaderCount(sectionHeader: section)
    }
    guard let count else { return nil }
    let size = UInt64(CoreParser.programHeaderByteCount)
    let end = min(
      header.programHeaderOffset.addingReportingOverflow(min(count * size, headerLimit)).partialValue, length)
    guard header.programHeaderOffset <= end else { return nil }
    let parser = CoreParser(programHeaders: try Syscall.bytes(file, header.programHeaderOffset..<end))
    var files: [CoreParser.MappedFile] = []
    var threads: [ThreadRegisters] = []
    for note in parser.notes where files.isEmpty || threads.isEmpty {
      let notes = try Syscall.bytes(file, note.clamped(to: 0..<length).prefix(headerLimit))
      if files.isEmpty { files = CoreParser.mappedFiles(notes: notes) }
      if threads.isEmpty { threads = CoreParser.threads(notes: notes) }
    }
    return (parser, files, threads)
  }

  private static func region(
    _ segment: CoreParser.Segment, number: Int, _ files: [CoreParser.MappedFile]
  ) -> MemoryRegion {
    let index = files.partitionIndex { $0.range.upperBound > segment.range.lowerBound }
    let file = index < files.endIndex && files[index].range.contains(segment.range.lowerBound) ? files[index] : nil
    return MemoryRegion(
      number: number, range: segment.range, permissions: segment.permissions, fileOffset: file?.fileOffset ?? 0,
      inode: file == nil ? 0 : 1, name: file?.name ?? [], kind: file == nil ? .anonymous : .file, usage: nil,
      deviceNumber: 0)
  }
}

extension Range<UInt64> {
  fileprivate func prefix(_ count: UInt64) -> Range<UInt64> {
    lowerBound..<Swift.min(
      upperBound, lowerBound.addingReportingOverflow(count).overflow ? upperBound : lowerBound + count)
  }
}
