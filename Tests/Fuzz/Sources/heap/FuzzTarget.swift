import FuzzSupport
import MemDump

/// A heap of glibc: besides what holds of any heap, every byte of it is walked or skipped, and each way back from a block ends.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  // The data of a C library, and behind it a heap.
  let memory = InputMemory([
    (0x5555_0000_0000, Array(input.dropFirst(2304)), "[heap]", 0),
    (0x7f00_0001_0000, Array(input.prefix(2304)), "/lib/libc.so.6", 7),
  ])
  let heaps = HeapCheck.heaps(in: memory)
  do throws(MemDumpError) {
    guard let heap = heaps.all.first else { return 0 }
    let total = heap.ranges.reduce(0) { $0 + $1.byteCount }
    precondition(heap.walkedByteCount + heap.skippedByteCount + heap.mapped.byteCount == total)
    precondition(heap.used.byteCount + heap.free.byteCount + (heap.facts["top_bytes"] ?? 0) <= total)
    var search = try ReferenceSearch(memory, heaps: heaps)
    for references in try search.references(toBlocksOfSizes: heap.classes.prefix(8).map(\.footprint)) {
      precondition(references.traced <= references.sampled && UInt64(references.sampled) <= references.count)
      for row in references.rows { precondition(row.chain.count <= row.chainLength && row.kind == .variable) }
    }
  } catch { preconditionFailure("\(error)") }
  return 0
}
