import FuzzSupport
import MemDump
import ScanReferences

/// `ipv6-port` against its reference.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  check(start, count) { input in
    (IPv6Port(wantsWholeWord: input.wantsWholeWord), IPv6PortReference(wantsWholeWord: input.wantsWholeWord))
  }
}
