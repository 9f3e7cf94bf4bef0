import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct AddressLookupTests {
  private static let (module, pool, stack): (UInt64, UInt64, UInt64) = (
    0x7f10_0000_0000, 0x7f20_0000_0000, 0x7ffc_0000_0000
  )

  /// A heap whose first block leads to a module, to itself and to memory that is not mapped.
  private struct Image {
    let memory: NamedMemory
    let block: UInt64

    init() throws {
      var heap = HeapBuilder()
      block = heap.add(96) + 16
      heap.put(AddressLookupTests.module + 0x20, at: block)
      heap.put(block + 8, at: block + 16)
      heap.put(0x1234_5678_9000, at: block + 24)
      heap.put(AddressLookupTests.stack + 0x100, at: block + 32)
      heap.add(96, isInUse: false)
      heap.add(64, count: 8)
      heap.close()
      let known = try heap.memory()
      let page = [UInt8](repeating: 7, count: 8192)
      memory = try NamedMemory(
        [
          (AddressLookupTests.module, page, "/opt/none/module.so", 9), (AddressLookupTests.pool, page, "", 0),
          (AddressLookupTests.stack, page, "[stack]", 0),
        ]
          + zip(known.contents, known.regions).map {
            ($0.start, $0.bytes, String(decoding: $1.name, as: UTF8.self), Int($1.inode))
          })
    }

    func lookup() throws -> AddressLookup { try AddressLookup(memory, heaps: try HeapWalk(memory).run()) }
  }

  /// What an address is, in a word or two.
  private static func use(_ address: UInt64, _ lookup: inout AddressLookup) throws -> String? {
    guard let place = try lookup.place(of: Address(address)) else { return nil }
    switch place.use {
    case .block(let block, let offset): return "block of \(block.byteCount) +\(offset)"
    case .heap: return "heap"
    case .symbol(let text, _): return text
    case .module(let file, let offset): return "\(file)+\(offset)"
    case .stack: return "stack"
    case .threadLocal: return "thread-local"
    case .goroutines: return "goroutines"
    case .region(let offset): return "\(place.region.label)+\(offset)"
    }
  }

  @Test func everyAddressIsWhatItIs() throws {
    let image = try Image()
    var lookup = try image.lookup()
    let block = image.block
    #expect(try Self.use(block, &lookup) == "block of 88 +0")
    #expect(try Self.use(block + 87, &lookup) == "block of 88 +87")
    // Its header, and the free chunk behind it.
    #expect(try Self.use(block - 8, &lookup) == "heap")
    #expect(try Self.use(block + 96, &lookup) == "heap")
    #expect(try Self.use(Self.module + 0x1ff8, &lookup) == "module.so+8184")
    #expect(try Self.use(Self.pool + 5, &lookup) == "anon+5")
    #expect(try Self.use(Self.stack + 8, &lookup) == "[stack]+8")
    for address in [0, 0x1234_5678_9000, Self.module - 1, Self.module + 0x2000, UInt64.max] {
      #expect(try Self.use(address, &lookup) == nil)
    }
  }

  @Test func withoutAHeapBlocksAreNotKnown() throws {
    let image = try Image()
    var lookup = try AddressLookup(image.memory, heaps: Heaps())
    #expect(try Self.use(image.block, &lookup)?.hasPrefix("[heap]+") == true)
  }

  @Test func theBytesOfABlockEndWithIt() throws {
    let image = try Image()
    var lookup = try image.lookup()
    let peeked = try PeekedBytes(at: Address(image.block), in: image.memory, &lookup)
    #expect(peeked.bytes.count == 88 && peeked.gap == nil)
    #expect(peeked.pointers.map(\.address.rawValue) == [0, 16, 32].map { image.block + $0 })
    #expect(
      peeked.pointers.map(\.target.address.rawValue) == [Self.module + 0x20, image.block + 8, Self.stack + 0x100])
    let rest = try PeekedBytes(at: Address(image.block + 80), in: image.memory, &lookup)
    #expect(rest.bytes.count == 8)
  }

  /// Whatever place and length are asked for: no more than the region has, and pointers at multiples of 8 only.
  @Test(arguments: [0, 1, 7, 8, 9, 4096, 8191] as [UInt64], [1, 7, 8, 64, 8192, UInt64.max])
  func lengths(offset: UInt64, byteCount: UInt64) throws {
    let image = try Image()
    var lookup = try image.lookup()
    let peeked = try PeekedBytes(at: Address(Self.pool + offset), byteCount: byteCount, in: image.memory, &lookup)
    #expect(UInt64(peeked.bytes.count) == min(byteCount, 8192 - offset))
    #expect(peeked.bytes.allSatisfy { $0 == 7 } && peeked.pointers.isEmpty)
  }

  @Test func pointersAreFollowed() throws {
    let image = try Image()
    var lookup = try image.lookup()
    let once = try PeekedBytes(at: Address(image.block), byteCount: 4, following: 1, in: image.memory, &lookup)
    #expect(once.place.address == Address(Self.module + 0x20) && once.followed.map(\.address.rawValue) == [image.block])
    // The bytes 0x07 lead nowhere; and a word at the end of a region is none.
    for (start, count) in [(image.block, 2), (Self.pool + 8188, 1), (3, 1), (3, 0)] as [(UInt64, Int)] {
      #expect(throws: MemDumpError.self) {
        _ = try PeekedBytes(at: Address(start), following: count, in: image.memory, &lookup)
      }
    }
  }
}
