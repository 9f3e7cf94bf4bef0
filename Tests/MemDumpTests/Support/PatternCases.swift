import ScanReferences
import Testing

@testable import MemDump

/// A pattern with its reference, and a table of what stands in memory and what is found there. The tables are in Scan/Cases,
/// one for each pattern, and one for each of its options.
struct PatternCases: Sendable, CustomTestStringConvertible {
  /// A text and the matches it holds, separated by blanks. Characters up to U+00FF are one byte each.
  typealias Case = (text: String, matches: String)

  let pattern: any Pattern
  let reference: any ScanReference
  let cases: [Case]

  init(_ pattern: any Pattern, _ reference: any ScanReference, _ cases: [Case]) {
    (self.pattern, self.reference, self.cases) = (pattern, reference, cases)
  }

  static let all = [
    ipv4Port, ipv4PortZero, ipv4PortWords, socketAddress, ipv4, ipv4Words, ipv6Port, ipv6PortWords, hostPort,
    hostPortWords, url, email, uuid, uuidWords,
  ]

  var testDescription: String { "\(pattern)" }

  /// Whether it looks for structures at aligned addresses and not for text.
  var isBinary: Bool { pattern is SocketAddress }

  /// What a table says of bytes that were found: their text, or what they mean where they are none.
  func text(of match: [UInt8]) -> String {
    var text: [UInt8] = []
    return (isBinary && pattern.write(match.span.bytes, to: &text) ? text : match).latin1
  }

  /// What a scan of bytes at an address should find.
  func places(in bytes: [UInt8], at start: UInt64) -> [Place] {
    reference.matches(in: bytes, at: start).map { Place(pattern: 0, address: start + UInt64($0.lowerBound)) }
  }
}

extension Pattern {
  /// The places of the matches whose anchor lies in `owned`, by calls of the pattern itself.
  func places(
    in bytes: [UInt8], at base: UInt64 = 0, owned: Range<Int>? = nil, capacity: Int = 4096
  ) -> [Range<Int>] {
    let owned = owned ?? 0..<bytes.count
    var matches = MatchList(capacity: capacity)
    var places: [Range<Int>] = []
    var from = owned.lowerBound
    while from < owned.upperBound {
      matches.removeAll()
      scan(bytes.span.bytes, base: Address(base), from: &from, to: owned.upperBound, into: &matches)
      for index in 0..<matches.count {
        places.append(Int(matches[index].offset)..<Int(matches[index].offset + matches[index].length))
      }
    }
    return places
  }
}

/// Where a scan found something.
struct Place: Hashable {
  var pattern: Int
  var address: UInt64
}

extension Scan {
  /// Where a scan of the whole source finds something.
  func places(_ source: any MemorySource, ranges: [Range<Address>]? = nil) throws(MemDumpError) -> [Place] {
    var list = FindingRecorder()
    _ = try run(source, ranges: ranges, into: &list)
    return list.findings.map { Place(pattern: $0.pattern, address: $0.address.rawValue) }
  }
}
