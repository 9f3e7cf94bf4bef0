import FuzzSupport
import MemDump

/// The scan for given bytes against the slow reference. The first byte tells whether they are a text (1), and whether in
/// either case (2) or in hexadecimal; the next three choose the chunk, the cuts and the reads; what is looked for ends with
/// the first NUL.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard input.count > 4, let end = input[4...].firstIndex(of: 0) else { return 0 }
  let (needle, bytes) = (String(decoding: input[4..<end], as: UTF8.self), Array(input[(end + 1)...]))
  let (isText, ignoresCase) = (input[0] & 1 != 0, input[0] & 2 != 0)
  let pattern = isText ? BytesPattern(text: needle, ignoringCase: ignoresCase) : BytesPattern(hexadecimal: needle)
  guard let pattern else { return 0 }
  let reference =
    isText ? ReferenceBytes(text: Array(needle.utf8), ignoringCase: ignoresCase) : ReferenceBytes(hexadecimal: needle)
  precondition(places(of: pattern, in: bytes, input[1..<4]) == reference.matches(in: bytes))
  return 0
}
