/// The rule of `url`: at every `://`, or `:\/\/` of JSON, the scheme before it and the bytes behind it, cut where the rule says.
public struct URLReference: ScanReference {
  /// There is nothing to choose.
  public init() {}

  /// See ``ScanReference``.
  public func matches(in bytes: [UInt8], at address: UInt64) -> [Range<Int>] {
    let schemes = bytes.indices.compactMap { colon in scheme(in: bytes, before: colon) }
    return schemes.enumerated().compactMap { index, scheme in
      let isEscaped = bytes.has(Self.escapedSeparator, at: scheme.upperBound)
      let rest = scheme.upperBound + (isEscaped ? Self.escapedSeparator : Self.separator).utf8.count
      var limit = scheme.lowerBound + 2048
      if index + 1 < schemes.count { limit = min(limit, schemes[index + 1].lowerBound) }
      var end = rest
      while let length = characterLength(bytes, end, isEscaped), end + length <= limit { end += length }
      while end > rest, isNoEnd(bytes[rest..<end]) { end -= 1 }
      guard end > rest, hasHost(bytes[rest..<end]) else { return nil }
      return scheme.lowerBound..<end
    }
  }

  private static let separator = "://"
  private static let escapedSeparator = #":\/\/"#

  /// The longest text of 2 to 16 bytes before `://` that begins with a letter, but of what ends in `http` or `https` only that,
  /// unless a `+` makes it a scheme of its own.
  private func scheme(in bytes: [UInt8], before colon: Int) -> Range<Int>? {
    guard bytes.has(Self.separator, at: colon) || bytes.has(Self.escapedSeparator, at: colon) else { return nil }
    for start in max(0, colon - 16)..<max(0, colon - 1) where bytes[start].isLetter {
      guard bytes[start..<colon].allSatisfy({ $0.isLetter || $0.isDigit || $0.isOne(of: "+.-") }) else { continue }
      let text = String(decoding: bytes[start..<colon], as: UTF8.self).lowercased()
      for known in ["http", "https"] where text.hasSuffix(known) && !text.hasSuffix("+" + known) {
        return colon - known.count..<colon
      }
      return start..<colon
    }
    return nil
  }

  /// The length of the character of a URL at an index; nil where there is none.
  private func characterLength(_ bytes: [UInt8], _ index: Int, _ isEscaped: Bool) -> Int? {
    guard let byte = bytes.byte(index) else { return nil }
    if isPartOfURL(byte) { return 1 }
    if isEscaped, bytes.has(#"\/"#, at: index) { return 2 }
    for length in 2...4 where index + length <= bytes.count {
      guard let text = String(validating: bytes[index..<index + length], as: UTF8.self),
        text.unicodeScalars.count == 1, let scalar = text.unicodeScalars.first
      else { continue }
      return isPartOfURL(scalar) ? length : nil
    }
    return nil
  }

  /// Whether people write a character in a URL and not around it.
  private func isPartOfURL(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0xc0, 0x2000..<0x2070, 0x3000..<0x3040, 0xd800..<0xf900, 0xfe00..<0xfe70, 0xfeff..<0xff66,
      0xffdd..<0x10000, 0xe0000...:
      false
    default: true
    }
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

  /// Whether there is a letter, a digit or a byte beyond ASCII before the first `/`, `?` or `#`.
  private func hasHost(_ text: ArraySlice<UInt8>) -> Bool {
    text.prefix { !$0.isOne(of: #"/?#\"#) }.contains { $0.isLetter || $0.isDigit || $0 >= 0x80 }
  }
}
