import FuzzSupport
import MemDump
import ScanReferences

/// A program: every goroutine is of one group, what is in use is no more than was walked, and everything ends.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = GoInput(Array(UnsafeBufferPointer(start: start, count: count)))
  let memory = InputMemory(map: input.map, input.pieces)
  do throws(MemDumpError) {
    if case .found(let list) = try GoroutineSearch(memory, process: nil, instant: 1 << 40).run() {
      precondition(list.groups.reduce(0) { $0 + $1.count } + list.omittedCount == list.count + list.systemCount)
      precondition(list.profile(withSystem: true).total(ofType: 0) == list.count + list.systemCount - list.omittedCount)
    }
    if case .found(let profile) = try GoAllocationSearch(memory, process: nil).run() {
      precondition(profile.profile.samples.count == profile.sites.count)
    }
    for heap in try HeapWalk(memory).run().all {
      precondition(heap.used.byteCount &+ heap.free.byteCount <= heap.walkedByteCount)
    }
  } catch { preconditionFailure("\(error)") }
  return 0
}
