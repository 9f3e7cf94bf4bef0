import MemDumpTestSupport
import Testing

@testable import MemDump

/// What holds a whole heap, on heaps made byte by byte.
@Suite struct HoldingSearchTests {
  private static let module: UInt64 = 0x7f10_0000_0000
  private static let stack: UInt64 = 0x7ffc_0000_0000
  /// A pool of the program's own, none of malloc's.
  private static let pool: UInt64 = 0x7f20_0000_0000

  /// A heap, the variables of a module, and memory besides, as words by their offset.
  private struct Image {
    var heap = HeapBuilder()
    var variables: [UInt64: UInt64] = [:]
    var stack: [UInt64: UInt64] = [:]
    var pool: [UInt64: UInt64] = [:]
    var registers: [UInt64] = []

    /// What malloc returned.
    mutating func block(_ size: UInt64, isInUse: Bool = true) -> UInt64 { heap.add(size, isInUse: isInUse) + 16 }

    func memory() throws -> NamedMemory {
      var heap = heap
      heap.close()
      let known = try heap.memory()
      func page(_ start: UInt64, _ words: [UInt64: UInt64], _ name: String) -> (UInt64, [UInt8], String, Int) {
        var bytes = [UInt8](repeating: 0, count: 8192)
        for (place, word) in words { bytes.replaceSubrange(Int(place)..<Int(place) + 8, with: CoreBuilder.bytes(word)) }
        return (start, bytes, name, name.hasPrefix("/") ? 9 : 0)
      }
      return try NamedMemory(
        [
          page(HoldingSearchTests.module, variables, "/opt/none/module.so"),
          page(HoldingSearchTests.pool, pool, ""), page(HoldingSearchTests.stack, stack, "[stack]"),
        ]
          + zip(known.contents, known.regions).map {
            ($0.start, $0.bytes, String(decoding: $1.name, as: UTF8.self), Int($1.inode))
          })
    }

    func holdings(stackPointer: UInt64? = nil) throws -> HeapHoldings {
      let memory = try memory()
      let heaps = try HeapWalk(memory).run()
      let threads = stackPointer.map { [HoldingSearchTests.registers($0, registers)] }
      var search = HoldingSearch(memory, heaps: heaps, registers: threads)
      let holdings = try search.run()
      #expect(holdings.total == heaps.used)
      #expect(holdings.profile.total(ofType: 0) == heaps.used?.count)
      #expect(holdings.profile.total(ofType: 1) == heaps.used?.byteCount)
      return holdings
    }
  }

  /// struct user_regs_struct of x86-64, some of its first words, and the stack pointer.
  private static func registers(_ stackPointer: UInt64, _ words: [UInt64]) -> ThreadRegisters {
    var bytes = [UInt8](repeating: 0, count: 27 * 8)
    for (place, word) in words.enumerated() {
      bytes.replaceSubrange(place * 8..<place * 8 + 8, with: CoreBuilder.bytes(word))
    }
    bytes.replaceSubrange(19 * 8..<20 * 8, with: CoreBuilder.bytes(stackPointer))
    guard let thread = ProcessID(rawValue: 77) else { preconditionFailure() }
    return ThreadRegisters(thread: thread, notes: [.init(type: 1, bytes: bytes)])
  }

  /// `module.so+0x40 2 1088`: what holds how many blocks of how many bytes.
  private static func told(_ holdings: HeapHoldings) -> [String] {
    holdings.rows.map { "\($0.title) \($0.amount.count) \($0.amount.byteCount)" }.sorted()
  }

  /// `1 × 2 of 1040, 1088`: so many graphs of so many blocks, whose first has a size, and all bytes.
  private static func lost(_ holdings: HeapHoldings) -> [String] {
    holdings.lost.map { "\($0.count) × \($0.blockCount) of \($0.footprint), \($0.amount.byteCount)" }
  }

  @Test func aWayLeadsFromAVariable() throws {
    var image = Image()
    let (node, block) = (image.block(48), image.block(1040))
    image.heap.put(block, at: node + 8)
    image.variables[0x40] = node
    let holdings = try image.holdings()
    #expect(Self.told(holdings) == ["module.so+0x40 2 1088"])
    #expect(holdings.rows.first?.parts.map(\.footprint) == [1040, 48])
    let lines = String(decoding: FoldedStacks.bytes(of: holdings.profile), as: UTF8.self).split(separator: "\n")
    #expect(lines.prefix(2) == ["module.so+0x40;48 bytes 48", "module.so+0x40;48 bytes;1040 bytes 1040"])
  }

  /// A list is one step, however long; a way that comes back goes on from where it was.
  @Test func aListIsOneStep() throws {
    var image = Image()
    let nodes = (0..<100).map { image.block($0 % 2 == 0 ? 48 : 64) }
    for (node, next) in zip(nodes, nodes.dropFirst()) { image.heap.put(next, at: node) }
    image.variables[0x40] = nodes[0]
    let text = String(decoding: FoldedStacks.bytes(of: try image.holdings().profile), as: UTF8.self)
    #expect(text.hasPrefix("module.so+0x40;48 bytes 2400\nmodule.so+0x40;48 bytes;64 bytes 3200\n"))
  }

  /// The order of evidence: each pair of words leads to one block, and the first of them is its holder.
  @Test func theBestEvidenceCounts() throws {
    var image = Image()
    let blocks = (0..<5).map { image.block(1040 + UInt64($0) * 16) }
    // A start before a middle, whatever has it.
    (image.variables[0], image.pool[0]) = (blocks[0] + 512, blocks[0])
    // A variable before a pool, a pool before registers, registers before a stack.
    (image.variables[16], image.pool[16]) = (blocks[1], blocks[1])
    (image.pool[24], image.registers) = (blocks[2], [blocks[2], blocks[3]])
    (image.stack[4096], image.stack[4104]) = (blocks[3], blocks[4])
    #expect(
      Self.told(try image.holdings(stackPointer: Self.stack + 4096)) == [
        "memory outside the heap 2 2112", "module.so+0x10 1 1056", "registers of thread 77 1 1088",
        "stack of thread 77 1 1104",
      ])
  }

  @Test func aShorterWayCountsOfEquals() throws {
    var image = Image()
    let (far, near, block) = (image.block(48), image.block(64), image.block(1040))
    image.heap.put(near, at: far)
    image.heap.put(block, at: near)
    (image.variables[8], image.variables[16], image.variables[24]) = (far, near, block)
    #expect(Self.told(try image.holdings()) == ["module.so+0x10 1 64", "module.so+0x18 1 1040", "module.so+0x8 1 48"])
  }

  /// Where many words lead to one place behind the start, as behind a header, that is as good as the start.
  @Test func aPlaceThatManyLeadToIsExact() throws {
    var image = Image()
    let table = image.block(1040)
    let objects = (0..<20).map { _ in image.block(208) }
    for (index, object) in objects.enumerated() { image.heap.put(object + 16, at: table + UInt64(index) * 8) }
    image.variables[8] = table
    image.pool[8] = objects[3]
    #expect(Self.told(try image.holdings()) == ["module.so+0x8 21 5200"])
  }

  @Test func whatIsNotAliveHoldsNothing() throws {
    var image = Image()
    let free = image.block(96, isInUse: false)
    let (first, second) = (image.block(1040), image.block(2080))
    image.heap.put(first, at: free + 32)
    image.variables[8] = free
    // Left over from a call that is done; a header; behind the end.
    image.stack[8] = second
    (image.variables[16], image.variables[24]) = (second - 16, second + 2080 - 16)
    let holdings = try image.holdings(stackPointer: Self.stack + 4096)
    #expect(Self.told(holdings) == [])
    #expect(Self.lost(holdings).contains("1 × 1 of 1040, 1040") && Self.lost(holdings).contains("1 × 1 of 2080, 2080"))
    #expect(holdings.unheld == holdings.total)
  }

  @Test func lostGraphsOfOneShapeAreOneRow() throws {
    var image = Image()
    for number in 0..<7 as Range<UInt64> {
      let first = image.block(960)
      image.heap.put(Self.module + 0x100, at: first + 8)
      for part in 0..<10 as Range<UInt64> { image.heap.put(image.block(528), at: first + 32 + part * 8) }
      // Not the same shape.
      if number == 0 { image.heap.put(image.block(528), at: first + 200) }
    }
    let holdings = try image.holdings()
    #expect(holdings.lost.first?.module == Array("/opt/none/module.so".utf8))
    #expect(Self.lost(holdings).prefix(2) == ["6 × 11 of 960, 37440", "1 × 12 of 960, 6768"])
  }

  /// Rings have no first block, and what only a ring leads to is part of it, wherever it lies.
  @Test func aRingIsOneGraph() throws {
    var image = Image()
    let part = image.block(528)
    let ring = (0..<5).map { _ in image.block(320) }
    for (index, link) in ring.enumerated() {
      image.heap.put(ring[(index + 1) % 5], at: link)
      image.heap.put(ring[(index + 4) % 5], at: link + 8)
    }
    image.heap.put(part, at: ring[2] + 64)
    let alone = image.block(1040)
    image.heap.put(alone, at: alone)
    let lost = Self.lost(try image.holdings())
    #expect(lost.prefix(2) == ["1 × 6 of 320, 2128", "1 × 1 of 1040, 1040"])
  }

  @Test func oneLeakHasOneHolderInEachRun() throws {
    var image = Image()
    let blocks = (0..<300).map { image.block(32 + UInt64($0 % 40) * 16) }
    var random = SeededGenerator(seed: 4)
    for block in blocks {
      let distance = random.next() % 3 == 0 ? UInt64(8) : 0
      image.heap.put(blocks[Int(random.next() % 300)] + distance, at: block)
      image.heap.put(blocks[Int(random.next() % 300)], at: block + 8)
    }
    for place in 0..<20 as Range<UInt64> {
      image.variables[place * 8] = blocks[Int(random.next() % 300)]
      image.pool[place * 8] = blocks[Int(random.next() % 300)] + 8
    }
    let first = try image.holdings()
    let second = try image.holdings()
    #expect(Self.told(first) == Self.told(second) && Self.lost(first) == Self.lost(second))
    #expect(FoldedStacks.bytes(of: first.profile) == FoldedStacks.bytes(of: second.profile))
  }

  /// Whatever stands in a heap, every block that the walk found counts once.
  @Test(arguments: 0..<40) func aDamagedHeapStillAddsUp(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed) &+ 100)
    var image = Image()
    let blocks = (0..<120).map { _ in image.block(32 + (random.next() % 60) * 16) }
    for block in blocks { image.heap.put(blocks[Int(random.next() % 120)] &+ random.next() % 32, at: block) }
    let end = UInt64(image.heap.bytes.count) - 8
    for _ in 0..<40 {
      let word = random.next() % 2 == 0 ? random.next() : blocks[Int(random.next() % 120)] &+ random.next() % 4096
      image.heap.put(word, at: HeapBuilder.start + random.next() % end)
    }
    image.variables[8] = blocks[0]
    let memory = try image.memory()
    let heaps = try HeapWalk(memory).run()
    var search = HoldingSearch(memory, heaps: heaps)
    let holdings = try search.run()
    #expect(holdings.total.count + holdings.omittedCount == heaps.used?.count)
    if holdings.omittedCount == 0 { #expect(holdings.total == heaps.used) }
    #expect(holdings.profile.total(ofType: 1) == holdings.total.byteCount)
    #expect(holdings.lost.reduce(0) { $0 + $1.amount.byteCount } == holdings.unheld.byteCount)
  }

  /// No more steps than there is room for, and nothing lost by that.
  @Test func aTreeIsBounded() throws {
    var tree = HolderTree()
    let added = tree.addRoot(0)
    let root = try #require(added)
    var node = root
    for size in 1...200 as ClosedRange<UInt64> {
      node = tree.step(from: node, footprint: size * 16, type: 0)
      tree.add(0, size * 16, to: node)
    }
    #expect(tree.isCut)
    #expect(tree.steps.reduce(0) { $0 + $1.amount.count } == 200)
    for size in 1...200_000 as ClosedRange<UInt64> {
      tree.add(0, 1, to: tree.step(from: root, footprint: size * 8, type: 1))
    }
    #expect(tree.steps.count <= 1 << 15)
    #expect(tree.steps.reduce(0) { $0 + $1.amount.count } == 200_200)
    #expect(tree.roots.allSatisfy { $0 == root })
  }
}
