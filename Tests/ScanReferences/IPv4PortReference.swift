/// The rule of `ipv4-port`: every piece of the text that could be a match is taken apart and printed again.
public struct IPv4PortReference: ScanReference {
  var allowsPortZero: Bool
  var wantsWholeWord: Bool

  /// `allowsPortZero`: port 0 counts; `wantsWholeWord`: a letter or `_` next to a match forbids it.
  public init(allowsPortZero: Bool = false, wantsWholeWord: Bool = false) {
    (self.allowsPortZero, self.wantsWholeWord) = (allowsPortZero, wantsWholeWord)
  }

  /// See ``ScanReference``.
  public func matches(in bytes: [UInt8], at address: UInt64) -> [Range<Int>] {
    var matches: [Range<Int>] = []
    for start in bytes.indices where bytes.mayBeginQuad(start, wantsWholeWord: wantsWholeWord) {
      for end in start + 9...start + 21 where end <= bytes.count {
        guard bytes.mayEndNumber(end, wantsWholeWord: wantsWholeWord) else { continue }
        if isEndpoint(bytes[start..<end]) { matches.append(start..<end) }
      }
    }
    return matches
  }

  /// Whether it is what `printf("%u.%u.%u.%u:%u")` makes.
  private func isEndpoint(_ piece: ArraySlice<UInt8>) -> Bool {
    let halves = piece.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard halves.count == 2, isDottedQuad(halves[0]), let port = decimal(halves[1], upTo: 65535) else { return false }
    return port > 0 || allowsPortZero
  }
}
