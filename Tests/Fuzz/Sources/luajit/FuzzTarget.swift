import FuzzSupport
import MemDump

private let base: UInt64 = 0x10000

/// The walk over the objects of LuaJIT, and the ways to them: they end, whatever stands there, and find no more than there is room
/// for. The input is the memory.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard !bytes.isEmpty else { return 0 }
  let memory = InputMemory([base: bytes], longestRead: .max)
  do throws(MemDumpError) {
    for (language, result) in try ObjectTypes.find(in: memory, heaps: Heaps(), process: nil) {
      guard language == .luaJIT, case .found(let objects) = result else { continue }
      precondition(objects.objects.count <= UInt64(bytes.count) / 8)
      for row in objects.rows.prefix(4) {
        guard case .ready(let search) = try LuaHolders.prepare(memory),
          let holders = try search.holders(ofType: row.name)
        else { continue }
        precondition(holders.traced <= holders.sampled)
      }
    }
  } catch { preconditionFailure("\(error)") }
  return 0
}
