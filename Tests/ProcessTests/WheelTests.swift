import MemDump
import MemDumpTestSupport
import Testing

/// Allocators as they are shipped in wheels of Python: linked statically, without symbols, beside others.
@Suite(.serialized, .enabled(if: canTrace, "ptrace is not permitted here"))
struct WheelTests {
  private static let mimalloc = Wheels.find("cmeel.prefix/lib/libmimalloc.so.3.4")

  @Test(.enabled(if: mimalloc != nil, "cmeel-mimalloc is not installed"), arguments: HeapBooksTests.modes)
  func mimalloc3(mode: [String]) throws {
    let books = try HeapBooks(mode[0], "threads=4", "seed=7", mode.last ?? "", preload: Self.mimalloc)
    for _ in 0..<3 {
      let (heap, comparison) = try HeapBooksTests.compare(books, "mimalloc")
      #expect(heap.isClean)
      #expect(comparison.entryCount > 7000)
      #expect(comparison.missing.count == 0, "\(comparison)")
      #expect(comparison.short.count == 0, "\(comparison)")
      #expect(comparison.inside.allSatisfy { $0.alignment != 0 }, "\(comparison)")
      #expect(comparison.extraChainCount <= 4 * 4, "\(comparison)")
    }
  }

  /// pyarrow has mimalloc 3 in its own library, beside the malloc that Python uses.
  @Test(.enabled(if: Wheels.find("pyarrow") != nil, "pyarrow is not installed"))
  func theMimallocOfPyarrow() throws {
    let python = try Wheels.python(
      """
      import pyarrow, sys
      pool = pyarrow.mimalloc_memory_pool()
      kept = [pyarrow.allocate_buffer(100 + i % 5000, memory_pool=pool) for i in range(20000)]
      print(" ".join(f"{buffer.address}:{buffer.size}" for buffer in kept), flush=True)
      sys.stdin.read()
      """)
    let line = try python.readLine(within: .seconds(60))
    let id = try #require(ProcessID(rawValue: python.id))
    let look = try ProcessLook.atHeap(of: TargetProcess(id), mode: .stop, budget: Stopping.budget)
    let heaps = try HeapWalk(look.source).run()
    #expect(heaps.all.map(\.allocator.name).contains("glibc"))
    let heap = try #require(heaps.all.first { $0.allocator.name == "mimalloc" })
    var sizes: [UInt64: UInt64] = [:]
    try heap.forEachBlock(in: look.source) { (block) throws(MemDumpError) in
      sizes[block.address.rawValue] = block.byteCount
      return true
    }
    _ = try look.end()
    let buffers = line.split(separator: " ").map { $0.split(separator: ":").compactMap { UInt64($0) } }
    #expect(buffers.count == 20000)
    #expect(buffers.allSatisfy { sizes[$0[0], default: 0] >= $0[1] })
    #expect(sizes.count == 20000)
  }
}
