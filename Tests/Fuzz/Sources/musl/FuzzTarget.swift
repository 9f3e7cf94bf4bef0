import FuzzSupport
import MemDump
import ScanReferences

/// A heap of musl's malloc: it is walked or refused, whatever stands there; no byte is of two blocks, and every block has one holder or is held
/// by nobody.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let pieces = MuslInput.memory(Array(UnsafeBufferPointer(start: start, count: count)))
  let memory = InputMemory(Dictionary(uniqueKeysWithValues: pieces.map { ($0.start, $0.bytes) }), longestRead: .max)
  do throws(MemDumpError) {
    let heaps = try HeapWalk(memory).run()
    for heap in heaps.all {
      let total = heap.ranges.reduce(0) { $0 + $1.byteCount }
      precondition(heap.used.byteCount <= total + heap.mapped.byteCount)
      precondition(try heap.samples(in: memory).count == heap.classes.count)
    }
    guard let used = heaps.used else { return 0 }
    var holders = HoldingSearch(memory, heaps: heaps)
    let holdings = try holders.run()
    precondition(holdings.total.count + holdings.omittedCount == used.count)
  } catch { preconditionFailure("\(error)") }
  return 0
}
