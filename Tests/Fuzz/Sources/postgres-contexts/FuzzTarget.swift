import FuzzSupport
import MemDump

/// The search for contexts of PostgreSQL finds no more than there is room for, each after the one that it is in.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let (result, byteCount) = PoolCheck.search(PostgresContexts(), input) else { return 0 }
  precondition(result.list.pools.count <= byteCount / 8)
  var seen: Set<Address> = []
  for pool in result.list.pools {
    precondition(seen.insert(pool.address).inserted && pool.usedByteCount <= pool.byteCount)
    precondition(pool.parent.map { seen.contains($0) } ?? (pool.level == 0))
    precondition(pool.ident.count <= 1024 && pool.blockCount <= byteCount / 8)
  }
  return 0
}
