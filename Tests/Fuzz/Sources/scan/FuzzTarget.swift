import MemDump

/// The scan against the slow reference: the first four bytes choose the options, the chunk, the cuts and the reads.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard input.count > 4 else { return 0 }
  let (allowsPortZero, wantsWholeWord) = (input[0] & 1 != 0, input[0] & 2 != 0)
  let bytes = Array(input[4...])
  let pattern = IPv4Port(allowsPortZero: allowsPortZero, wantsWholeWord: wantsWholeWord)
  let reference = ReferenceScan(allowsPortZero: allowsPortZero, wantsWholeWord: wantsWholeWord)
  precondition(places(of: pattern, in: bytes, input[1..<4]) == reference.matches(in: bytes))
  return 0
}
