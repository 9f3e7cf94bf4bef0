/// The rule of `url`: at every `://`, the scheme before it and the bytes behind it, cut where the rule says.
public struct URLReference: ScanReference {
  /// There is nothing to choose.
  public init() {}

  /// See ``ScanReference``.
  public func matches(in bytes: [UInt8], at address: UInt64) -> [Range<Int>] {
    let schemes = bytes.indices.compactMap { colon in scheme(in: bytes, before: colon) }
    return schemes.enumerated().compactMap { index, scheme in
      let rest = scheme.upperBound + 3
      var end = bytes.endOfRun(from: rest, isPartOfURL)
      if index + 1 < schemes.count { end = min(end, schemes[index + 1].lowerBound) }
      end = min(end, scheme.lowerBound + 2048)
      while end > rest, isNoEnd(bytes[rest..<end]) { end -= 1 }
      guard end > rest, hasHost(bytes[rest..<end]) else { return nil }
      return scheme.lowerBound..<end
    }
  }

  /// The longest text of 2 to 16 bytes before `://` that begins with a letter.
  private func scheme(in bytes: [UInt8], before colon: Int) -> Range<Int>? {
    guard bytes.has("://", at: colon) else { return nil }
    for start in max(0, colon - 16)..<max(0, colon - 1) where bytes[start].isLetter {
      if bytes[start..<colon].allSatisfy({ $0.isLetter || $0.isDigit || $0.isOne(of: "+.-") }) { return start..<colon }
    }
    return nil
  }

  /// The reserved and the unreserved characters of RFC 3986, and the `%` of those that stand for others.
  private func isPartOfURL(_ byte: UInt8) -> Bool {
    byte.isLetter || byte.isDigit || byte.isOne(of: "-._~:/?#[]@!$&'()*+,;=%")
  }

  /// Whether a text ends in punctuation, or in a bracket that nothing in it opens.
  private func isNoEnd(_ text: ArraySlice<UInt8>) -> Bool {
    guard let last = text.last else { return false }
    if last.isOne(of: ".,;:!?'") { return true }
    for (open, close) in [("(", ")"), ("[", "]")] where last == close.utf8.first {
      var openCount = 0
      for byte in text.dropLast() {
        if byte == open.utf8.first { openCount += 1 }
        if byte == last, openCount > 0 { openCount -= 1 }
      }
      return openCount == 0
    }
    return false
  }

  /// Whether there is a letter or a digit before the first `/`, `?` or `#`.
  private func hasHost(_ text: ArraySlice<UInt8>) -> Bool {
    text.prefix { !$0.isOne(of: "/?#") }.contains { $0.isLetter || $0.isDigit }
  }
}
