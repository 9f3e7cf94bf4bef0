public import MemDump

/// Keeps where findings are, with the length of what is written.
private struct Places: FindingSink {
  var places: [Range<Int>] = []

  mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
    let start = Int(finding.address.rawValue - base)
    places.append(start..<start + text.byteCount)
    return true
  }
}

private let base: UInt64 = 0x10000

/// Where a scan finds a pattern in bytes, with the length of what it writes. Three bytes of the input choose the chunk, the
/// cuts and the reads.
public func places(of pattern: any Pattern, in bytes: [UInt8], _ choices: ArraySlice<UInt8>) -> [Range<Int>] {
  guard !bytes.isEmpty else { return [] }
  let choices = choices.map(Int.init)
  let size = choices[1] == 0 ? bytes.count : choices[1]
  var pieces: [UInt64: [UInt8]] = [:]
  for start in stride(from: 0, to: bytes.count, by: size) {
    pieces[base + UInt64(start)] = Array(bytes[start..<min(bytes.count, start + size)])
  }
  let memory = InputMemory(pieces, longestRead: choices[2] == 0 ? .max : choices[2])
  let scan = Scan(patterns: [pattern], chunk: choices[0] == 0 ? 4096 : choices[0])
  var found = Places()
  do throws(MemDumpError) {
    let summary = try scan.run(memory, into: &found)
    precondition(summary.byteCount == UInt64(bytes.count))
  } catch { preconditionFailure("\(error)") }
  return found.places
}
