import FuzzSupport
import MemDump
import ScanReferences

/// A program: what is in use is no more than was walked, what is named is no more than is in use, and everything ends.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let memory = InputMemory(PythonInput(Array(UnsafeBufferPointer(start: start, count: count))).pieces)
  do throws(MemDumpError) {
    let heaps = try HeapWalk(memory).run()
    for heap in heaps.all { precondition(heap.used.byteCount &+ heap.free.byteCount <= heap.walkedByteCount) }
    guard case .ready(var search) = try PythonHolderSearch.prepare(memory, heaps: heaps) else { return 0 }
    precondition(search.objects.namedByteCount <= search.objects.total.byteCount)
    for row in search.objects.rows.prefix(4) {
      guard let holders = try search.holders(ofType: row.name) else { preconditionFailure("a type without objects") }
      precondition(holders.traced <= holders.sampled)
    }
  } catch { preconditionFailure("\(error)") }
  return 0
}
