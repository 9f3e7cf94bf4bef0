import Testing

@testable import MemDump

@Suite struct BlockStoreTests {
  @Test func whateverIsReadTheStoreStaysWithinItsRoom() {
    let store = BlockStore(byteCount: 64 << 10)
    let owners = (0..<50).map { _ in store.newOwner() }
    for number in 0..<100 {
      for owner in owners {
        let block = store.block(UInt64(number), of: owner) {
          [UInt8](repeating: UInt8(owner), count: 1 + number * 31 % 4096)
        }
        #expect(block.first == UInt8(owner))
        #expect(store.byteCount <= 64 << 10)
      }
    }
    // Blocks without bytes take up room, too.
    for number in 0..<10_000 { _ = store.block(UInt64(number), of: 99) { [] } }
    #expect(store.byteCount <= 64 << 10)
  }

  @Test func whatIsAskedForAgainAndAgainIsReadOnce() {
    let store = BlockStore(byteCount: 64 << 10)
    var reads = 0
    for number in 0..<1000 {
      _ = store.block(0, of: 1) {
        reads += 1
        return [1]
      }
      _ = store.block(UInt64(number), of: 2) { [UInt8](repeating: 2, count: 1000) }
    }
    #expect(reads == 1)
  }
}
