import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct ThreadStacksTests {
  private let map = """
    7f0000000000-7f0000001000 ---p 0 00:00 0\u{20}
    7f0000001000-7f0000011000 rw-p 0 00:00 0\u{20}
    7f0000020000-7f0000030000 rw-p 0 00:00 0\u{20}
    7f0000040000-7f0000041000 r--p 0 00:00 0\u{20}
    7f0000041000-7f0000051000 rw-p 0 00:00 0\u{20}

    """

  private func regions() throws -> [MemoryRegion] { try MapsParser.parse(Array(map.utf8)) }

  private func find(_ pointers: [UInt64]) throws -> [Address] {
    try ThreadStacks(regions(), pointers: pointers.map { Address($0) }, threads: nil, nil).ranges.map(\.lowerBound)
  }

  /// A stack pointer may lead into memory that is no stack of the C library, such as one that a program takes from its heap:
  /// a mapping is a stack where addresses that cannot be used stand before it.
  @Test func aPointerLeadsToAStackBehindAGuard() throws {
    #expect(try find([0x7f00_0000_2000]) == [Address(0x7f00_0000_1000)])
    #expect(try find([0x7f00_0002_2000, 0x7f00_0004_2000, 0x7f00_0000_0800, 0]) == [])
  }

  /// The descriptor of a thread, at the end of its stack, tells of a thread that runs, or has ended.
  @Test(arguments: [(77, true, 1, 0), (0, true, 0, 1), (78, true, 0, 0), (77, false, 0, 0)])
  func aDescriptorTellsOfAThread(number: UInt32, isWhole: Bool, running: Int, kept: Int) throws {
    let start: UInt64 = 0x7f00_0000_1000
    var bytes = [UInt8](repeating: 0, count: 0x10000)
    let descriptor = 0x10000 - 0x940
    bytes.replaceSubrange(descriptor..<descriptor + 8, with: CoreBuilder.bytes(start + UInt64(descriptor)))
    if isWhole {
      bytes.replaceSubrange(descriptor + 16..<descriptor + 24, with: CoreBuilder.bytes(start + UInt64(descriptor)))
    }
    bytes.replaceSubrange(descriptor + 0x2d0..<descriptor + 0x2d4, with: CoreBuilder.bytes(number))
    let memory = try NamedMemory([(start, bytes, "", 0)])
    let stacks = try ThreadStacks(
      regions(), pointers: [], threads: [#require(ThreadID(rawValue: 77))], WordCache(memory, .jumps))
    #expect(stacks.ranges.count == running && stacks.kept.count == kept)
  }
}
