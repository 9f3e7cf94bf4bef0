import FuzzSupport
import ScanReferences

/// A heap of jemalloc or tcmalloc, in memory of which little is present.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let (layout, rest) = PageMapInput.layout(of: Array(UnsafeBufferPointer(start: start, count: count))) else {
    return 0
  }
  let lines = PageMapInput.regions.map { region in
    "\(String(region.start, radix: 16))-\(String(region.start + region.byteCount, radix: 16)) rw-p 0 "
      + (region.name.isEmpty ? "00:00 0\n" : "08:01 7 \(region.name)\n")
  }
  HeapCheck.heaps(in: InputMemory(map: Array(lines.joined().utf8), layout.contents(rest)))
  return 0
}
