import FuzzSupport
import MemDump

/// The search for pools of nginx finds no more than there is room for.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let (result, byteCount) = PoolCheck.search(NginxPools(), input) else { return 0 }
  precondition(result.scanned.byteCount == UInt64(byteCount))
  precondition(result.list.pools.count + result.list.freedCount <= result.candidateCount)
  var end = Address(0)
  var blocks = 0
  for pool in result.list.pools {
    precondition(pool.address > end && pool.address.rawValue % 16 == 0)
    precondition(pool.blockCount > 0 && pool.usedByteCount <= pool.byteCount)
    precondition(pool.emptiedByteCount < pool.byteCount)
    end = pool.address
    blocks += pool.blockCount
  }
  precondition(blocks <= byteCount / 16)
  return 0
}
