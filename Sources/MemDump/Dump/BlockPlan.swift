/// The plan of a block: its contents, before they are all copied.
struct BlockPlan {
  private var block: DumpBlock
  /// The parts of the memory, and the file offset of each.
  private var parts: [(stretch: Stretch<StagedContent>, offset: UInt64)] = []

  /// The bytes of memory that the block goes over.
  private(set) var byteCount: UInt64 = 0

  /// Whether no memory goes into the block.
  var isEmpty: Bool { parts.isEmpty }

  /// Makes a plan for an empty block.
  init(_ number: Int) { block = DumpBlock(number) }

  /// Adds bytes of the format's own, which are in the buffer.
  mutating func add(header bytes: Range<Int>, at offset: UInt64) { block.add(header: bytes, at: offset) }

  /// Adds a stretch of memory.
  mutating func add(_ stretch: Stretch<StagedContent>, at offset: UInt64) {
    parts.append((stretch, offset))
    byteCount += stretch.range.byteCount
  }

  /// Copies the pending bytes, and returns the block.
  consuming func completed(
    from source: any StagedSource, in buffer: inout MutableRawSpan
  ) throws(MemDumpError) -> DumpBlock {
    let pending = parts.compactMap { part -> Syscall.Transfer? in
      guard case .pending(let place) = part.stretch.content else { return nil }
      let range = part.stretch.range
      return Syscall.Transfer(address: range.lowerBound, offset: place, byteCount: Int(range.byteCount))
    }
    var copied = pending.isEmpty ? [] : try source.copyPending(pending, into: &buffer)[...]
    var block = block
    for (stretch, offset) in parts {
      func add(_ range: Range<Address>, _ place: Int, isHeld: Bool) {
        let bytes = place..<place + Int(range.byteCount)
        block.add(memory: bytes, isHeld: isHeld, at: offset + (range.lowerBound - stretch.range.lowerBound))
      }
      switch stretch.content {
      case .bytes(let place): add(stretch.range, place, isHeld: false)
      case .held(let place): add(stretch.range, place, isHeld: true)
      case .gap(let content): block.add(gap: Stretch(range: stretch.range, content: content))
      case .pending(let place):
        copied.take(stretch.range) { part in
          guard part.content == .bytes else { return block.add(gap: part) }
          add(part.range, place + Int(part.range.lowerBound - stretch.range.lowerBound), isHeld: false)
        }
      }
    }
    return block
  }
}
