import MemDump
import ScanReferences

/// Memory of which little is present, made of the input.
private final class InputHeap: MemorySource {
  let regions: [MemoryRegion]
  let hasAddresses = true
  private let contents: [(start: UInt64, bytes: [UInt8])]

  init(_ contents: [(start: UInt64, bytes: [UInt8])]) {
    self.contents = contents
    let lines = PageMapInput.regions.map { region in
      "\(String(region.start, radix: 16))-\(String(region.start + region.byteCount, radix: 16)) rw-p 0 "
        + (region.name.isEmpty ? "00:00 0\n" : "08:01 7 \(region.name)\n")
    }
    regions = (try? MapsParser.parse(Array(lines.joined().utf8))) ?? []
  }

  func fileOffset(of address: Address) -> UInt64? { nil }

  func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard let region = regions.first(where: { $0.range.contains(address) }) else { return [] }
    let place = address.rawValue
    guard let next = contents.first(where: { $0.start + UInt64($0.bytes.count) > place }),
      next.start < region.range.upperBound.rawValue
    else { return absent(region.range.upperBound.rawValue - place, &buffer) }
    guard next.start <= place else { return absent(next.start - place, &buffer) }
    let offset = Int(place - next.start)
    let count = min(next.bytes.count - offset, buffer.byteCount)
    buffer.withUnsafeMutableBytes { $0.copyBytes(from: next.bytes[offset..<offset + count]) }
    return [MemoryRun(.bytes, UInt64(count))]
  }

  private func absent(_ count: UInt64, _ buffer: inout MutableRawSpan) -> [MemoryRun] {
    buffer.withUnsafeMutableBytes { bytes in
      for index in 0..<min(bytes.count, Int(count)) { bytes[index] = 0 }
    }
    return [MemoryRun(.absent, count)]
  }
}

/// A heap of jemalloc or tcmalloc: it is walked or refused, whatever stands there; no byte is of two blocks, and every block has
/// one holder or is held by nobody.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let (layout, rest) = PageMapInput.layout(of: Array(UnsafeBufferPointer(start: start, count: count))) else {
    return 0
  }
  let memory = InputHeap(layout.contents(rest))
  do throws(MemDumpError) {
    let heaps = try HeapWalk(memory).run()
    for heap in heaps.all {
      precondition(heap.used.byteCount <= heap.ranges.reduce(0) { $0 + $1.byteCount })
      precondition(try heap.samples(in: memory).count == heap.classes.count)
    }
    guard let used = heaps.used else { return 0 }
    var holders = HoldingSearch(memory, heaps: heaps)
    let holdings = try holders.run()
    precondition(holdings.total.count + holdings.omittedCount == used.count)
  } catch { preconditionFailure("\(error)") }
  return 0
}
