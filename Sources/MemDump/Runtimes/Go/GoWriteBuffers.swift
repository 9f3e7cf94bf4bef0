/// What holds nothing of the processors of Go's scheduler (`runtime.p`): the buffer of the write barrier (`runtime.wbBuf`), with the last
/// pointers that were written or overwritten while a collection ran, which stay until others take their place; and the head, where
/// a number stands that is the address of the pages which the processor hands out (`runtime.pageCache`). A block may begin there.
enum GoWriteBuffers {
  /// The most processors, and how far into one its buffer is looked for.
  private static let (mostProcessors, byteCount): (UInt64, UInt64) = (1 << 12, 16 << 10)
  /// The bytes of the entries of a buffer.
  private static let sizes: ClosedRange<UInt64> = 1 << 10...1 << 14
  /// The bytes of the head: numbers, links of the scheduler's own, and the pages.
  private static let headByteCount: UInt64 = 0x60
  private static let (mostStates, mostTried): (UInt64, Int) = (8, 1 << 12)

  /// The memory of the heads and of the entries, in no order; none where no list of processors was found.
  static func find(
    _ slices: GoSlices, in image: GoImage, _ words: inout WordCache
  ) throws(MemDumpError) -> [Range<Address>] {
    var left = mostTried
    for slice in slices.all where slice.count <= mostProcessors && left > 0 {
      guard let processors = try processors(of: slice, in: image, &words) else { continue }
      left -= 1
      if let buffers = try buffers(of: processors, &words) {
        return buffers + processors.map { Range(start: $0, byteCount: headByteCount) }
      }
    }
    return []
  }

  /// The elements of a list, of which each has its own number at its start, with a state behind it; nil where one has not.
  private static func processors(
    of slice: GoSlices.Slice, in image: GoImage, _ words: inout WordCache
  ) throws(MemDumpError) -> [Address]? {
    var found: [Address] = []
    for number in 0..<slice.count {
      guard let element = try words.word(at: slice.start + number * 8), image.canHold(element),
        let head = try words.word(at: Address(element)), head & 0xffff_ffff == number, head >> 32 < mostStates
      else { return nil }
      found.append(Address(element))
    }
    return found
  }

  /// The buffers of processors, of which each has one at the same place; nil where one has not.
  private static func buffers(
    of processors: [Address], _ words: inout WordCache
  ) throws(MemDumpError) -> [Range<Address>]? {
    guard let first = processors.first else { return nil }
    for offset in stride(from: UInt64(8), to: byteCount, by: 8) where try buffer(at: first + offset, &words) != nil {
      var found: [Range<Address>] = []
      for processor in processors {
        if let buffer = try buffer(at: processor + offset, &words) { found.append(buffer) }
      }
      if found.count == processors.count { return found }
    }
    return nil
  }

  /// The entries of a buffer: behind two words that lead to the next free one and to their end.
  private static func buffer(at place: Address, _ words: inout WordCache) throws(MemDumpError) -> Range<Address>? {
    let start = place + 16
    guard let next = try words.word(at: place), next >= start.rawValue, next & 7 == 0,
      let end = try words.word(at: place + 8), next <= end, end & 7 == 0, sizes.contains(end - start.rawValue)
    else { return nil }
    return start..<Address(end)
  }
}
