import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct ReferenceSearchTests {
  private static let module: UInt64 = 0x7f10_0000_0000
  private static let stack: UInt64 = 0x7ffc_0000_0000
  /// A pool of the program's own, none of malloc's.
  private static let pool: UInt64 = 0x7f20_0000_0000

  /// A heap, the variables of a module, and memory besides, as words.
  private struct Image {
    var heap = HeapBuilder()
    var variables: [UInt64: UInt64] = [:]
    var stack: [UInt64: UInt64] = [:]
    var pool: [UInt64: UInt64] = [:]

    /// What malloc returned.
    mutating func block(_ size: UInt64) -> UInt64 { heap.add(size) + 16 }

    func memory() throws -> NamedMemory {
      var heap = heap
      heap.add(64, count: 8)
      heap.close()
      let known = try heap.memory()
      func page(_ start: UInt64, _ words: [UInt64: UInt64], _ name: String) -> (UInt64, [UInt8], String, Int) {
        var bytes = [UInt8](repeating: 0, count: 8192)
        for (place, word) in words { bytes.replaceSubrange(Int(place)..<Int(place) + 8, with: CoreBuilder.bytes(word)) }
        return (start, bytes, name, name.hasPrefix("/") ? 9 : 0)
      }
      return try NamedMemory(
        [
          page(ReferenceSearchTests.module, variables, "/opt/none/module.so"),
          page(ReferenceSearchTests.pool, pool, ""),
          page(ReferenceSearchTests.stack, stack, "[stack]"),
        ]
          + zip(known.contents, known.regions).map {
            ($0.start, $0.bytes, String(decoding: $1.name, as: UTF8.self), Int($1.inode))
          })
    }

    func search(stackPointer: UInt64? = nil) throws -> ReferenceSearch {
      let memory = try memory()
      let heaps = try HeapWalk(memory).run()
      #expect(heaps.isClean && !heaps.isEmpty)
      return try ReferenceSearch(
        memory, heaps: heaps, registers: stackPointer.map { [ReferenceSearchTests.registers($0)] })
    }

    func references(_ size: UInt64, stackPointer: UInt64? = nil) throws -> ReferenceSummary {
      var search = try search(stackPointer: stackPointer)
      return try #require(try search.references(toBlocksOfSizes: [size]).first)
    }
  }

  /// struct user_regs_struct of x86-64.
  private static func registers(_ stackPointer: UInt64) -> ThreadRegisters {
    var bytes = [UInt8](repeating: 0, count: 27 * 8)
    bytes.replaceSubrange(19 * 8..<20 * 8, with: CoreBuilder.bytes(stackPointer))
    guard let thread = ProcessID(rawValue: 77) else { preconditionFailure() }
    return ThreadRegisters(thread: thread, notes: [.init(type: 1, bytes: bytes)])
  }

  /// `variable 0x10 2 [1040, 48]`: what holds how many over which chain.
  private static func told(_ references: ReferenceSummary) -> [String] {
    references.rows.map {
      "\($0.kind.rawValue) \($0.offset.map { String($0, radix: 16) } ?? "-") \($0.count) \($0.chain)"
    }
  }

  @Test func aChainLeadsToAVariable() throws {
    var image = Image()
    let (node, block) = (image.block(48), image.block(1040))
    image.heap.put(block, at: node + 8)
    image.variables[0x40] = node
    let references = try image.references(1040)
    #expect(references.count == 1)
    #expect(references.sampled == 1)
    #expect(Self.told(references) == ["variable 40 1 [1040, 48]"])
    #expect(references.rows.first?.module == Array("/opt/none/module.so".utf8))
    #expect(references.rows.first?.address == Address(Self.module + 0x40))
    #expect(references.rows.first?.example == Address(block))
  }

  @Test func aPointerIntoABlockHoldsIt() throws {
    var image = Image()
    image.variables[8] = image.block(1040) + 1023
    #expect(Self.told(try image.references(1040)) == ["variable 8 1 [1040]"])
  }

  /// malloc's own lists lead to headers; and behind the end is the next one.
  @Test(arguments: [-16, -8, 1024] as [Int64]) func pointersToHeadersAreRefused(distance: Int64) throws {
    var image = Image()
    image.variables[8] = UInt64(Int64(image.block(1040)) + distance)
    let references = try image.references(1040)
    #expect(references.sampled == 1)
    #expect(references.traced == 0)
  }

  @Test func whatIsInFreeMemoryHoldsNothing() throws {
    var image = Image()
    let free = image.heap.add(96, isInUse: false) + 16
    let block = image.block(1040)
    image.heap.put(block, at: free + 32)
    image.variables[8] = free
    #expect(try image.references(1040).traced == 0)
  }

  /// A block of 24 bytes has the first word of the chunk behind it.
  @Test func theLastWordOfABlockHolds() throws {
    var image = Image()
    let node = image.block(32)
    let block = image.block(1040)
    image.heap.put(block, at: node + 16)
    image.variables[8] = node
    #expect(Self.told(try image.references(1040)) == ["variable 8 1 [1040, 32]"])
  }

  /// A pool has many things in one block: what leads to the array counts, and not what leads to the block as a whole.
  @Test func thePointerNextBeforeCounts() throws {
    var image = Image()
    let pool = image.block(4112)
    let block = image.block(1040)
    image.heap.put(block, at: pool + 2000)
    image.variables[0x10] = pool
    image.variables[0x20] = pool + 1984
    image.variables[0x30] = pool + 2008
    #expect(Self.told(try image.references(1040)) == ["variable 20 1 [1040, 4112]"])
    image.variables[0x20] = nil
    #expect(Self.told(try image.references(1040)) == ["variable 10 1 [1040, 4112]"])
  }

  /// Memory of a pool that was something else before has words that lead to it in blocks in use, too.
  @Test func aVariableIsNotHiddenByManyValuesThatAreNearer() throws {
    var image = Image()
    let (pool, stale, other) = (image.block(16400), image.block(560), image.block(48))
    let block = image.block(1040)
    image.heap.put(block, at: pool + 9000)
    for number in 0..<40 as Range<UInt64> { image.heap.put(pool + 2008 + 100 * number, at: stale + 8 * number) }
    image.heap.put(stale, at: other)
    image.variables[0x10] = pool + 2000
    image.variables[0x20] = other
    #expect(Self.told(try image.references(1040)) == ["variable 10 1 [1040, 16400]"])
  }

  @Test func whereTheNearestPointerLeadsNowhereTheNextOneIsTried() throws {
    var image = Image()
    let (pool, dead) = (image.block(4112), image.block(48))
    let block = image.block(1040)
    image.heap.put(block, at: pool + 2000)
    image.heap.put(pool + 1984, at: dead)
    image.variables[0x10] = pool
    #expect(Self.told(try image.references(1040)) == ["variable 10 1 [1040, 4112]"])
  }

  @Test func theShortestOfAListIsToldAndAllOfItIsFound() throws {
    var image = Image()
    let blocks = (0..<2000).map { _ in image.block(80) }
    for (block, next) in zip(blocks, blocks.dropFirst()) { image.heap.put(next, at: block) }
    image.variables[0x18] = blocks[0]
    let references = try image.references(80)
    #expect(references.sampled == ReferenceSearch.sampleCount)
    #expect(references.traced == references.sampled)
    #expect(references.rows.first?.chainLength == references.rows.first?.chain.count)
    #expect(references.rows.first?.chainLength ?? 0 < 10)
  }

  @Test func manyPlacesWithoutANameAreOneRow() throws {
    var image = Image()
    for number in 0..<100 { image.variables[UInt64(16 * number)] = image.block(80) }
    let row = try #require(try image.references(80).rows.first)
    #expect([row.offset, row.lastOffset] == [0, 1584])
    #expect(row.count == 100)
    // A few of them may be different variables.
    for number in 8..<100 { image.variables[UInt64(16 * number)] = nil }
    #expect(try image.references(80).rows.map(\.count) == [1, 1, 1, 1, 1, 1, 1, 1])
  }

  @Test func aRingThatNothingHoldsEnds() throws {
    var image = Image()
    let blocks = (0..<500).map { _ in image.block(80) }
    for (index, block) in blocks.enumerated() {
      image.heap.put(blocks[(index + 1) % 500], at: block)
      image.heap.put(blocks[(index + 499) % 500], at: block + 8)
    }
    let references = try image.references(80)
    #expect(references.sampled == 300)
    #expect(references.traced == 0)
  }

  @Test func aStackHoldsAboveItsPointerOnly() throws {
    var image = Image()
    image.stack[0x800] = image.block(1040)
    #expect(Self.told(try image.references(1040, stackPointer: Self.stack + 0x700)) == ["stack - 1 [1040]"])
    #expect(try image.references(1040, stackPointer: Self.stack + 0x808).traced == 0)
    #expect(try image.references(1040).traced == 0)
    image.variables[8] = image.block(48)
    image.heap.put(try #require(image.stack[0x800]), at: try #require(image.variables[8]))
    // A longer way to a module is preferred.
    #expect(Self.told(try image.references(1040, stackPointer: Self.stack + 0x700)) == ["variable 8 1 [1040, 48]"])
  }

  /// A block may have words that were never written to since it was something else.
  @Test func aVariableThatLeadsThereComesBeforeAnyWayOverOtherBlocks() throws {
    var image = Image()
    let (other, pool) = (image.block(48), image.block(16400))
    image.heap.put(pool, at: other + 8)
    image.variables[0x10] = other
    // As ngx_cycle does, to what stands behind the header of its pool.
    image.variables[0x200] = pool + 0x50
    #expect(Self.told(try image.references(16400)) == ["variable 200 1 [16400]"])
  }

  @Test func aStackThatLeadsToABlockComesBeforeWordsIntoItsMiddle() throws {
    var image = Image()
    let (module, actions) = (image.block(560), image.block(80))
    let block = image.block(1552)
    image.variables[0x10] = actions
    image.heap.put(module, at: actions)
    image.heap.put(block + 0x440, at: module + 200)
    image.stack[0x800] = block
    let references = try image.references(1552, stackPointer: Self.stack + 0x700)
    #expect(Self.told(references) == ["stack - 1 [1552]"])
    #expect(references.rows.map(\.unsureCount) == [0])
  }

  @Test func whatIsHeldByAWordIntoItsMiddleAloneIsUnsure() throws {
    var image = Image()
    let node = image.block(560)
    image.variables[0x10] = node
    let blocks = (0..<8).map { _ in image.block(1040) }
    // Four at one place, as links of a list are, two at places of their own, one at its start, one by a variable.
    for number in 0..<4 { image.heap.put(blocks[number] + 16, at: node + UInt64(8 * number)) }
    image.heap.put(blocks[4] + 0x200, at: node + 64)
    image.heap.put(blocks[5] + 0x340, at: node + 72)
    image.heap.put(blocks[6], at: node + 80)
    image.variables[0x80] = blocks[7] + 0x300
    let references = try image.references(1040)
    #expect(references.traced == 8)
    #expect(references.rows.map { [$0.count, $0.unsureCount] } == [[7, 2], [1, 0]])
  }

  @Test func memoryThatIsNotMallocsIsPassed() throws {
    var image = Image()
    image.pool[0x500] = image.block(1040)
    image.variables[8] = Self.pool + 0x480
    #expect(Self.told(try image.references(1040)) == ["variable 8 1 [1040, 0]"])
    image.variables[8] = Self.pool + 0x100
    #expect(try image.references(1040).traced == 0)
  }

  @Test func severalSizesAreAskedForAtOnce() throws {
    var image = Image()
    (image.variables[8], image.variables[16]) = (image.block(1040), image.block(2080))
    var search = try image.search()
    let summaries = try search.references(toBlocksOfSizes: [2080, 999, 1040])
    #expect(summaries.map(\.count) == [1, 0, 1])
    #expect(summaries.flatMap(Self.told) == ["variable 10 1 [2080]", "variable 8 1 [1040]"])
  }

  @Test func ofAnAddressEveryPointerIsTraced() throws {
    var image = Image()
    let (node, block) = (image.block(48), image.block(1040))
    image.heap.put(block + 100, at: node)
    image.variables = [8: block, 16: node, 24: Self.module + 0x200]
    var search = try image.search()
    let ofBlock = try search.references(to: Address(block + 50))
    let held = HeapBlock(
      address: Address(block), byteCount: 1032, footprint: Address(block - 16)..<Address(block + 1024))
    #expect(ofBlock.subject == .block(Address(block + 50), held))
    #expect(ofBlock.count == 2)
    #expect(Self.told(ofBlock) == ["variable 8 1 []", "variable 10 1 [48]"])
    let ofVariable = try search.references(to: Address(Self.module + 0x200))
    #expect(ofVariable.subject == .address(Address(Self.module + 0x200)))
    #expect(Self.told(ofVariable) == ["variable 18 1 []"])
    #expect(try search.references(to: Address(1)).count == 0)
  }

  @Test func blocksWithATextAreFound() throws {
    var image = Image()
    for number in 0..<20 {
      let block = image.heap.add(128, content: Array("\0event-\(number * 77) user\0event-1 user".utf8)) + 16
      image.variables[UInt64(8 * number)] = block
    }
    var search = try image.search()
    let references = try search.references(toBlocksWithTemplate: Array("event-# user".utf8))
    #expect(references.count == 20)
    #expect(references.byteCount == 20 * 128)
    #expect(references.traced == 20)
    #expect(try search.references(toBlocksWithTemplate: Array("event-# use".utf8)).count == 0)
  }

  @Test func wordsOfAnyKindHaveAnAnswer() throws {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<40 {
      var image = Image()
      let blocks = (0..<200).map { _ in image.block(UInt64.random(in: 2...40, using: &random) * 16) }
      image.heap.close()
      // Places of the heap, headers and free memory among them, and rubbish.
      for _ in 0..<2000 {
        let value =
          Bool.random(using: &random)
          ? blocks.randomElement(using: &random)! &+ UInt64.random(in: 0..<64, using: &random) : random.next()
        let place = Int.random(in: 0..<image.heap.bytes.count / 8, using: &random) * 8
        image.heap.put(value, at: HeapBuilder.start + UInt64(place))
      }
      let memory = try image.heap.memory()
      let heaps = try HeapWalk(memory).run()
      var search = try ReferenceSearch(memory, heaps: heaps, registers: [Self.registers(random.next())])
      for references in try search.references(toBlocksOfSizes: heaps.classes.map(\.footprint)) {
        #expect(references.traced <= references.sampled)
      }
      for _ in 0..<20 { _ = try search.references(to: Address(blocks.randomElement(using: &random)! &+ 3)) }
    }
  }
}
