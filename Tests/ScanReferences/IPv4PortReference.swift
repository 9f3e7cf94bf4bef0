/// The rule of `ipv4-port`: every piece of the text that could be a match is taken apart and printed again.
public struct IPv4PortReference: ScanReference {
  var allowsPortZero: Bool
  var wantsWholeWord: Bool

  public init(allowsPortZero: Bool = false, wantsWholeWord: Bool = false) {
    (self.allowsPortZero, self.wantsWholeWord) = (allowsPortZero, wantsWholeWord)
  }

  public func matches(in bytes: [UInt8], at address: UInt64) -> [Range<Int>] {
    var matches: [Range<Int>] = []
    for start in bytes.indices where isOpenOnTheLeft(bytes, start) {
      for end in start + 9...start + 21 where end <= bytes.count {
        if isOpenOnTheRight(bytes, end), isEndpoint(bytes[start..<end]) { matches.append(start..<end) }
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

  private func isOpenOnTheLeft(_ bytes: [UInt8], _ start: Int) -> Bool {
    guard bytes[start].isDigit else { return false }
    guard let before = bytes.byte(start - 1) else { return true }
    return !before.isDigit && before != UInt8(ascii: ".") && !(wantsWholeWord && before.isPartOfWord)
  }

  private func isOpenOnTheRight(_ bytes: [UInt8], _ end: Int) -> Bool {
    guard let behind = bytes.byte(end) else { return true }
    if behind.isDigit || (wantsWholeWord && behind.isPartOfWord) { return false }
    return behind != UInt8(ascii: ".") || bytes.byte(end + 1)?.isDigit != true
  }
}
