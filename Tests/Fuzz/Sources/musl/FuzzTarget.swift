import FuzzSupport
import ScanReferences

/// A heap of musl's malloc.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  HeapCheck.heaps(in: InputMemory(MuslInput.memory(Array(UnsafeBufferPointer(start: start, count: count)))))
  return 0
}
