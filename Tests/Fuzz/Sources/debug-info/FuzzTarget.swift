import MemDump

/// An ELF file with debug information: no part is asked for that cannot be one, every address has an answer, and that is of a
/// function with its inlined calls.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  func read(_ range: Range<UInt64>) -> [UInt8] {
    precondition(range.upperBound - range.lowerBound <= 512 << 20)
    let end = UInt64(bytes.count)
    return Array(bytes[Int(min(range.lowerBound, end))..<Int(min(range.upperBound, end))])
  }
  guard let object = ELFObject(read), let information = DebugInformation(object, read) else { return 0 }
  let addresses =
    [0x250, 0x260, 0x274, 0x280, 0x294, 0x29e, 0x2a0, 0x2b8, 0x2c0, 0x2d4, 0x2de, 0x2f0, 1, .max] as [UInt64]
  for address in addresses + object.segments.map(\.address) {
    let frames = information.frames(at: address)
    precondition(frames.count <= 65 && frames.last?.isInlined ?? false == false)
    precondition(frames.dropLast().allSatisfy(\.isInlined))
    precondition(frames.allSatisfy { $0.name?.isEmpty != true && $0.file?.isEmpty != true && $0.line != 0 })
  }
  _ = information.note
  return 0
}
