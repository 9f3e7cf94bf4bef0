public import MemDump
public import ScanReferences

/// Keeps where findings are, and checks that they can be printed.
private struct Places: FindingSink {
  var starts: [UInt64] = []

  mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
    precondition(text.byteCount > 0)
    starts.append(finding.address.rawValue)
    return true
  }
}

/// The matches by calls of the pattern itself, each with a list of so small a capacity that it is full at times.
private func places(_ pattern: any Pattern, in input: ScanInput) -> [Range<Int>] {
  var places: [Range<Int>] = []
  var from = 0
  while from < input.bytes.count {
    var matches = MatchList(capacity: 3)
    let bytes = input.bytes.span.bytes
    pattern.scan(bytes, base: Address(input.address), from: &from, to: bytes.byteCount, into: &matches)
    for index in 0..<matches.count {
      let start = Int(matches[index].offset)
      places.append(start..<start + Int(matches[index].length))
    }
  }
  return places
}

/// Holds a pattern against its reference: by itself, and in a scan of memory that the input cuts as it likes.
public func check(
  _ start: UnsafePointer<UInt8>?, _ count: Int, _ choose: (ScanInput) -> (any Pattern, any ScanReference)
) -> CInt {
  guard let input = ScanInput(Array(UnsafeBufferPointer(start: start, count: count))) else { return 0 }
  let (pattern, reference) = choose(input)
  let expected = reference.matches(in: input.bytes, at: input.address)
  precondition(places(pattern, in: input) == expected)
  var found = Places()
  let scan = Scan(patterns: [pattern], chunk: input.chunk, threads: input.threads)
  do throws(MemDumpError) {
    let summary = try scan.run(InputMemory(input.pieces, longestRead: input.longestRead), into: &found)
    precondition(summary.byteCount == UInt64(input.bytes.count))
  } catch { preconditionFailure("\(error)") }
  precondition(found.starts == expected.map { input.address + UInt64($0.lowerBound) })
  return 0
}
