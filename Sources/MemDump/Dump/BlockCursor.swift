import SystemPackage

/// A part of a dump on its way from the process to the file.
struct Block {
  /// Bytes that stand together in the file, and in the buffer of the block or in memory that the source holds.
  struct Extent {
    var offset: UInt64
    var bytes: Range<Int>
    var isHeld: Bool
  }

  /// Its place among the blocks.
  let number: Int
  /// In the order of the file. What lies between is zeros.
  private(set) var extents: [Extent] = []
  /// What was not read, in the order of addresses.
  private(set) var holes: [Manifest.Hole] = []
  /// Bytes that were read from the process.
  private(set) var byteCount: UInt64 = 0

  fileprivate init(_ number: Int) { self.number = number }

  fileprivate mutating func add(_ bytes: Range<Int>, isHeld: Bool, at offset: UInt64) {
    if let last = extents.last, last.isHeld == isHeld, last.bytes.upperBound == bytes.lowerBound,
      last.offset + UInt64(last.bytes.count) == offset
    {
      extents[extents.count - 1].bytes = last.bytes.lowerBound..<bytes.upperBound
    } else {
      extents.append(Extent(offset: offset, bytes: bytes, isHeld: isHeld))
    }
  }
}

/// What goes into a block, before it is all copied.
struct BlockPlan {
  fileprivate struct Run {
    var content: GatheredRun.Content
    var range: Range<Address>
    var offset: UInt64
  }

  fileprivate var block: Block
  fileprivate var runs: [Run] = []

  /// Bytes of memory that the block goes over.
  fileprivate(set) var byteCount: UInt64 = 0

  /// Copies what is pending.
  consuming func completed(
    from source: any Gatherer, in buffer: inout MutableRawSpan
  ) throws(MemDumpError) -> Block {
    let pending = runs.compactMap { run -> Syscall.Transfer? in
      guard case .pending(let place) = run.content else { return nil }
      return Syscall.Transfer(address: run.range.lowerBound, offset: place, byteCount: Int(run.range.byteCount))
    }
    var copied = pending.isEmpty ? [] : try source.copyPending(pending, into: &buffer)[...]
    for run in runs {
      switch run.content {
      case .bytes(let place): add(run.range, place, isHeld: false, at: run.offset)
      case .held(let place): add(run.range, place, isHeld: true, at: run.offset)
      case .gap(let content): block.addHole(content, run.range)
      case .pending(let place):
        var done: UInt64 = 0
        while done < run.range.byteCount, let part = copied.popFirst() {
          let range = Range(start: run.range.lowerBound + done, byteCount: part.byteCount)
          if part.content == .bytes {
            add(range, place + Int(done), isHeld: false, at: run.offset + done)
          } else {
            block.addHole(part.content, range)
          }
          done += part.byteCount
        }
      }
    }
    return block
  }

  private mutating func add(_ range: Range<Address>, _ place: Int, isHeld: Bool, at offset: UInt64) {
    block.addRead(place..<place + Int(range.byteCount), isHeld: isHeld, at: offset)
  }
}

extension Block {
  fileprivate mutating func addRead(_ bytes: Range<Int>, isHeld: Bool, at offset: UInt64) {
    byteCount += UInt64(bytes.count)
    add(bytes, isHeld: isHeld, at: offset)
  }

  fileprivate mutating func addHole(_ content: MemoryRun.Content, _ range: Range<Address>) { holes.add(content, range) }
}

/// Goes over a layout, block by block: gathers what stands near in the file, whatever lies between.
struct BlockCursor {
  private let layout: FileLayout
  private let source: any Gatherer
  private var number = 0
  private var header: ArraySlice<UInt8>
  private var piece = 0
  private var address: Address

  init(_ layout: FileLayout, of source: any Gatherer) {
    (self.layout, self.source) = (layout, source)
    header = layout.header[...]
    address = layout.pieces.first?.range.lowerBound ?? Address(0)
  }

  /// The next block, as far as it fits the buffer; nil at the end, or where `isOver` says so.
  mutating func next(
    into buffer: inout MutableRawSpan, isOver: () -> Bool
  ) throws(MemDumpError) -> BlockPlan? {
    var plan = BlockPlan(block: Block(number))
    var used = takeHeader(into: &buffer, &plan)
    while piece < layout.pieces.count {
      if isOver() { return nil }
      let current = layout.pieces[piece]
      // Where a page of memory begins a page of the buffer begins, too.
      used =
        (used + Int(pageSize) - 1) / Int(pageSize) * Int(pageSize)
        + (address < current.range.upperBound ? Int(address - address.pageStart) : 0)
      guard used < buffer.byteCount else { break }
      if address < current.range.upperBound { used += try take(current, used, &buffer, &plan) }
      guard address >= current.range.upperBound else { continue }
      piece += 1
      if piece < layout.pieces.count { address = layout.pieces[piece].range.lowerBound }
    }
    guard used > 0 || !plan.runs.isEmpty else { return nil }
    number += 1
    return plan
  }

  private mutating func takeHeader(into buffer: inout MutableRawSpan, _ plan: inout BlockPlan) -> Int {
    let part = header.prefix(buffer.byteCount)
    if part.isEmpty { return 0 }
    unsafe part.withUnsafeBytes { buffer.copy(unsafe RawSpan(_unsafeBytes: $0)) }
    plan.block.add(0..<part.count, isHeld: false, at: UInt64(layout.header.count - header.count))
    header = header.dropFirst(part.count)
    return part.count
  }

  /// Takes in what there is from `address` on. Returns for how many bytes room is needed.
  private mutating func take(
    _ piece: FileLayout.Piece, _ used: Int, _ buffer: inout MutableRawSpan, _ plan: inout BlockPlan
  ) throws(MemDumpError) -> Int {
    let range = address..<piece.range.upperBound
    var runs = try buffer.withPart(used..<buffer.byteCount) { (part: inout MutableRawSpan) throws(MemDumpError) in
      try source.gather(range, into: &part)
    }
    if runs.isEmpty { runs = [goneRun(range)] }
    var end = used
    for run in runs {
      let part = Range(start: address, byteCount: min(run.byteCount, piece.range.upperBound - address))
      var content = run.content
      switch content {
      case .bytes(let place): content = .bytes(at: used + place)
      case .pending(let place): content = .pending(at: used + place)
      case .held, .gap: break
      }
      switch content {
      case .bytes(let place), .pending(let place): end = max(end, place + Int(part.byteCount))
      case .held: end += Int(part.byteCount)
      case .gap: break
      }
      plan.runs.append(.init(content: content, range: part, offset: piece.offset + (address - piece.range.lowerBound)))
      plan.byteCount += part.byteCount
      address = part.upperBound
    }
    return end - used
  }

  /// Nothing is mapped here any more.
  private func goneRun(_ range: Range<Address>) -> GatheredRun {
    let next = source.regions.firstIndex(endingAfter: range.lowerBound)
    let mapped = next < source.regions.count ? source.regions[next].range.lowerBound : range.upperBound
    return GatheredRun(
      content: .gap(.unread(.failed(.badAddress))),
      byteCount: max(1, min(mapped, range.upperBound) - range.lowerBound))
  }
}

extension [Manifest.Hole] {
  /// Adds a hole, as a part of the last one where that is of the same sort.
  mutating func add(_ content: MemoryRun.Content, _ range: Range<Address>) {
    let reason: String
    var errno: Int?
    switch content {
    case .bytes: return
    case .absent: reason = "untouched"
    case .unread(let why): (reason, errno) = (why.name, why.errno.map { Int($0.rawValue) })
    }
    add(Manifest.Hole(range: range, reason: reason, errno: errno))
  }

  /// Adds a hole, as a part of the last one where that is of the same sort.
  mutating func add(_ hole: Manifest.Hole) {
    if let last, last.range.upperBound == hole.range.lowerBound, last.reason == hole.reason, last.errno == hole.errno {
      self[count - 1].range = last.range.lowerBound..<hole.range.upperBound
    } else {
      append(hole)
    }
  }
}
