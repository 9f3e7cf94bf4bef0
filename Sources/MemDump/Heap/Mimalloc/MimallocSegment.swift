/// A segment of mimalloc 2 (`mi_segment_t`): memory that begins with a header, is cut into slices of 64 KiB, and has an entry in
/// its header for each of them; the entry of the first slice of a page is the page.
///
/// A segment begins at a multiple of 8 MiB or more. Its header is known by its shape: a word that is the address of the segment
/// exclusive-or the cookie of the process, the number of slices, how many of them the header takes, and entries whose numbers of
/// slices lead from one to the next up to the last.
struct MimallocSegment: Sendable {
  static let alignment: UInt64 = 8 << 20
  static let sliceByteCount: UInt64 = 64 << 10
  /// The most entries of a header: 64 MiB in slices, and one more.
  private static let mostEntries: UInt64 = 1025
  private static let mostSlices: UInt64 = 1 << 31

  /// A run of slices: a page, or a free span.
  struct Span {
    /// The address of the entry.
    var entry: Address
    /// The memory of the slices.
    var range: Range<Address>
  }

  /// The memory of the segment.
  var range: Range<Address>
  /// The cookie of the process.
  var cookie: UInt64
  /// The thread that owns the segment; 0 for none.
  var thread: UInt64
  /// The memory of the header.
  var header: Range<Address>
  /// The address of the first entry, and the number and the size of the entries.
  var (entries, entryCount, entryByteCount): (Address, UInt64, UInt64)
  private var headerSliceCount: UInt64

  /// The shape of a header: how far behind its start the cookie is, and how far behind the cookie the number of slices.
  struct Shape: Hashable, Sendable {
    var cookie: UInt64
    var gap: UInt64

    static let all = [8, 24].flatMap { gap in
      Swift.stride(from: 64, through: 384, by: 8).map { Shape(cookie: UInt64($0), gap: UInt64(gap)) }
    }
  }

  /// Reads the segment at an address; nil where there is none of a shape.
  static func read(
    _ address: Address, _ shape: Shape, in stretch: Range<Address>, _ words: inout WordCache
  ) throws(MemDumpError) -> MimallocSegment? {
    let fields = address + (shape.cookie + shape.gap)
    guard let sliceCount = try words.word(at: fields), let headerCount = try words.word(at: fields + 8),
      headerCount > 0,
      headerCount < sliceCount, sliceCount <= mostSlices,
      let kind = try words.word(at: fields + 16), kind & 0xffff_ffff <= 1,
      let hidden = try words.word(at: address + shape.cookie), hidden != 0,
      let first = try words.word(at: fields + 24), let second = try words.word(at: fields + 32)
    else { return nil }
    // Up to 2.0.7 the thread stands before the number of entries.
    let isCount = first > headerCount && first <= mostEntries
    let (entryCount, thread) = isCount ? (first, second) : (second, first)
    let entries = fields + 40
    guard entryCount > headerCount, entryCount <= min(mostEntries, sliceCount),
      let head = try words.word(at: entries), head & 0xffff_ffff == headerCount
    else { return nil }
    for byteCount in MimallocPageLayout.byteCounts {
      let segment = MimallocSegment(
        range: Range(start: address, byteCount: sliceCount * sliceByteCount).clamped(to: stretch),
        cookie: hidden ^ address.rawValue, thread: thread,
        header: Range(start: address, byteCount: headerCount * sliceByteCount), entries: entries,
        entryCount: entryCount,
        entryByteCount: byteCount, headerSliceCount: headerCount)
      if try segment.spans(&words) != nil { return segment }
    }
    return nil
  }

  /// The spans behind the header, in order; nil where the entries do not lead to the last.
  func spans(_ words: inout WordCache) throws(MemDumpError) -> [Span]? {
    var spans: [Span] = []
    var index = headerSliceCount
    while index < entryCount {
      let entry = entries + index * entryByteCount
      // The second half is how far it is to the entry of the page: 0 in that itself.
      guard let counts = try words.word(at: entry), counts > 0, counts >> 32 == 0 else { return nil }
      let start = range.lowerBound + index * Self.sliceByteCount
      spans.append(
        Span(entry: entry, range: Range(start: start, byteCount: counts * Self.sliceByteCount).clamped(to: range)))
      index += counts
    }
    return spans
  }
}

/// A finder for the segments of mimalloc 2.
enum MimallocSegments {
  /// Finds the segments, in order; at most `most` of them.
  static func find(
    _ memory: AnonymousMemory, _ words: inout WordCache, most: Int = .max
  ) throws(MemDumpError) -> [MimallocSegment] {
    var segments: [MimallocSegment] = []
    var shapes: [MimallocSegment.Shape] = []
    for stretch in memory.stretches {
      var address = stretch.lowerBound.alignedUp(to: MimallocSegment.alignment)
      while address < stretch.upperBound, segments.count < most {
        var end = address + 1
        if let empty = try words.emptyEnd(at: address) {
          end = empty
        } else if let segment = try segment(at: address, in: stretch, &shapes, &words) {
          segments.append(segment)
          end = segment.range.upperBound
        }
        address = end.alignedUp(to: MimallocSegment.alignment)
      }
    }
    return segments
  }

  private static func segment(
    at address: Address, in stretch: Range<Address>, _ shapes: inout [MimallocSegment.Shape], _ words: inout WordCache
  ) throws(MemDumpError) -> MimallocSegment? {
    for shape in shapes {
      if let segment = try MimallocSegment.read(address, shape, in: stretch, &words) { return segment }
    }
    for shape in MimallocSegment.Shape.all where !shapes.contains(shape) {
      guard let segment = try MimallocSegment.read(address, shape, in: stretch, &words) else { continue }
      shapes.append(shape)
      return segment
    }
    return nil
  }
}
