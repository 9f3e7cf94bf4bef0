public import MemDump

/// What has to hold of any pools that are found.
public enum PoolCheck {
  /// Searches for the pools of a kind in an input, whose first three bytes choose the chunk, the size of a region and the longest
  /// read: the search ends, whatever stands there, and finds the same whatever the chunk.
  public static func search(
    _ kind: any PoolKind, _ input: [UInt8]
  ) -> (result: PoolSearch.Result, byteCount: Int)? {
    guard input.count > 3 else { return nil }
    let bytes = Array(input[3...])
    let size = input[1] == 0 ? bytes.count : Int(input[1]) * 16
    var pieces: [UInt64: [UInt8]] = [:]
    for start in stride(from: 0, to: bytes.count, by: size) {
      pieces[0x10000 + UInt64(start)] = Array(bytes[start..<min(bytes.count, start + size)])
    }
    let memory = InputMemory(pieces, longestRead: input[2] == 0 ? .max : Int(input[2]))
    do throws(MemDumpError) {
      let result = try PoolSearch(kind, chunk: input[0] == 0 ? 4096 : Int(input[0])).run(memory)
      let whole = try PoolSearch(kind, chunk: 1 << 13).run(memory)
      precondition(whole.list.pools == result.list.pools && kind.describe(result.list.pools).count <= 1)
      return (result, bytes.count)
    } catch { preconditionFailure("\(error)") }
  }
}
