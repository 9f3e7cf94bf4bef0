import FuzzSupport
import MemDump
import ScanReferences

/// `ipv4` against its reference.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  check(start, count) { input in
    (IPv4(wantsWholeWord: input.wantsWholeWord), IPv4Reference(wantsWholeWord: input.wantsWholeWord))
  }
}
