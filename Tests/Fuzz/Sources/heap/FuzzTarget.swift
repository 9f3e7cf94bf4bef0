import MemDump

/// The data of a C library, and behind it a heap, made of the input.
private final class InputHeap: MemorySource {
  static let libraryByteCount = 2304
  let regions: [MemoryRegion]
  let hasAddresses = true
  private let pieces: [(start: UInt64, bytes: [UInt8])]

  init(_ bytes: [UInt8]) {
    let heap = Array(bytes.dropFirst(Self.libraryByteCount))
    pieces = [(0x5555_0000_0000, heap), (0x7f00_0001_0000, Array(bytes.prefix(Self.libraryByteCount)))]
      .filter { !$0.bytes.isEmpty }
    let lines = pieces.map { piece in
      "\(String(piece.start, radix: 16))-\(String(piece.start + UInt64(piece.bytes.count), radix: 16)) rw-p 0 08:01 "
        + (piece.start < 0x7000_0000_0000 ? "0 [heap]\n" : "7 /lib/libc.so.6\n")
    }
    regions = (try? MapsParser.parse(Array(lines.joined().utf8))) ?? []
  }

  func fileOffset(of address: Address) -> UInt64? { nil }

  func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard let index = regions.firstIndex(where: { $0.range.contains(address) }) else { return [] }
    let offset = Int(address.rawValue - pieces[index].start)
    let count = min(pieces[index].bytes.count - offset, buffer.byteCount)
    buffer.withUnsafeMutableBytes { $0.copyBytes(from: pieces[index].bytes[offset..<offset + count]) }
    return [MemoryRun(.bytes, UInt64(count))]
  }
}

/// A heap: every byte of it is walked or skipped, no chunk is counted twice, each way back from a block ends, and every block
/// has one holder or is held by nobody.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let memory = InputHeap(Array(UnsafeBufferPointer(start: start, count: count)))
  do throws(MemDumpError) {
    let heaps = try HeapWalk(memory).run()
    guard let heap = heaps.all.first else { return 0 }
    let total = heap.ranges.reduce(0) { $0 + $1.byteCount }
    precondition(heap.walkedByteCount + heap.skippedByteCount + heap.mapped.byteCount == total)
    precondition(heap.used.byteCount + heap.free.byteCount + (heap.facts["top_bytes"] ?? 0) <= total)
    let samples = try heap.samples(in: memory)
    precondition(samples.count == heap.classes.count)
    var search = try ReferenceSearch(memory, heaps: heaps)
    for references in try search.references(toBlocksOfSizes: heap.classes.prefix(8).map(\.footprint)) {
      precondition(references.traced <= references.sampled && UInt64(references.sampled) <= references.count)
      for row in references.rows { precondition(row.chain.count <= row.chainLength && row.kind == .variable) }
    }
    var holders = HoldingSearch(memory, heaps: heaps)
    let holdings = try holders.run()
    precondition(holdings.total.count + holdings.omittedCount == heap.used.count)
    precondition(holdings.profile.total(ofType: 1) == holdings.total.byteCount)
    precondition(holdings.lost.reduce(0) { $0 + $1.amount.count } == holdings.unheld.count)
  } catch { preconditionFailure("\(error)") }
  return 0
}
