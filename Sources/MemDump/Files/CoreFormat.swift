/// An ELF core, as the kernel writes one: a PT_NOTE, then a PT_LOAD for each region; see core(5) and elf(5).
///
/// A region that is not copied has a PT_LOAD without bytes, so that debuggers know that it was there and look for it in the
/// mapped file. Memory that was never touched is a hole of the file. More than 65,534 headers are counted in section header
/// 0 (PN_XNUM).
enum CoreFormat {
  /// A PT_LOAD: `contents` bytes from the start of `range` are in the file.
  struct Segment: Hashable, Sendable {
    var range: Range<Address>
    var contents: UInt64
    var permissions: MemoryRegion.Permissions
  }

  /// Lays out headers, notes and memory; the memory of each segment starts as far into a page as its address does.
  static func layout(_ image: ProcessImage) -> FileLayout {
    let segments = segments(image.regions, image.contents)
    let notes = CoreNotes.bytes(image)
    let headerCount = segments.count + 1
    let isExtended = headerCount >= manyHeaders
    let notesOffset =
      headerByteCount + headerCount * programHeaderByteCount + (isExtended ? sectionHeaderByteCount : 0)

    var pieces: [FileLayout.Piece] = []
    var end = UInt64(notesOffset + notes.count)
    var programHeaders = programHeader(
      type: 4, flags: 4, offset: UInt64(notesOffset), address: 0, fileByteCount: UInt64(notes.count),
      memoryByteCount: 0, alignment: 4)
    for segment in segments {
      let start = segment.range.lowerBound
      let offset = Address(end).pageEnd.rawValue + (start - start.pageStart)
      if segment.contents > 0 {
        pieces.append(.init(range: Range(start: start, byteCount: segment.contents), offset: offset))
        end = offset + segment.contents
      }
      programHeaders += programHeader(
        type: 1, flags: flags(segment.permissions), offset: offset, address: start.rawValue,
        fileByteCount: segment.contents, memoryByteCount: segment.range.byteCount, alignment: pageSize)
    }

    var header = elfHeader(headerCount: headerCount, isExtended: isExtended) + programHeaders
    if isExtended { header += sectionHeader(headerCount: headerCount) }
    return FileLayout(header: header + notes, pieces: pieces, byteCount: end)
  }

  /// Cuts the regions so that what is copied stands at the start of a segment.
  static func segments(_ regions: [MemoryRegion], _ contents: [Range<Address>]) -> [Segment] {
    var segments: [Segment] = []
    var next = contents[...]
    for region in regions {
      var start = region.range.lowerBound
      func close(at end: Address, contents: UInt64) {
        guard start < end else { return }
        segments.append(Segment(range: start..<end, contents: contents, permissions: region.permissions))
        start = end
      }
      var copied: UInt64 = 0
      while let range = next.first, range.lowerBound < region.range.upperBound {
        let part = range.clamped(to: region.range)
        if !part.isEmpty {
          close(at: part.lowerBound, contents: copied)
          copied = part.byteCount
        }
        if range.upperBound > region.range.upperBound { break }
        next.removeFirst()
      }
      close(at: region.range.upperBound, contents: copied)
    }
    return segments
  }

  // MARK: Headers

  /// PN_XNUM: so many headers, or more, do not fit the count of the ELF header.
  private static let manyHeaders = 0xffff
  private static let headerByteCount = CoreParser.headerByteCount
  private static let programHeaderByteCount = CoreParser.programHeaderByteCount
  private static let sectionHeaderByteCount = CoreParser.sectionHeaderByteCount

  /// EM_X86_64 or EM_AARCH64: the machine we run on is that of the process.
  #if arch(arm64)
    private static let machine: UInt16 = 183
  #else
    private static let machine: UInt16 = 62
  #endif

  private static func flags(_ permissions: MemoryRegion.Permissions) -> UInt32 {
    (permissions.contains(.read) ? 4 : 0) | (permissions.contains(.write) ? 2 : 0)
      | (permissions.contains(.execute) ? 1 : 0)
  }

  private static func elfHeader(headerCount: Int, isExtended: Bool) -> [UInt8] {
    // Magic, 64-bit, little-endian, version 1, System V.
    var header: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
    header.append(number: 4 as UInt16)  // ET_CORE
    header.append(number: machine)
    header.append(number: 1 as UInt32)
    header.append(number: 0 as UInt64)  // no entry point
    header.append(number: UInt64(headerByteCount))
    header.append(number: isExtended ? UInt64(headerByteCount + headerCount * programHeaderByteCount) : 0)
    header.append(number: 0 as UInt32)
    header.append(number: UInt16(headerByteCount))
    header.append(number: UInt16(programHeaderByteCount))
    header.append(number: isExtended ? UInt16(manyHeaders) : UInt16(headerCount))
    header.append(number: UInt16(isExtended ? sectionHeaderByteCount : 0))
    header.append(number: isExtended ? 1 as UInt16 : 0)
    header.append(number: 0 as UInt16)
    return header
  }

  private static func programHeader(
    type: UInt32, flags: UInt32, offset: UInt64, address: UInt64, fileByteCount: UInt64, memoryByteCount: UInt64,
    alignment: UInt64
  ) -> [UInt8] {
    var header: [UInt8] = []
    header.reserveCapacity(programHeaderByteCount)
    for number in [type, flags] { header.append(number: number) }
    for number in [offset, address, 0, fileByteCount, memoryByteCount, alignment] { header.append(number: number) }
    return header
  }

  /// Section header 0, of which only sh_info says something.
  private static func sectionHeader(headerCount: Int) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 44)
    header.append(number: UInt32(headerCount))
    return header + [UInt8](repeating: 0, count: sectionHeaderByteCount - header.count)
  }
}
