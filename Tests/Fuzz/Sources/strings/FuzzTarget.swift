import MemDump

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

/// Keeps what is found.
private struct Runs: FindingSink {
  var runs: [ReferenceStrings.Run] = []

  mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
    let offset = Int(finding.address.rawValue - InputMemory.base)
    let text = text.withUnsafeBytes { Array($0) }
    runs.append(ReferenceStrings.Run(offset: offset, byteCount: Int(finding.byteCount), text: text))
    return true
  }
}

/// The search for texts, and their templates, against the slow reference: the first five bytes choose the encoding and the
/// threads, the shortest length, the chunk, the cuts and the reads.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard input.count > 5 else { return 0 }
  let kind = Int(input[0] % 3)
  let shortest = max(1, Int(input[1] % 80))
  let bytes = Array(input[5...])
  let memory = InputMemory(
    bytes, regionByteCount: input[3] == 0 ? bytes.count : Int(input[3]),
    longestRead: input[4] == 0 ? .max : Int(input[4]))
  let strings = Strings(
    encoding: TextEncoding.allCases[kind], shortest: shortest, chunk: input[2] == 0 ? 4096 : Int(input[2]))
  let reference = ReferenceStrings(
    encoding: ReferenceStrings.Encoding(rawValue: kind) ?? .ascii, shortest: shortest, longest: Strings.longestText)
  let expected = reference.runs(in: bytes)
  var found = Runs()
  var tally = Tally(grouping: .template)
  do throws(MemDumpError) {
    let summary = try strings.run(memory, into: &found)
    precondition(summary.byteCount == UInt64(bytes.count))
    _ = try strings.count(memory, into: &tally)
  } catch { preconditionFailure("\(error)") }
  precondition(found.runs == expected)

  var byteCounts: [[UInt8]: UInt64] = [:]
  for run in expected { byteCounts[ReferenceStrings.template(of: run.text), default: 0] += UInt64(run.byteCount) }
  let rows = tally.rows()
  precondition(rows.count == byteCounts.count)
  precondition(rows.allSatisfy { $0.byteCount == byteCounts[$0.text] })
  return 0
}
