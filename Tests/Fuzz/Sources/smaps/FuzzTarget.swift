import MemDump

/// The text of /proc/PID/smaps: regions in order, each with its usage, or the number of a line.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do throws(MalformedText) {
    var end = Address(0)
    for (index, region) in try SmapsParser.parse(bytes).enumerated() {
      precondition(region.number == index + 1 && region.usage != nil)
      precondition(region.range.lowerBound >= end && !region.range.isEmpty)
      end = region.range.upperBound
    }
  } catch {
    precondition(error.line >= 1 && error.line <= bytes.count + 1)
  }
  return 0
}
