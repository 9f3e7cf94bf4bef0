import MemDump
import ScanReferences

/// Memory of a Go program, made of the input.
private final class InputProgram: MemorySource {
  let regions: [MemoryRegion]
  let hasAddresses = true
  private let pieces: [(start: UInt64, bytes: [UInt8])]

  init(_ bytes: [UInt8]) {
    let input = GoInput(bytes)
    pieces = input.pieces
    regions = (try? MapsParser.parse(input.map)) ?? []
  }

  func fileOffset(of address: Address) -> UInt64? { nil }

  func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard let region = regions.first(where: { $0.range.contains(address) }) else { return [] }
    guard let piece = pieces.first(where: { $0.start == region.range.lowerBound.rawValue }) else {
      buffer.withUnsafeMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: 0) }
      return [MemoryRun(.absent, region.range.upperBound - address)]
    }
    let offset = Int(address.rawValue - piece.start)
    let count = min(piece.bytes.count - offset, buffer.byteCount)
    buffer.withUnsafeMutableBytes { $0.copyBytes(from: piece.bytes[offset..<offset + count]) }
    return [MemoryRun(.bytes, UInt64(count))]
  }
}

/// A program: every goroutine is of one group, what is in use is no more than was walked, and everything ends.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let memory = InputProgram(Array(UnsafeBufferPointer(start: start, count: count)))
  do throws(MemDumpError) {
    if case .found(let list) = try GoroutineSearch(memory, process: nil, instant: 1 << 40).run() {
      precondition(list.groups.reduce(0) { $0 + $1.count } + list.omittedCount == list.count + list.systemCount)
      precondition(list.profile(withSystem: true).total(ofType: 0) == list.count + list.systemCount - list.omittedCount)
    }
    if case .found(let profile) = try GoAllocationSearch(memory, process: nil).run() {
      precondition(profile.profile.samples.count == profile.sites.count)
    }
    for heap in try HeapWalk(memory).run().all {
      precondition(heap.used.byteCount &+ heap.free.byteCount <= heap.walkedByteCount)
    }
  } catch { preconditionFailure("\(error)") }
  return 0
}
