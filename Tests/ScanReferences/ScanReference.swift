/// The rule of a pattern, written to be read and not to be fast.
///
/// The references know nothing of the library and were written from the rules alone, so that a test and the fuzz package can
/// hold the scan against them.
public protocol ScanReference: Sendable {
  /// The places of all matches, in order. `address` is that of the first byte; outside of `bytes` is a boundary.
  func matches(in bytes: [UInt8], at address: UInt64) -> [Range<Int>]
}

extension ScanReference {
  /// The places of all matches in bytes that are at no address.
  public func matches(in bytes: [UInt8]) -> [Range<Int>] { matches(in: bytes, at: 0) }
}
