import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct HeapAccountTests {
  private func account(_ memory: NamedMemory) throws -> (HeapAccount, HeapSummary) {
    let heap = try #require(try HeapWalk(memory).run().all.first)
    return (try HeapAccount(of: heap, in: memory, process: nil), heap)
  }

  @Test func everyByteIsInOnePart() throws {
    var builder = HeapBuilder()
    for _ in 0..<64 {
      builder.add(1024)
      builder.add(3072, isInUse: false)
    }
    builder.add(4096 - 48)
    builder.add(8 * 4096 + 48, isInUse: false)
    builder.add(4096)
    builder.close()
    let memory = try builder.memory()
    let (account, heap) = try account(memory)
    #expect(account.parts.sum == UInt64(builder.bytes.count))
    #expect(account.parts.used == heap.used.byteCount)
    #expect(account.parts.returnable == heap.returnableRanges.reduce(0) { $0 + $1.byteCount })
    #expect(account.parts.pinned >= 64 * 3072)
    #expect(account.sparsePageCount == 64 && account.sparseByteCount == 64 * 3072)
    #expect(account.forecast == account.parts.returnable)
  }

  /// What holds sparse pages are the blocks in them, and not those of other pages.
  @Test func thePinsAreTheBlocksOfSparsePages() throws {
    var builder = HeapBuilder()
    for _ in 0..<400 { builder.add(4096) }
    for _ in 0..<600 {
      builder.add(48, content: Array("session:12345678".utf8))
      builder.add(4048, isInUse: false)
    }
    builder.add(64)
    builder.close()
    let memory = try builder.memory()
    var (account, heap) = try account(memory)
    #expect(account.finding?.word == .fragmentation)
    try account.findPins(of: heap, in: memory, process: nil)
    let pin = try #require(account.pins.first)
    #expect(pin.footprint == 48 && (590...600).contains(pin.count) && pin.byteCount > 590 * 4000)
    #expect(pin.content?.title == "text session:#")
    #expect(account.pins.allSatisfy { $0.footprint != 4096 })
  }

  @Test func aSmallHeapHasNoWord() throws {
    var builder = HeapBuilder()
    builder.add(1024, count: 20)
    builder.close()
    #expect(try account(try builder.memory()).0.finding == nil)
  }

  @Test func blocksInUseAreNoFinding() throws {
    var builder = HeapBuilder()
    builder.add(1024, count: 4000)
    builder.close()
    let finding = try account(try builder.memory()).0.finding
    #expect(finding?.word == .used && finding?.remedy == nil)
  }

  @Test func freePagesAreHeldBack() throws {
    var builder = HeapBuilder()
    builder.add(1024, count: 100)
    builder.add(4 << 20, isInUse: false)
    builder.add(1024)
    builder.close()
    let account = try account(try builder.memory()).0
    #expect(account.finding?.word == .heldBack && account.forecast > (4 << 20) - 8192)
  }

  /// In any state of a heap every resident byte is in one part, and no page with a block would be given back.
  @Test func tenThousandDamagedHeapsAddUp() throws {
    var builder = HeapBuilder()
    for _ in 0..<2 {
      builder.add(1040)
      builder.add(9000 & ~15, isInUse: false)
      builder.add(48, count: 12)
    }
    builder.close()
    var generator = SeededGenerator(seed: 11)
    let whole = try builder.memory()
    for number in 0..<(isFullRun ? 10_000 : 1000) {
      var pieces = whole.contents.enumerated().map { index, piece in
        (start: piece.start, bytes: piece.bytes, name: index == 0 ? "[heap]" : "/lib/libc.so.6", inode: index * 7)
      }
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let index = Int.random(in: 0..<10, using: &generator) == 0 ? 1 : 0
        let place = Int.random(in: 0..<pieces[index].bytes.count / 8, using: &generator) * 8
        let words: [UInt64] = [0, 1, 0x21, 0x2001, .max, .random(in: 0...0xffff, using: &generator)]
        let word = words.randomElement(using: &generator)
        pieces[index].bytes.replaceSubrange(place..<place + 8, with: CoreBuilder.bytes(word ?? 0))
      }
      let memory = try NamedMemory(pieces)
      for heap in try HeapWalk(memory).run().all {
        let account = try HeapAccount(of: heap, in: memory, process: nil)
        #expect(account.parts.sum == account.ranges.reduce(0) { $0 + $1.byteCount })
        var used = heap.occupancy.reading()
        for range in heap.returnableRanges {
          for page in stride(from: range.lowerBound.rawValue, to: range.upperBound.rawValue, by: Int(pageSize)) {
            #expect(used.byteCount(ofPageAt: Address(page)) == 0)
          }
        }
        if number % 16 == 0 { _ = try HeapPin.pins(account, of: heap, in: memory, process: nil) }
      }
    }
  }
}
