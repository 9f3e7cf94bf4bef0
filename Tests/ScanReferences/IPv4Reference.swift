/// The rule of `ipv4`: every piece of the text that could be a match is taken apart and printed again.
public struct IPv4Reference: ScanReference {
  var wantsWholeWord: Bool

  public init(wantsWholeWord: Bool = false) { self.wantsWholeWord = wantsWholeWord }

  public func matches(in bytes: [UInt8], at address: UInt64) -> [Range<Int>] {
    var matches: [Range<Int>] = []
    for start in bytes.indices where isOpenOnTheLeft(bytes, start) {
      for end in start + 7...start + 15 where end <= bytes.count {
        if isOpenOnTheRight(bytes, end), isDottedQuad(bytes[start..<end]) { matches.append(start..<end) }
      }
    }
    return matches
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
