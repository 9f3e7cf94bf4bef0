import FuzzSupport
import MemDump
import ScanReferences

/// `uuid` against its reference.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  check(start, count) { input in
    (UUIDPattern(wantsWholeWord: input.wantsWholeWord), UUIDReference(wantsWholeWord: input.wantsWholeWord))
  }
}
