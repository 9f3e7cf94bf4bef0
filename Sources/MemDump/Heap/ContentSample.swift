/// The content that the blocks of a size class have in common, told from a few of them.
public struct ContentSample: Hashable, Sendable {
  /// The kind of a content.
  public enum Kind: String, Sendable {
    /// A socket address as a program holds it.
    case sockaddr
    /// A printable text, as its template.
    case template
    /// A block that begins with an address in a mapped file: a table of functions (vtable), a variable, a function.
    case pointer
  }

  /// The kind of the content.
  public var kind: Kind
  /// The content, safe to print: an address, a template, or a file with a symbol or an offset in it.
  public var text: String
  /// The text with a demangled symbol, such as `libapp.so:vtable for Session+0x10`; nil where ``text`` needs no other.
  public var readable: String?
  /// The address that a pointer leads to; nil for other content.
  var pointed: Address?
  /// The number of sampled blocks that have the content.
  public var count: Int
  /// The number of sampled blocks.
  public var total: Int
  /// The address where the footprint of the first block with the content begins.
  public var example: Address

  /// The content in a few words, safe to print: `sockaddr 10.0.0.1:80`, `pointer to libapp.so:vtable for Session+0x10`.
  public var title: String {
    switch kind {
    case .sockaddr: "sockaddr \(text)"
    case .template: "text \(text)"
    case .pointer: "pointer to \(readable ?? text)"
    }
  }

  /// The number of bytes of a block that are looked at.
  private static let byteCount = 512
  /// The length of the shortest text that counts, in characters, and of the shortest one that needs no sign of an end: as many bytes of
  /// a key have six printable ones in a row somewhere, and several blocks may hold the same key.
  private static let (shortestText, longText) = (6, 16)
  /// The length to which a template is cut, in bytes.
  private static let longestTemplate = 80

  /// A content of fewer blocks than one of so many says nothing of the class, nor does that of one among several: any class has a
  /// block with some text, and random bytes can look like one.
  private static let leastShare = 4

  /// The most frequent content of the blocks of a class; nil where nothing is recognised, or only in a few of them. All
  /// socket addresses count as one content, of which the first is shown.
  static func of(
    _ row: HeapClass, in heap: HeapSummary, _ regions: [MemoryRegion], _ words: inout WordCache
  ) throws(MemDumpError) -> ContentSample? {
    var found: [ContentSample] = []
    let starts = row.samples.addresses.filter { heap.blocks.contains($0) }
    let (total, shortest) = (starts.count, starts.count == 1 ? longText : shortestText)
    for start in starts {
      let targets = try heap.layout.block(at: start, in: &words)?.targets
      let bytes = try targets.map { (targets) throws(MemDumpError) in
        try words.bytes(at: targets.lowerBound, count: min(byteCount, Int(clamping: targets.byteCount)))
      }
      for (kind, key, pointed) in contents(bytes ?? [], regions, own: heap.ownRanges, shortest) {
        if let index = found.firstIndex(where: { $0.kind == kind && (kind == .sockaddr || $0.text == key) }) {
          found[index].count += 1
        } else {
          found.append(
            ContentSample(kind: kind, text: key, pointed: pointed, count: 1, total: 0, example: start))
        }
      }
    }
    // Of what is equally frequent, a socket address tells most, then a text.
    let order: [Kind] = [.pointer, .template, .sockaddr]
    func rank(_ sample: ContentSample) -> Int { order.firstIndex(of: sample.kind) ?? 0 }
    guard var best = found.max(by: { ($0.count, rank($0)) < ($1.count, rank($1)) }), best.count * leastShare >= total,
      best.count > 1 || total == 1
    else { return nil }
    best.total = total
    return best
  }

  /// The contents that are recognised in the bytes of a block, each kind once.
  private static func contents(
    _ bytes: [UInt8], _ regions: [MemoryRegion], own: [Range<Address>], _ shortestText: Int
  ) -> [(Kind, String, Address?)] {
    var contents: [(Kind, String, Address?)] = []
    if let address = socketAddress(bytes) { contents.append((.sockaddr, address, nil)) }
    if let template = template(bytes, regions, shortestText) { contents.append((.template, template, nil)) }
    // A link of a free list is left over from when the block was free.
    if let (place, address) = pointer(bytes, regions), !own.contains(where: { $0.contains(address) }) {
      contents.append((.pointer, place, address))
    }
    return contents
  }

  private static func socketAddress(_ bytes: [UInt8]) -> String? {
    let pattern = SocketAddress()
    var matches = MatchList(capacity: 1)
    var from = 0
    let span = unsafe bytes.span.bytes
    pattern.scan(span, base: Address(0), from: &from, to: bytes.count, into: &matches)
    guard matches.count > 0 else { return nil }
    let match = matches[0]
    var text: [UInt8] = []
    let range = Int(match.offset)..<Int(match.offset) + Int(match.length)
    return pattern.write(span.extracting(range), to: &text) ? EscapedText(text).description : nil
  }

  private static func template(_ bytes: [UInt8], _ regions: [MemoryRegion], _ shortestText: Int) -> String? {
    var start = 0
    for index in 0...bytes.count {
      if index < bytes.count, (0x20..<0x7f).contains(bytes[index]) { continue }
      if index - start >= shortestText, isEnded(bytes, start..<index), !isPointer(bytes, start..<index, regions) {
        return EscapedText(TextTemplate.template(of: Array(bytes[start..<index])).prefix(longestTemplate)).description
      }
      start = index + 1
    }
    return nil
  }

  /// Whether a text is long, or ends as texts do: with a NUL or a line, or fills its block. What ends with the block and began
  /// somewhere in it is the rest of a longer one, of before.
  static func isEnded(_ bytes: [UInt8], _ text: Range<Int>) -> Bool {
    if text.count >= longText || text == bytes.indices { return true }
    return text.upperBound < bytes.count && [0, 0x0a, 0x0d].contains(bytes[text.upperBound])
  }

  /// Whether a text is no more than the bytes of an address: six of them can all be printable.
  private static func isPointer(_ bytes: [UInt8], _ text: Range<Int>, _ regions: [MemoryRegion]) -> Bool {
    let start = text.lowerBound & ~7
    guard text.upperBound <= start + 8, let word = bytes.load(UInt64.self, at: start) else { return false }
    return regions.index(holding: Address(word)) != nil
  }

  private static func pointer(_ bytes: [UInt8], _ regions: [MemoryRegion]) -> (String, Address)? {
    guard let word = bytes.load(UInt64.self, at: 0), let index = regions.index(holding: Address(word)),
      regions[index].kind == .file, regions[index].inode != 0
    else { return nil }
    let region = regions[index]
    let offset = Address(region.fileOffset &+ (Address(word) - region.range.lowerBound))
    return ("\(EscapedText(region.fileName))+\(offset)", Address(word))
  }
}

extension HeapSummary {
  /// The contents of the blocks of the classes that take up most, in their order; nil where nothing is recognised.
  ///
  /// - Parameters:
  ///   - source: the memory that was walked.
  ///   - limit: the number of classes to sample; nil for all.
  ///   - process: the process with that memory, where it still runs: its files have the names of what pointers lead to.
  public func samples(
    in source: any MemorySource, limit: Int? = nil, process: TargetProcess? = nil
  ) throws(MemDumpError) -> [ContentSample?] {
    try samples(of: classes.prefix(limit ?? .max), in: source, process: process)
  }

  /// Classes, with a sample of those blocks alone that an earlier walk had not found: where there are none, of any.
  func newBlocks(
    of rows: [HeapClass], since earlier: HeapSummary, in source: any MemorySource
  ) throws(MemDumpError) -> [HeapClass] {
    var samples = Dictionary(rows.map { ($0.footprint, BlockSamples()) }, uniquingKeysWith: { first, _ in first })
    var words = try WordCache(source)
    try blocks.forEach(notIn: earlier.blocks) { (start) throws(MemDumpError) in
      guard let footprint = try layout.block(at: start, in: &words)?.footprint.byteCount else { return }
      samples[footprint]?.add(start)
    }
    return rows.map { row in
      var row = row
      if let sample = samples[row.footprint], !sample.addresses.isEmpty { row.samples = sample }
      return row
    }
  }

  /// The contents of the blocks of classes, in their order; nil where nothing is recognised.
  func samples(
    of rows: some Sequence<HeapClass>, in source: any MemorySource, process: TargetProcess?
  ) throws(MemDumpError) -> [ContentSample?] {
    var words = try WordCache(source, .jumps)
    var names = ModuleNames(source, process: process)
    let regions = source.regions
    var samples: [ContentSample?] = []
    for row in rows {
      var sample = try ContentSample.of(row, in: self, regions, &words)
      if let name = sample?.pointed.flatMap({ names.name(of: $0) }) {
        sample?.text = name.text
        sample?.readable = name.readable
      }
      samples.append(sample)
    }
    return samples
  }
}
