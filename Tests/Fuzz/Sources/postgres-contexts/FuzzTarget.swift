import FuzzSupport
import MemDump

private let base: UInt64 = 0x10000

/// The search for contexts of PostgreSQL: it ends, whatever stands there, finds no more than there is room for, each after the one
/// that it is in, and the same whatever the chunk. The first three bytes choose the chunk, the size of a region and the longest
/// read.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard input.count > 3 else { return 0 }
  let bytes = Array(input[3...])
  let size = input[1] == 0 ? bytes.count : Int(input[1]) * 16
  var pieces: [UInt64: [UInt8]] = [:]
  for start in stride(from: 0, to: bytes.count, by: size) {
    pieces[base + UInt64(start)] = Array(bytes[start..<min(bytes.count, start + size)])
  }
  let memory = InputMemory(pieces, longestRead: input[2] == 0 ? .max : Int(input[2]))
  do throws(MemDumpError) {
    let list = try PoolSearch(PostgresContexts(), chunk: input[0] == 0 ? 4096 : Int(input[0])).run(memory).list
    precondition(list.pools.count <= bytes.count / 8)
    var seen: Set<Address> = []
    for pool in list.pools {
      precondition(seen.insert(pool.address).inserted && pool.usedByteCount <= pool.byteCount)
      precondition(pool.parent.map { seen.contains($0) } ?? (pool.level == 0))
      precondition(pool.ident.count <= 1024 && pool.blockCount <= bytes.count / 8)
    }
    precondition(PostgresContexts().describe(list.pools).count <= 1)
    let whole = try PoolSearch(PostgresContexts(), chunk: 1 << 13).run(memory)
    precondition(whole.list.pools == list.pools)
  } catch { preconditionFailure("\(error)") }
  return 0
}
