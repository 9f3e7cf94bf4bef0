/// The layout of an ELF core, as the kernel writes it: a PT_NOTE, then a PT_LOAD for each region; core(5), elf(5).
///
/// A region that is not copied has a PT_LOAD without bytes, so that debuggers know of the region and look for its bytes
/// in the mapped file. Memory that was never touched is a hole of the file. More than 65,534 headers are counted in
/// section header 0 (PN_XNUM).
enum CoreFormat {
  /// Lays out headers, notes and memory; the memory of each segment starts as far into a page as its address does.
  static func layout(_ image: ProcessImage) -> FileLayout {
    var segments = segments(image.regions, image.contents)
    let notes = CoreNotes.bytes(image)
    let headerCount = segments.count + 1
    // So many do not fit the count of the ELF header.
    let isExtended = headerCount >= Int(ELFHeader.most)
    let sectionOffset = ELFHeader.byteCount + headerCount * ELFSegment.byteCount
    let notesOffset = sectionOffset + (isExtended ? ELFSection.byteCount : 0)

    var end = UInt64(notesOffset + notes.count)
    for index in segments.indices {
      let start = segments[index].range.lowerBound
      segments[index].fileOffset = Address(end).pageEnd.rawValue + (start - start.pageStart)
      if segments[index].fileByteCount > 0 { end = segments[index].fileOffset + segments[index].fileByteCount }
    }

    let tables = ELFHeader(
      kind: .core, machine: .own,
      segments: .init(
        offset: UInt64(ELFHeader.byteCount), entryByteCount: UInt16(ELFSegment.byteCount),
        count: isExtended ? ELFHeader.most : UInt16(headerCount)),
      sections: isExtended
        ? .init(offset: UInt64(sectionOffset), entryByteCount: UInt16(ELFSection.byteCount), count: 1) : .init())
    var header = tables.bytes
    header.reserveCapacity(notesOffset + notes.count)
    ELFSegment(
      kind: .notes, permissions: .read, offset: UInt64(notesOffset), address: 0, fileByteCount: UInt64(notes.count),
      memoryByteCount: 0, alignment: 4
    ).write(to: &header)
    for segment in segments {
      ELFSegment(
        kind: .memory, permissions: segment.permissions, offset: segment.fileOffset,
        address: segment.range.lowerBound.rawValue, fileByteCount: segment.fileByteCount,
        memoryByteCount: segment.range.byteCount, alignment: pageSize
      ).write(to: &header)
    }
    if isExtended { header += ELFSection(information: UInt32(headerCount)).bytes }
    header += notes
    return FileLayout(
      header: header, memory: segments.filter { $0.fileByteCount > 0 }.map(\.held), byteCount: end)
  }

  /// Cuts the regions so that memory to be copied stands at the start of a segment.
  static func segments(_ regions: [MemoryRegion], _ contents: [Range<Address>]) -> [CoreSegment] {
    var segments: [CoreSegment] = []
    var next = contents[...]
    for region in regions {
      var start = region.range.lowerBound
      func close(at end: Address, _ copied: UInt64) {
        guard start < end else { return }
        segments.append(CoreSegment(range: start..<end, fileByteCount: copied, permissions: region.permissions))
        start = end
      }
      var copied: UInt64 = 0
      while let range = next.first, range.lowerBound < region.range.upperBound {
        let part = range.clamped(to: region.range)
        if !part.isEmpty {
          close(at: part.lowerBound, copied)
          copied = part.byteCount
        }
        if range.upperBound > region.range.upperBound { break }
        next.removeFirst()
      }
      close(at: region.range.upperBound, copied)
    }
    return segments
  }
}
