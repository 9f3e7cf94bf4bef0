import FuzzSupport
import MemDump
import ScanReferences

/// A heap of PHP: besides what holds of any heap, what is told by class is no more than is in use.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let memory = InputMemory(ZendInput.memory(Array(UnsafeBufferPointer(start: start, count: count))))
  let heaps = HeapCheck.heaps(in: memory)
  do throws(MemDumpError) {
    for case (_, .found(let types)) in try ObjectTypes.find(in: memory, heaps: heaps, process: nil) {
      precondition(types.namedByteCount <= types.total.byteCount)
    }
    if case .ready(var search) = try PHPHolderSearch.prepare(memory, heaps: heaps) {
      for row in search.objects.rows.prefix(4) {
        let holders = try search.holders(ofType: row.name)
        precondition(holders.map { $0.traced <= $0.sampled } ?? true)
      }
    }
  } catch { preconditionFailure("\(error)") }
  return 0
}
