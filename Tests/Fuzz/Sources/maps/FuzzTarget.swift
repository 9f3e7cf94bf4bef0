import MemDump

/// The text of /proc/PID/maps: regions in order, each with its addresses, or the number of a line.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do throws(MalformedText) {
    var end = Address(0)
    for (index, region) in try MapsParser.parse(bytes).enumerated() {
      precondition(region.number == index + 1)
      precondition(region.range.lowerBound >= end && !region.range.isEmpty)
      precondition(region.label.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) })
      end = region.range.upperBound
    }
  } catch {
    precondition(error.line >= 1 && error.line <= bytes.count + 1)
  }
  return 0
}
