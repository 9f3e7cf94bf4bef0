import MemDump
import ScanReferences

/// Memory of a Python program, made of the input.
private final class InputProgram: MemorySource {
  let regions: [MemoryRegion]
  let hasAddresses = true
  private let pieces: [(start: UInt64, bytes: [UInt8], name: String, inode: Int)]

  init(_ bytes: [UInt8]) {
    pieces = PythonInput(bytes).pieces
    let lines = pieces.map { piece in
      "\(String(piece.start, radix: 16))-\(String(piece.start + UInt64(piece.bytes.count), radix: 16)) rw-p 0 08:01 "
        + "\(piece.inode) \(piece.name)\n"
    }
    regions = (try? MapsParser.parse(Array(lines.joined().utf8))) ?? []
  }

  func fileOffset(of address: Address) -> UInt64? { nil }

  func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard
      let piece = pieces.first(where: { ($0.start..<$0.start + UInt64($0.bytes.count)).contains(address.rawValue) })
    else { return [] }
    let offset = Int(address.rawValue - piece.start)
    let count = min(piece.bytes.count - offset, buffer.byteCount)
    buffer.withUnsafeMutableBytes { $0.copyBytes(from: piece.bytes[offset..<offset + count]) }
    return [MemoryRun(.bytes, UInt64(count))]
  }
}

/// A program: what is in use is no more than was walked, what is named is no more than is in use, and everything ends.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let memory = InputProgram(Array(UnsafeBufferPointer(start: start, count: count)))
  do throws(MemDumpError) {
    let heaps = try HeapWalk(memory).run()
    for heap in heaps.all { precondition(heap.used.byteCount &+ heap.free.byteCount <= heap.walkedByteCount) }
    guard case .ready(var search) = try PythonHolderSearch.prepare(memory, heaps: heaps) else { return 0 }
    precondition(search.objects.namedByteCount <= search.objects.total.byteCount)
    for row in search.objects.rows.prefix(4) {
      guard let holders = try search.holders(ofType: row.name) else { preconditionFailure("a type without objects") }
      precondition(holders.traced <= holders.sampled)
    }
  } catch { preconditionFailure("\(error)") }
  return 0
}
