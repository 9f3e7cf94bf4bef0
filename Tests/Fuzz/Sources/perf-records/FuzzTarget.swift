import MemDump

/// The records of a ring: what is read lies inside of what there is, and never is more.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let (records, byteCount) = PerfRecord.parse(bytes)
  precondition(byteCount <= bytes.count && records.count <= bytes.count / 8)
  var stackByteCount = 0
  for case .sample(let sample) in records {
    precondition(sample.registers.isEmpty || sample.registers.count == 17)
    stackByteCount += sample.stack.count
  }
  precondition(stackByteCount <= bytes.count)
  return 0
}
