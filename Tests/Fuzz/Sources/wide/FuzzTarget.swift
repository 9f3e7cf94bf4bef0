import FuzzSupport
import MemDump
import ScanReferences

/// The scan for wide text against the slow reference: the first four bytes choose the options, the chunk, the cuts and the
/// reads.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard input.count > 4 else { return 0 }
  let (allowsPortZero, wantsWholeWord) = (input[0] & 1 != 0, input[0] & 2 != 0)
  let bytes = Array(input[4...])
  guard let pattern = IPv4Port(allowsPortZero: allowsPortZero, wantsWholeWord: wantsWholeWord).wide else { return 0 }
  let reference = IPv4PortReference(allowsPortZero: allowsPortZero, wantsWholeWord: wantsWholeWord)
  // What is written is a byte for each unit.
  let expected = ReferenceWide(bytes).matches { reference.matches(in: $0) }.map {
    $0.lowerBound..<$0.lowerBound + $0.count / 2
  }
  precondition(places(of: pattern, in: bytes, input[1..<4]) == expected)
  return 0
}
