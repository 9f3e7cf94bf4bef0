import FuzzSupport
import MemDump
import ScanReferences

/// Keeps what is found, and where.
private struct Places: FindingSink {
  var places: [(UInt64, Int)] = []

  mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
    places.append((finding.address.rawValue, finding.pattern))
    return true
  }
}

/// Several texts at once against each by itself, slowly. The texts are those of the input up to an empty one, each ended by a
/// newline; four bytes before them choose how to scan the rest.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = LiteralInput(Array(UnsafeBufferPointer(start: start, count: count)))
  guard let input, let scanned = ScanInput(input.memory) else { return 0 }
  let patterns = input.texts.compactMap {
    BytesPattern(text: String(decoding: $0, as: UTF8.self), ignoringCase: scanned.allowsPortZero)
  }
  guard patterns.count == input.texts.count, patterns.count > 1 else { return 0 }
  let expected = input.texts.enumerated().flatMap { index, text in
    LiteralReference(text, ignoringCase: scanned.allowsPortZero).matches(in: scanned.bytes).map {
      (scanned.address + UInt64($0.lowerBound), index)
    }
  }.sorted { $0 < $1 }
  var found = Places()
  let scan = Scan(patterns: patterns, chunk: scanned.chunk, threads: scanned.threads)
  do throws(MemDumpError) {
    _ = try scan.run(InputMemory(scanned.pieces, longestRead: scanned.longestRead), into: &found)
  } catch { preconditionFailure("\(error)") }
  precondition(found.places.elementsEqual(expected) { $0 == $1 })
  return 0
}
