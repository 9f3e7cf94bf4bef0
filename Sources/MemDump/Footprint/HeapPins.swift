/// What holds pages that are mostly free: the last blocks in use there, by their size, and what they are.
public struct HeapPin: Sendable {
  /// The footprint of each block, in bytes.
  public var footprint: UInt64
  /// The number of blocks of the size in sparse pages, extrapolated from those that were looked at.
  public var count: UInt64
  /// The free bytes that they hold, each page shared among its blocks; extrapolated.
  public var byteCount: UInt64
  /// What the blocks have in common; nil where nothing is recognised.
  public var content: ContentSample?
  /// Who holds the blocks; nil where that was not looked for.
  public var holders: ReferenceSummary?
  /// The addresses where the footprints of some of the blocks begin.
  var samples: [Address] = []

  /// The most sizes that are told.
  static let mostPins = 3

  /// The pins of a heap, those that hold most first.
  ///
  /// - Parameters:
  ///   - account: where the bytes of the heap are.
  ///   - heap: the heap, with its blocks.
  ///   - source: the memory.
  ///   - process: the process with that memory, where it still runs.
  static func pins(
    _ account: HeapAccount, of heap: HeapSummary, in source: any MemorySource, process: TargetProcess?
  ) throws(MemDumpError) -> [HeapPin] {
    var words = try WordCache(source, .jumps)
    var found: [UInt64: (pin: HeapPin, samples: BlockSamples)] = [:]
    let pages = account.sparsePages.addresses
    guard !pages.isEmpty else { return [] }
    let free = account.sparseByteCount / max(1, account.sparsePageCount)
    let scale = Double(account.sparsePageCount) / Double(pages.count)
    for page in pages {
      var blocks = heap.blocks.blocks(in: Range(start: page, byteCount: pageSize))
      if let before = heap.blocks.last(upTo: page - 1, from: page - min(page.rawValue, 1 << 20)) {
        blocks.insert(before, at: 0)
      }
      var here: [HeapBlock] = []
      for start in blocks {
        if let block = try heap.layout.block(at: start, in: &words), block.footprint.upperBound > page {
          here.append(block)
        }
      }
      for block in here {
        let size = block.footprint.byteCount
        var entry = found[size] ?? (HeapPin(footprint: size, count: 0, byteCount: 0), BlockSamples())
        entry.pin.count += 1
        entry.pin.byteCount += free / UInt64(here.count)
        entry.samples.add(block.footprint.lowerBound)
        found[size] = entry
      }
    }
    var most = found.values.sorted { ($1.pin.byteCount, $0.pin.footprint) < ($0.pin.byteCount, $1.pin.footprint) }
    most = Array(most.prefix(mostPins))
    let rows = most.map { entry in
      var row = HeapClass(entry.pin.footprint)
      (row.count, row.samples) = (entry.pin.count, entry.samples)
      return row
    }
    let contents = try heap.samples(of: rows, in: source, process: process)
    var pins: [HeapPin] = []
    for (entry, content) in zip(most, contents) {
      var pin = entry.pin
      pin.count = UInt64(Double(pin.count) * scale)
      pin.byteCount = UInt64(Double(pin.byteCount) * scale)
      pin.content = content
      pin.samples = entry.samples.addresses
      pins.append(pin)
    }
    return pins
  }
}
