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
  func places(in bytes: [UInt8], at start: UInt64) -> [FoundPlace] {
    reference.matches(in: bytes, at: start).map { FoundPlace(pattern: 0, address: start + UInt64($0.lowerBound)) }
  }
}

/// Where a scan found something.
struct FoundPlace: Hashable {
  var pattern: Int
  var address: UInt64
}

extension Scan {
  /// Where a scan of the whole source finds something.
  func places(_ source: any MemorySource, ranges: [Range<Address>]? = nil) throws(MemDumpError) -> [FoundPlace] {
    var list = FindingRecorder()
    _ = try run(source, ranges: ranges, into: &list)
    return list.findings.map { FoundPlace(pattern: $0.pattern, address: $0.address.rawValue) }
  }
}
