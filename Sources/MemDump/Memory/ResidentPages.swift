import SystemPackage

/// Where memory of a source is: what of it is resident or swapped in a process, or what of it a file holds.
///
/// Nothing is touched in a process. The shared zero page, which a process that only ever read has, is no memory of its own
/// and counts as missing: so a sum over pages is that of the kernel.
struct ResidentPages {
  private enum Origin {
    case process(PageMap, TargetProcess)
    case file(any FileSource)
    case other(any MemorySource)
  }

  private let origin: Origin
  /// The map of the source.
  let regions: [MemoryRegion]

  /// The bytes that are asked of a source at once that is neither a process nor a file.
  private static let windowByteCount = 1 << 18

  /// Prepares to ask.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - process: the process with that memory, where it still runs.
  init(of source: any MemorySource, process: TargetProcess?) throws(MemDumpError) {
    regions = source.regions
    if let process {
      do throws(Errno) { origin = .process(try PageMap(process.livingThread), process) } catch {
        throw process.gone(error, .pagemap)
      }
    } else if let file = source as? any FileSource {
      origin = .file(file)
    } else {
      origin = .other(source)
    }
  }

  /// Hands out the resident and the swapped pages of a range, in order.
  func forEachRun(
    in range: Range<Address>, _ body: (PageRun) throws(MemDumpError) -> Void
  ) throws(MemDumpError) {
    switch origin {
    case .process(let map, let process):
      var start = range.lowerBound.pageStart
      let end = range.upperBound.pageEnd
      while start < end {
        let (runs, next): ([PageRun], Address)
        do throws(Errno) { (runs, next) = try map.runs(in: start..<end, limit: 1 << 16) } catch {
          throw error == .noSuchProcess ? process.end : process.gone(error, .pagemap)
        }
        for run in runs { try body(run) }
        guard next > start else { return }
        start = next
      }
    case .file(let file):
      var address = range.lowerBound
      while address < range.upperBound {
        guard let stretch = file.stretch(at: address) else {
          guard let next = nextRegion(after: address) else { return }
          address = next
          continue
        }
        if case .bytes = stretch.content {
          try body(PageRun(range: stretch.range.clamped(to: range), content: .resident))
        } else if stretch.content == .gap(.unread(.swapped)) {
          try body(PageRun(range: stretch.range.clamped(to: range), content: .swapped))
        }
        guard stretch.range.upperBound > address else { return }
        address = stretch.range.upperBound
      }
    case .other(let source): try forEachRun(in: range, of: source, body)
    }
  }

  /// The bytes of a range that are resident, and those that are swapped.
  func byteCounts(in range: Range<Address>) throws(MemDumpError) -> (resident: UInt64, swapped: UInt64) {
    var (resident, swapped): (UInt64, UInt64) = (0, 0)
    try forEachRun(in: range) { (run) throws(MemDumpError) in
      if run.content == .resident { resident += run.range.byteCount } else { swapped += run.range.byteCount }
    }
    return (resident, swapped)
  }

  private func nextRegion(after address: Address) -> Address? {
    let index = regions.firstIndex(endingAfter: address)
    guard index < regions.count else { return nil }
    return max(regions[index].range.lowerBound, address + 1)
  }

  private func forEachRun(
    in range: Range<Address>, of source: any MemorySource, _ body: (PageRun) throws(MemDumpError) -> Void
  ) throws(MemDumpError) {
    var bytes = [UInt8](repeating: 0, count: Self.windowByteCount)
    var address = range.lowerBound
    while address < range.upperBound {
      var span = bytes.mutableSpan
      var buffer = unsafe span.mutableBytes
      let runs = try source.read(at: address, into: &buffer)
      if runs.isEmpty {
        guard let next = nextRegion(after: address) else { return }
        address = next
        continue
      }
      for run in runs where address < range.upperBound {
        let part = Range(start: address, byteCount: run.byteCount).clamped(to: range)
        if run.content == .bytes { try body(PageRun(range: part, content: .resident)) }
        if run.content == .unread(.swapped) { try body(PageRun(range: part, content: .swapped)) }
        guard address + run.byteCount > address else { return }
        address = address + run.byteCount
      }
    }
  }
}
