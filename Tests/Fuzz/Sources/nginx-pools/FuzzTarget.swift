import FuzzSupport
import MemDump

private let base: UInt64 = 0x10000

/// The search for pools of nginx: it ends, whatever stands there, finds no more than there is room for, and the same whatever
/// the chunk. The first three bytes choose the chunk, the size of a region and the longest read.
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
    let result = try PoolSearch(NginxPools(), chunk: input[0] == 0 ? 4096 : Int(input[0])).run(memory)
    precondition(result.scanned.byteCount == UInt64(bytes.count))
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
    precondition(blocks <= bytes.count / 16)
    precondition(NginxPools().describe(result.list.pools).count <= 1)
    let whole = try PoolSearch(NginxPools(), chunk: 1 << 13).run(memory)
    precondition(whole.list.pools == result.list.pools)
  } catch { preconditionFailure("\(error)") }
  return 0
}
