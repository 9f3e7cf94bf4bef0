import MemDumpTestSupport
import SystemPackage
import Testing

@testable import MemDump

@Suite struct NginxPoolsTests {
  private static let base: UInt64 = 0x55_5555_0000

  private static func search(
    _ image: PoolImage, chunk: Int = 1 << 20, longestRead: Int = .max
  ) throws -> PoolSearch.Result {
    try PoolSearch(NginxPools(), chunk: chunk).run(TestMemory([image.base: image.bytes], longestRead: longestRead))
  }

  @Test func aPoolIsFoundWithAllThatItHolds() throws {
    var image = PoolImage(base: Self.base)
    let places = image.addPool(size: 512, blocks: [200, 40, nil], current: 1)
    image.addLarge(places[0], count: 3, freed: 1)
    image.addCleanups(places[0], count: 2)
    let result = try Self.search(image)
    var expected = MemoryPool(address: Address(places[0]), role: "other")
    (expected.blockCount, expected.byteCount) = (3, 1536)
    expected.usedByteCount = 80 + 200 + 32 + 40 + 80
    (expected.largeCount, expected.cleanupCount) = (2, 2)
    #expect(result.list.pools == [expected])
    #expect(result.list.freedCount == 0)
    #expect(result.scanned.byteCount == UInt64(image.bytes.count))
    #expect(NginxPools().describe(result.list.pools).isEmpty)
  }

  @Test func noChunkAndNoReadHidesAPool() throws {
    var image = PoolImage(base: Self.base)
    for size: UInt64 in [96, 256, 512, 1024, 4096, 16384, 70000] {
      image.addPool(size: size, blocks: [16, 8], current: 0)
    }
    let expected = try Self.search(image).list.pools
    #expect(expected.count == 7)
    for chunk in [16, 80, 81, 4096, 5000] {
      #expect(try Self.search(image, chunk: chunk, longestRead: chunk == 80 ? 33 : .max).list.pools == expected)
    }
  }

  @Test func whatIsEmptiedBeforeCurrentIsTheShapeOfTheOldReset() throws {
    var image = PoolImage(base: Self.base)
    image.addPool(size: 1024, blocks: [nil, nil, nil, 300], current: 3)
    image.addPool(size: 1024, blocks: [nil, nil, nil], current: 0)
    image.addPool(size: 1024, blocks: [900, 900, 300], current: 2)
    let pools = try Self.search(image).list.pools
    #expect(pools.map(\.emptiedByteCount) == [3072, 0, 0])
    let sentences = NginxPools().describe(pools)
    #expect(sentences.count == 1)
    #expect(sentences[0].hasPrefix("3 KiB of 10 KiB are in blocks that were emptied"))
    #expect(sentences[0].contains("(1 of 3 pools)"))
    #expect(sentences[0].contains("ngx_reset_pool did before nginx 1.5.9"))
  }

  @Test func rolesAreToldByWhatStandsFirst() throws {
    var image = PoolImage(base: Self.base)
    let cycle = image.addPool()[0]
    image.set(cycle + 80, [image.base, cycle])
    let request = image.addPool()[0]
    image.set(request + 80, [0x5054_5448])
    let connection = image.addPool(log: image.next + 96)[0]
    image.set(connection + 96, [4])
    image.addPool()
    #expect(try Self.search(image).list.pools.map(\.role) == ["cycle", "request", "connection", "other"])
  }

  @Test func aPoolInFreedMemoryIsLeftOut() throws {
    var image = PoolImage(base: Self.base)
    let pools = (0..<4).map { _ in image.addPool()[0] }
    image.free(pools[2])
    let list = try Self.search(image).list
    #expect(list.pools.map(\.address.rawValue) == [pools[0], pools[1], pools[3]])
    #expect(list.freedCount == 1)
  }

  /// Where malloc is another one, what stands before an allocation says nothing.
  @Test func withoutHeadersOfGlibcEveryPoolCounts() throws {
    var image = PoolImage(base: Self.base)
    let pools = (0..<4).map { _ in image.addPool()[0] }
    for pool in pools { image.set(pool - 8, [0x7777_7777_7777_7777]) }
    #expect(try Self.search(image).list.pools.map(\.address.rawValue) == pools)
  }

  /// Memory of a pool that was destroyed is given out again as a block of another: its first words are new, the rest is old.
  @Test func aBlockThatWasAPoolBeforeIsNone() throws {
    var image = PoolImage(base: Self.base)
    let old = image.addPool()[0]
    let places = image.addPool(blocks: [400, 400])
    image.set(places[1] + 16, [old])
    image.set(old, [old + 80, old + 512, 0, 0])
    let pools = try Self.search(image).list.pools
    #expect(pools.map(\.address.rawValue) == [places[0]])
    #expect(pools.map(\.blockCount) == [3])
  }

  private struct Change: Sendable {
    var name: String
    var word: Int
    var value: @Sendable (UInt64) -> UInt64

    init(name: String, word: Int, value: @escaping @Sendable (UInt64) -> UInt64) {
      (self.name, self.word, self.value) = (name, word, value)
    }
  }

  private static let nearMisses = [
    Change(name: "last before the head's end", word: 0) { $0 + 72 },
    Change(name: "last behind end", word: 0) { $0 + 513 },
    Change(name: "end before the start", word: 1) { $0 - 16 },
    Change(name: "a block without room", word: 1) { $0 + 80 },
    Change(name: "a block of more than a GiB", word: 1) { $0 + (1 << 30) + 1 },
    Change(name: "next that is no pointer", word: 2) { _ in 17 },
    Change(name: "too many failures", word: 3) { _ in 64 },
    Change(name: "max that does not fit", word: 4) { _ in 431 },
    Change(name: "no current", word: 5) { _ in 0 },
    Change(name: "chain that is no pointer", word: 6) { _ in 9 },
    Change(name: "large that is no pointer", word: 7) { _ in 1 << 60 },
    Change(name: "cleanup that is no pointer", word: 8) { _ in 4095 },
    Change(name: "no log", word: 9) { _ in 0 },
    Change(name: "log that is text", word: 9) { $0 + 88 },
  ]

  @Test(arguments: nearMisses.indices) func nearMissesAreNoPools(index: Int) throws {
    var image = PoolImage(base: Self.base)
    let pool = image.addPool()[0]
    image.set(pool + 88, [0x2e31_2e30_2e30_3120])
    #expect(try Self.search(image).list.pools.count == 1)
    let change = Self.nearMisses[index]
    image.set(pool + UInt64(change.word) * 8, [change.value(pool)])
    #expect(try Self.search(image).list.pools.isEmpty, "\(change.name)")
  }

  @Test func aChainThatLeadsNowhereIsGoneOverToThere() throws {
    var image = PoolImage(base: Self.base)
    let places = image.addPool(blocks: [400, 400, 400], current: 0)
    image.set(places[1] + 16, [0x7fff_0000_1000])
    let pool = try #require(try Self.search(image).list.pools.first)
    #expect(pool.blockCount == 2)
    #expect(pool.brokenAt == Address(0x7fff_0000_1000))
  }

  @Test func chainsThatLeadIntoEachOtherEnd() throws {
    var image = PoolImage(base: Self.base)
    let first = image.addPool(blocks: [400, 400, 400])
    let second = image.addPool(blocks: [400, 400])
    image.set(first[2] + 16, [first[1]])
    image.set(second[1] + 16, [first[0]])
    let result = try Self.search(image)
    // What another chain leads to is taken for a block of it, and there the rest of the first pool goes on.
    #expect(result.list.pools.map(\.address.rawValue) == [second[0]])
    #expect(result.list.pools.map(\.blockCount) == [5])
    #expect(result.list.pools.map(\.brokenAt) == [Address(first[1])])
  }

  @Test func listsThatLeadBackIntoThemselvesEnd() throws {
    var image = PoolImage(base: Self.base)
    let pool = image.addPool()[0]
    image.addLarge(pool, count: 4)
    image.set(pool + 80, [pool + 128])
    let found = try #require(try Self.search(image).list.pools.first)
    #expect(found.brokenAt != nil)
    #expect(found.largeCount <= 512 / 16)
  }

  @Test func aCurrentThatIsNoBlockOfThePoolIsSaid() throws {
    var image = PoolImage(base: Self.base)
    let pool = image.addPool(blocks: [nil, nil], current: 1)[0]
    image.set(pool + 40, [pool + 16])
    let found = try #require(try Self.search(image).list.pools.first)
    #expect(found.brokenAt == Address(pool + 16))
    #expect(found.emptiedByteCount == 0)
  }

  /// Bits flipped at random: it ends, with no more than there can be, and says which pools it did not get to the end of.
  @Test(arguments: 0..<16) func flippedBitsNeitherTrapNorLoop(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var image = PoolImage(base: Self.base)
    for number in 0..<40 {
      let places = image.addPool(
        size: 256, blocks: Array(repeating: nil, count: 1 + number % 9), current: number % 3 % 2 & (number % 9))
      image.addLarge(places[0], count: number % 4)
    }
    let whole = try Self.search(image)
    #expect(whole.list.pools.count == 40 && whole.brokenCount == 0)
    // One bit in each KiB, then more and more.
    for round in 1...6 {
      var bytes = image.bytes
      for _ in 0..<(bytes.count >> 10) << (round * 2) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      }
      let memory = try TestMemory([Self.base: bytes])
      let result = try PoolSearch(NginxPools()).run(memory)
      #expect(result.scanned.byteCount == UInt64(bytes.count))
      #expect(result.list.pools.count + result.list.freedCount <= result.candidateCount)
      let blocks = result.list.pools.reduce(0) { $0 + $1.blockCount }
      #expect(blocks <= bytes.count / 32)
      if round == 1 { #expect(!result.list.pools.isEmpty) }
    }
  }

  @Test func whatHasNoAddressesIsRefused() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("dump", [UInt8](repeating: 0, count: 4096))
    let error = #expect(throws: MemDumpError.self) { try PoolSearch(NginxPools()).run(RawDump(path), named: "dump") }
    #expect(error?.code == .noAddresses)
  }

  @Test func whatIsWantedIsToldWithItsPool() throws {
    var image = PoolImage(base: 0x55_5555_0000)
    let first = image.addPool(size: 512, blocks: [100, 200, 300])
    let second = image.addPool(size: 512, blocks: [100])
    image.addLarge(second[0], count: 1)
    let (large, stranger) = (Address(image.base + 64), Address(first[1] + 16))
    let result = try PoolSearch(NginxPools()).run(
      TestMemory([image.base: image.bytes]), wanted: [Address(first[2]), Address(second[0]), large, stranger])
    let members = result.list.members
    #expect(Set(members.keys) == [Address(first[2]), Address(second[0]), large])
    #expect(members.mapValues(\.isLarge) == [Address(first[2]): false, Address(second[0]): false, large: true])
    #expect(members[Address(first[2])].map { result.list.pools[$0.pool].address } == Address(first[0]))
    #expect(members[large].map { result.list.pools[$0.pool].address } == Address(second[0]))
  }

  @Test func poolsAreLookedForWhereAnNginxIsMapped() {
    func region(_ name: String, _ permissions: MemoryRegion.Permissions) -> MemoryRegion {
      MemoryRegion(
        number: 0, range: Address(4096)..<Address(8192), permissions: permissions, fileOffset: 0, inode: 1,
        name: Array(name.utf8), kind: .file, usage: nil, deviceNumber: 0)
    }
    let pools = NginxPools()
    #expect(pools.isPossible(in: [region("/usr/sbin/nginx", [.read, .execute])]))
    #expect(pools.isPossible(in: [region("/usr/sbin/nginx (deleted)", [.read, .execute])]))
    #expect(!pools.isPossible(in: [region("/usr/sbin/nginx", [.read])]))
    #expect(!pools.isPossible(in: [region("/srv/nginx/bin/app", [.read, .execute])]))
    #expect(!pools.isPossible(in: []))
  }

  @Test func theListOfOwnersHasIt() { #expect(PoolKinds.all.map(\.name) == ["nginx-pool", "postgres-context"]) }
}
