/// The rule of `ipv4`: every piece of the text that could be a match is taken apart and printed again.
public struct IPv4Reference: ScanReference {
  var wantsWholeWord: Bool

  /// `wantsWholeWord`: a letter or `_` next to a match forbids it.
  public init(wantsWholeWord: Bool = false) { self.wantsWholeWord = wantsWholeWord }

  /// See ``ScanReference``.
  public func matches(in bytes: [UInt8], at address: UInt64) -> [Range<Int>] {
    var matches: [Range<Int>] = []
    for start in bytes.indices where bytes.mayBeginQuad(start, wantsWholeWord: wantsWholeWord) {
      for end in start + 7...start + 15 where end <= bytes.count {
        guard bytes.mayEndNumber(end, wantsWholeWord: wantsWholeWord) else { continue }
        if isDottedQuad(bytes[start..<end]) { matches.append(start..<end) }
      }
    }
    return matches
  }
}
