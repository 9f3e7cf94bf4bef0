public import SystemPackage

/// An ELF core in a file: one of memdump, of gcore or of the kernel.
public final class CoreFile: FileSource {
  /// The PT_LOAD segments, with the names of mapped files where the core tells them.
  public let regions: [MemoryRegion]
  /// True: a core has the addresses of its process.
  public var hasAddresses: Bool { true }
  /// The registers of the threads; nil where the core has none, as that of a process that was never stopped.
  public let registers: [ThreadRegisters]?
  /// The processor of the process.
  public let machine: ELFMachine
  /// Whether the file is shorter than its headers say; the missing bytes are ``UnreadReason/notInFile``.
  public let isTruncated: Bool
  /// See ``MemorySource/omittedSegmentCount``.
  public let omittedSegmentCount: Int

  /// The most bytes that are read of headers, and of all notes together: a sparse file can claim any size.
  private static let headerLimit: UInt64 = 256 << 20

  var path: FilePath { dump.path }
  private let dump: DumpFile
  private let data = DataExtent()
  /// The segments, each with as many bytes as the file really has.
  let segments: [CoreSegment]
  /// The parts of the core that are not what they seem, by the manifest beside the core.
  private let holes: [Manifest.Hole]

  /// Opens a core.
  ///
  /// Throws ``MemDumpError/Code/file``, or ``MemDumpError/Code/malformed`` for a file that is not a 64-bit
  /// little-endian core.
  public convenience init(_ path: FilePath) throws(MemDumpError) { try self.init(try DumpFile(path)) }

  /// Takes an open file.
  init(_ dump: consuming DumpFile) throws(MemDumpError) {
    let length = dump.byteCount
    let read: Contents?
    do throws(Errno) { read = try Self.parse(dump.file, length) } catch {
      throw MemDumpError(.file(dump.path, .read, error))
    }
    guard let read else { throw MemDumpError(.notACore(dump.path)) }
    (machine, registers) = (read.machine, read.registers.isEmpty ? nil : read.registers)
    isTruncated = read.isCut || read.parser.segments.contains { $0.fileOffset &+ $0.fileByteCount > length }
    omittedSegmentCount = read.parser.omittedSegmentCount
    let segments = read.parser.segments.map { segment in
      var segment = segment
      segment.fileByteCount = min(segment.fileByteCount, length > segment.fileOffset ? length - segment.fileOffset : 0)
      return segment
    }
    self.segments = segments
    holes = try Self.holes(of: dump, segments, isTruncated: isTruncated)
    regions = segments.enumerated().map { Self.region($0.element, number: $0.offset + 1, read.files) }
    self.dump = dump
  }

  /// The file offset of the byte at an address; nil where the core has no such byte.
  public func fileOffset(of address: Address) -> UInt64? {
    guard let held = segment(holding: address)?.held, held.range.contains(address) else { return nil }
    return held.content(at: address).rawValue
  }

  /// See ``MemorySource/read(at:into:)``. A hole of the file is absent memory; bytes missing in a segment are unread.
  public func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    try readStretch(at: address, into: &buffer)
  }

  func stretch(at address: Address) -> Stretch<FileContent>? {
    guard let segment = segment(holding: address) else { return nil }
    let held = segment.held
    guard held.range.contains(address) else {
      return Stretch(range: address..<segment.range.upperBound, content: .gap(.unread(.notInFile)))
    }
    var rest = address..<held.range.upperBound
    if let gap = holes.gap(from: address) {
      if gap.range.contains(address) { return Stretch(range: gap.range.clamped(to: rest), content: .gap(gap.content)) }
      rest = address..<min(rest.upperBound, gap.range.lowerBound)
    }
    return stretch(rest, in: dump.file, at: held.content(at: address).rawValue, data)
  }

  /// The holes of which more is to be said than that they read as zeros. A core is readable without a manifest, and what is no
  /// manifest beside it is for ``Verification`` to complain of; but one that is of another file says what is not so.
  private static func holes(
    of dump: borrowing DumpFile, _ segments: [CoreSegment], isTruncated: Bool
  ) throws(MemDumpError) -> [Manifest.Hole] {
    guard let manifest = try? dump.manifest(), manifest.format == .core else { return [] }
    guard manifest.byteCount == dump.byteCount else {
      if isTruncated { return [] }
      throw MemDumpError(.manifest(dump, manifest.byteCount))
    }
    let holes = manifest.holes.filter { $0.reason != Manifest.Hole.untouched }
    let held = segments.map(\.held)
    var hidden: [(range: Range<UInt64>, reason: String)] = []
    for hole in holes {
      for segment in held[held.firstIndex(endingAfter: hole.range.lowerBound)...] {
        let part = segment.clamped(to: hole.range)
        if part.range.isEmpty { break }
        hidden.append((part.content.rawValue..<part.content.rawValue + part.range.byteCount, hole.reason))
      }
    }
    try dump.checkHoles(hidden)
    return holes
  }

  private func segment(holding address: Address) -> CoreSegment? {
    segments.index(holding: address).map { segments[$0] }
  }

  /// The contents of the headers and the notes.
  private struct Contents {
    var machine: ELFMachine
    var parser: CoreParser
    /// Whether not all program headers are in the file.
    var isCut: Bool
    var files: [CoreParser.FileMapping] = []
    var registers: [ThreadRegisters] = []
  }

  private static func parse(_ file: FileDescriptor, _ length: UInt64) throws(Errno) -> Contents? {
    guard let header = CoreParser.header(try Syscall.bytes(file, 0..<UInt64(ELFHeader.byteCount))) else { return nil }
    var first: ELFSection?
    if header.segmentCount(with: nil) == nil {
      let section = Range(start: Address(header.sections.offset), byteCount: UInt64(ELFSection.byteCount))
      first = ELFSection(try Syscall.bytes(file, section.lowerBound.rawValue..<section.upperBound.rawValue), at: 0)
    }
    guard let count = header.segmentCount(with: first) else { return nil }
    let (offset, size) = (header.segments.offset, UInt64(ELFSegment.byteCount))
    let wanted = offset.addingReportingOverflow(min(count * size, headerLimit)).partialValue
    let end = min(wanted, length)
    guard offset <= end else { return nil }
    var contents = Contents(
      machine: header.machine, parser: CoreParser(programHeaders: try Syscall.bytes(file, offset..<end)),
      isCut: wanted > length)
    var left = headerLimit
    for note in contents.parser.notes where contents.files.isEmpty || contents.registers.isEmpty {
      let place = note.clamped(to: 0..<length).prefix(left)
      guard !place.isEmpty, Syscall.holeByteCount(file, at: place.lowerBound) < UInt64(place.count) else { continue }
      left -= UInt64(place.count)
      let notes = try Syscall.bytes(file, place)
      if contents.files.isEmpty { contents.files = CoreParser.mappedFiles(notes: notes) }
      if contents.registers.isEmpty { contents.registers = CoreParser.threads(notes: notes) }
    }
    return contents
  }

  private static func region(
    _ segment: CoreSegment, number: Int, _ files: [CoreParser.FileMapping]
  ) -> MemoryRegion {
    let file = files.index(holding: segment.range.lowerBound).map { files[$0] }
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
