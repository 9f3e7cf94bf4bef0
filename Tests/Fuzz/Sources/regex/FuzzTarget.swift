import FuzzSupport
import MemDump

/// Any expression, and the scan in pieces against that of all of the memory at once. The first byte tells whether in either
/// case (1), with whole words (2) and wide (4); the next three choose the chunk, the cuts and the reads; the expression ends
/// with the first NUL.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard input.count > 4, let end = input[4...].firstIndex(of: 0), end < 100 else { return 0 }
  let expression = String(decoding: input[4..<end], as: UTF8.self)
  // What may run into the limits takes its time, and each piece of memory is searched from far before it.
  let bytes = Array(input[(end + 1)...].prefix(200))
  guard var pattern: any Pattern = try? RegexPattern(expression, ignoringCase: input[0] & 1 != 0) else { return 0 }
  if input[0] & 2 != 0, let word = pattern.wholeWord { pattern = word }
  if input[0] & 4 != 0, let wide = pattern.wide { pattern = wide }
  let whole = places(of: pattern, in: bytes, [0, 0, 0])
  precondition(whole.allSatisfy { !$0.isEmpty && $0.upperBound <= bytes.count })
  precondition(places(of: pattern, in: bytes, input[1..<4]) == whole)
  return 0
}
