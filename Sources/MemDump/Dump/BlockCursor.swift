import SystemPackage

/// A cursor that goes over a layout, block by block: gathers what stands near in the file, whatever lies between.
struct BlockCursor {
  private let layout: FileLayout
  private let source: any StagedSource
  private var number = 0
  private var header: ArraySlice<UInt8>
  /// The index of the stretch of the layout that the cursor is in, and how far.
  private var index = 0
  private var address: Address

  init(_ layout: FileLayout, of source: any StagedSource) {
    (self.layout, self.source) = (layout, source)
    header = layout.header[...]
    address = layout.memory.first?.range.lowerBound ?? Address(0)
  }

  /// The next block, as much of it as fits the buffer; nil at the end, or where `isOver` says so.
  mutating func next(
    into buffer: inout MutableRawSpan, isOver: () -> Bool
  ) throws(MemDumpError) -> BlockPlan? {
    var plan = BlockPlan(number)
    var used = takeHeader(into: &buffer, &plan)
    while index < layout.memory.count {
      if isOver() { return nil }
      let current = layout.memory[index]
      // Where a page of memory begins a page of the buffer begins, too.
      used =
        (used + Int(pageSize) - 1) / Int(pageSize) * Int(pageSize)
        + (address < current.range.upperBound ? Int(address - address.pageStart) : 0)
      guard used < buffer.byteCount else { break }
      if address < current.range.upperBound { used += try take(current, used, &buffer, &plan) }
      guard address >= current.range.upperBound else { continue }
      index += 1
      if index < layout.memory.count { address = layout.memory[index].range.lowerBound }
    }
    guard used > 0 || !plan.isEmpty else { return nil }
    number += 1
    return plan
  }

  private mutating func takeHeader(into buffer: inout MutableRawSpan, _ plan: inout BlockPlan) -> Int {
    let part = header.prefix(buffer.byteCount)
    if part.isEmpty { return 0 }
    unsafe part.withUnsafeBytes { buffer.copy(unsafe RawSpan(_unsafeBytes: $0)) }
    plan.add(header: 0..<part.count, at: UInt64(layout.header.count - header.count))
    header = header.dropFirst(part.count)
    return part.count
  }

  /// Takes in the memory from `address` on. Returns how many bytes of room are needed.
  private mutating func take(
    _ current: Stretch<FileOffset>, _ used: Int, _ buffer: inout MutableRawSpan, _ plan: inout BlockPlan
  ) throws(MemDumpError) -> Int {
    let range = address..<current.range.upperBound
    var gathered = try buffer.withPart(used..<buffer.byteCount) { (part: inout MutableRawSpan) throws(MemDumpError) in
      try source.gather(range, into: &part)
    }
    if gathered.isEmpty { gathered = [goneStretch(range)] }
    var end = used
    for stretch in gathered {
      var part = stretch.clamped(to: range)
      guard !part.range.isEmpty else { break }
      let byteCount = Int(clamping: part.range.byteCount)
      switch part.content {
      case .bytes(let place):
        part.content = .bytes(at: used + place)
        end = max(end, used + place + byteCount)
      case .pending(let place):
        part.content = .pending(at: used + place)
        end = max(end, used + place + byteCount)
      case .held: end += byteCount
      case .gap: break
      }
      plan.add(part, at: current.content(at: part.range.lowerBound).rawValue)
      address = part.range.upperBound
    }
    return end - used
  }

  /// A stretch for a range where nothing is mapped any more.
  private func goneStretch(_ range: Range<Address>) -> Stretch<StagedContent> {
    let next = source.regions.firstIndex(endingAfter: range.lowerBound)
    let mapped = next < source.regions.count ? source.regions[next].range.lowerBound : range.upperBound
    let byteCount = max(1, min(mapped, range.upperBound) - range.lowerBound)
    return Stretch(
      range: Range(start: range.lowerBound, byteCount: byteCount), content: .gap(.unread(.failed(.badAddress))))
  }
}
