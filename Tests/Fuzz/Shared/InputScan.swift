import MemDump

/// Where a scan finds a pattern in bytes, with the length of what it writes. Three bytes of the input choose the chunk, the
/// cuts and the reads.
func places(of pattern: any Pattern, in bytes: [UInt8], _ choices: ArraySlice<UInt8>) -> [Range<Int>] {
  guard !bytes.isEmpty else { return [] }
  let choices = choices.map(Int.init)
  let memory = InputMemory(
    bytes, regionByteCount: choices[1] == 0 ? bytes.count : choices[1], longestRead: choices[2] == 0 ? .max : choices[2]
  )
  let scan = Scan(patterns: [pattern], chunk: choices[0] == 0 ? 4096 : choices[0])
  var found = Places()
  do throws(MemDumpError) {
    let summary = try scan.run(memory, into: &found)
    precondition(summary.byteCount == UInt64(bytes.count))
  } catch { preconditionFailure("\(error)") }
  return found.places
}

/// Memory made of the input: regions next to each other, cut where the input says.
private final class InputMemory: MemorySource {
  let regions: [MemoryRegion]
  let hasAddresses = true
  private let bytes: [UInt8]
  private let longestRead: Int
  static let base: UInt64 = 0x10000

  init(_ bytes: [UInt8], regionByteCount: Int, longestRead: Int) {
    (self.bytes, self.longestRead) = (bytes, longestRead)
    var lines = ""
    for start in stride(from: 0, to: bytes.count, by: regionByteCount) {
      let end = min(bytes.count, start + regionByteCount)
      lines +=
        "\(String(Self.base + UInt64(start), radix: 16))-\(String(Self.base + UInt64(end), radix: 16)) rw-p 0 0:0 0\n"
    }
    regions = (try? MapsParser.parse(Array(lines.utf8))) ?? []
  }

  func fileOffset(of address: Address) -> UInt64? { nil }

  func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard let region = regions.first(where: { $0.range.contains(address) }) else { return [] }
    let offset = Int(address.rawValue - Self.base)
    let count = min(Int(region.range.upperBound - address), buffer.byteCount, longestRead)
    buffer.withUnsafeMutableBytes { $0.copyBytes(from: bytes[offset..<offset + count]) }
    return [MemoryRun(.bytes, UInt64(count))]
  }
}

/// Keeps where findings are.
private struct Places: FindingSink {
  var places: [Range<Int>] = []

  mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
    let start = Int(finding.address.rawValue - InputMemory.base)
    places.append(start..<start + text.byteCount)
    return true
  }
}
