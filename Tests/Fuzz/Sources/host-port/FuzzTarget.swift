import FuzzSupport
import MemDump
import ScanReferences

/// `host-port` against its reference.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  check(start, count) { input in
    (HostPort(wantsWholeWord: input.wantsWholeWord), HostPortReference(wantsWholeWord: input.wantsWholeWord))
  }
}
