import MemDumpTestSupport
import ScanReferences
import SystemPackage
import Testing

@testable import MemDump

@Suite struct PostgresContextsTests {
  private static let base: UInt64 = 0x55_5555_0000

  private static func search(
    _ image: ContextImage, chunk: Int = 1 << 20, longestRead: Int = .max, wanted: Set<Address> = []
  ) throws -> PoolList {
    try PoolSearch(PostgresContexts(), chunk: chunk).run(
      TestMemory([image.base: image.bytes], longestRead: longestRead), wanted: wanted
    ).list
  }

  /// A root with a cache, in which there are two plans, and a hash table.
  private static func tree(version: Int = 15) -> (image: ContextImage, root: ContextImage.Context) {
    var image = ContextImage(base: base, version: version)
    let root = image.addSet("TopMemoryContext", free: [24, 500], chunks: [2, 2, 4])
    let cache = image.addSet("CacheMemoryContext", in: root.address)
    image.addSet("CachedPlan", ident: "select \u{1b}1", in: cache.address, free: [0])
    image.addSet("CachedPlan", in: cache.address, free: [16, 0, 1000])
    image.addSet("dynahash", ident: "Prepared Queries", in: root.address)
    return (image, root)
  }

  @Test(arguments: [15, 16]) func everyContextIsFoundWithItsFigures(version: Int) throws {
    let (image, root) = Self.tree(version: version)
    let pools = try Self.search(image).pools
    #expect(
      pools.map(\.role) == [
        "TopMemoryContext", "CacheMemoryContext", "CachedPlan", "CachedPlan", "Prepared Queries",
      ])
    #expect(pools.map(\.level) == [0, 1, 2, 2, 1])
    let sizes: [UInt64] = [2272, 1248, 1248, 3296, 1248]
    #expect(pools.map(\.byteCount) == sizes)
    #expect(pools.map(\.blockCount) == [2, 1, 1, 3, 1])
    // Chunks of 32, 32 and 128 bytes, with their heads.
    let free: [UInt64] = [version < 16 ? 764 : 740, 100, 0, 1016, 100]
    #expect(pools.map { $0.byteCount - $0.usedByteCount } == free)
    #expect(pools[0].freeChunkCount == 3 && pools[1].freeChunkCount == 0)
    #expect(pools[0].parent == nil && pools[1].parent == Address(root.address))
    #expect(pools[2].ident == Array("select \u{1b}1".utf8) && pools[4].ident.isEmpty)
    #expect(pools.allSatisfy { $0.brokenAt == nil && $0.isWalked })
    #expect(PostgresContexts().describe(pools).isEmpty)
  }

  @Test(arguments: [15, 16]) func contextsOfOtherKindsAreWalkedOrSaidNotToBe(version: Int) throws {
    var (image, root) = Self.tree(version: version)
    image.addGeneration("Tuples", in: root.address, free: [8, 0, 2000], freeChunks: 3)
    image.addBump("Caller tuples", in: root.address, free: [40, 60])
    image.addOther("Change", in: root.address, byteCount: 4096)
    let pools = try Self.search(image).pools.suffix(3)
    #expect(pools.map(\.role) == ["Tuples", "Caller tuples", "Change"])
    // As PostgreSQL's view counts: a Bump context without itself, the others with it.
    let sizes: [UInt64] = [6296, 4096, 4096]
    #expect(pools.map(\.byteCount) == sizes)
    #expect(pools.map(\.blockCount) == [3, 2, 0])
    #expect(pools.map(\.freeChunkCount) == [9, 0, 0])
    let free: [UInt64] = [2008, 100, 0]
    #expect(pools.map { $0.byteCount - $0.usedByteCount } == free)
    #expect(pools.map(\.isWalked) == [true, true, false])
    let sentences = PostgresContexts().describe(Array(pools))
    #expect(sentences.count == 1 && sentences[0].hasPrefix("1 of 3 contexts are of a kind whose blocks are not walked"))
  }

  @Test func noChunkAndNoReadHidesAContext() throws {
    let image = Self.tree().image
    let expected = try Self.search(image).pools
    for chunk in [16, 80, 81, 4096] {
      #expect(try Self.search(image, chunk: chunk, longestRead: chunk == 80 ? 33 : .max).pools == expected)
    }
  }

  @Test func aBlockTellsItsContext() throws {
    let (image, root) = Self.tree()
    let list = try Self.search(
      image, wanted: [Address(root.address), Address(root.blocks[0]), Address(root.blocks[1])])
    // The block that is kept is part of the allocation of the context.
    #expect(Set(list.members.keys) == [Address(root.address), Address(root.blocks[1])])
    #expect(list.members.values.allSatisfy { $0.pool == 0 && !$0.isLarge })
    #expect(PostgresContexts().isHolder(role: "CachedPlan"))
  }

  @Test func anotherNameIsNoRoot() throws {
    var image = ContextImage(base: Self.base)
    let root = image.addSet("TopMemoryContexts")
    for _ in 0..<20 { image.addSet("CachedPlan", in: root.address) }
    #expect(try Self.search(image).pools.isEmpty)
  }

  /// In a core that lacks the program's constants, a tree of some size is one all the same.
  @Test func namesThatCannotBeReadAreToldByTheirAddresses() throws {
    for count in [6, 7] {
      var image = ContextImage(base: Self.base)
      let root = image.addSet("x")
      image.set(root.address + 56, 0x7f00_0000_1000)
      for _ in 0..<count { image.addSet("CachedPlan", in: root.address) }
      let pools = try Self.search(image).pools
      #expect(pools.count == (count == 7 ? 8 : 0))
      #expect(pools.first.map { $0.role == "name at 0x7f0000001000" } ?? true)
    }
  }

  @Test func whatIsBrokenIsSaidAndEnds() throws {
    var (image, root) = Self.tree()
    let plan = image.addSet("CachedPlan", in: root.address, free: [0, 0])
    let last = image.addSet("ErrorContext", in: root.address)
    // The next sibling is the root, a chunk is its own next, a block is of another context.
    image.set(last.address + 48, root.address)
    image.set(root.blocks[0] + 64 + 8, root.blocks[0] + 64)
    image.set(plan.blocks[1], root.address)
    let pools = try Self.search(image).pools
    #expect(pools.count == 7)
    #expect(pools.first { $0.address.rawValue == plan.address }?.brokenAt == Address(plan.blocks[1]))
    #expect(pools[0].brokenAt != nil)
    // A size that is not that of the blocks.
    (image, root) = Self.tree()
    image.set(root.address + 8, 224 + 4096)
    #expect(try Self.search(image).pools[0].brokenAt == Address(root.address))
  }

  @Test func damagedTreesEnd() throws {
    var generator = SeededGenerator(seed: 16)
    var found = 0
    for number in 0..<(isFullRun ? 10_000 : 500) {
      var (image, root) = Self.tree(version: 15 + number % 2)
      image.addGeneration("Tuples", in: root.address, free: [8, 0, 2000], freeChunks: 3)
      image.addBump("Caller tuples", in: root.address, free: [40, 60])
      let bytes = Damage.some(image.bytes, using: &generator)
      let list = try PoolSearch(PostgresContexts()).run(TestMemory([Self.base: bytes])).list
      #expect(list.pools.count <= bytes.count / 80)
      #expect(list.pools.allSatisfy { $0.usedByteCount <= $0.byteCount })
      if !list.pools.isEmpty { found += 1 }
    }
    #expect(found > (isFullRun ? 5000 : 250))
  }
}
