import FuzzSupport
import MemDump
import ScanReferences

/// `ipv4-port` against its reference.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  check(start, count) { input in
    (
      IPv4Port(allowsPortZero: input.allowsPortZero, wantsWholeWord: input.wantsWholeWord),
      IPv4PortReference(allowsPortZero: input.allowsPortZero, wantsWholeWord: input.wantsWholeWord)
    )
  }
}
