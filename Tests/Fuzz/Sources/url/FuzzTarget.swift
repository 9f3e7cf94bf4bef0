import FuzzSupport
import MemDump
import ScanReferences

/// `url` against its reference.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  check(start, count) { _ in (URLPattern(), URLReference()) }
}
