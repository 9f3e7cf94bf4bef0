/// An IPv6 address as RFC 5952 writes it: lower case, no leading zeros, the longest run of zero groups as `::`, and an
/// IPv4-mapped address with its dotted quad.
struct IPv6Text: CustomStringConvertible {
  let description: String

  /// - Parameter bytes: the 16 bytes of the address.
  init(_ bytes: [UInt8]) {
    precondition(bytes.count == 16)
    if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff {
      description = "::ffff:" + bytes.suffix(4).map { String($0) }.joined(separator: ".")
      return
    }
    let groups = (0..<8).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
    let gap = Self.longestGap(groups)
    func text(_ range: Range<Int>) -> String { groups[range].map { String($0, radix: 16) }.joined(separator: ":") }
    description = gap.isEmpty ? text(0..<8) : text(0..<gap.lowerBound) + "::" + text(gap.upperBound..<8)
  }

  /// The 16 bytes of an address in any text form of RFC 4291, without a zone; nil for any other text.
  static func bytes(of text: ArraySlice<UInt8>) -> [UInt8]? {
    guard let gap = text.indices.dropLast().first(where: { text[$0] == colon && text[$0 + 1] == colon }) else {
      return groups(text).flatMap { $0.count == 16 ? $0 : nil }
    }
    guard let front = groups(text[..<gap]), let back = groups(text[(gap + 2)...]), front.count + back.count < 16 else {
      return nil
    }
    return front + Array(repeating: 0, count: 16 - front.count - back.count) + back
  }

  private static let colon = UInt8(ascii: ":")

  /// The bytes of groups with single colons between them; the last group may be a dotted quad.
  private static func groups(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    if text.isEmpty { return [] }
    var bytes: [UInt8] = []
    let groups = text.split(separator: colon, omittingEmptySubsequences: false)
    for (index, group) in groups.enumerated() {
      let isLast = index == groups.count - 1
      guard let more = isLast && group.contains(UInt8(ascii: ".")) ? quad(group) : self.group(group) else { return nil }
      bytes += more
    }
    return bytes
  }

  private static func group(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
    guard (1...4).contains(digits.count), let value = number(digits, radix: 16) else { return nil }
    return [UInt8(value >> 8), UInt8(value & 0xff)]
  }

  private static func quad(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let octets = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .compactMap { octet in number(octet, radix: 10).flatMap { octet.count <= 3 ? UInt8(exactly: $0) : nil } }
    return octets.count == 4 && text.count { $0 == UInt8(ascii: ".") } == 3 ? octets : nil
  }

  /// The number that `digits` is: digits and nothing else, not even the sign that an initializer would take.
  private static func number(_ digits: ArraySlice<UInt8>, radix: Int) -> UInt16? {
    guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
    return UInt16(String(decoding: digits, as: UTF8.self), radix: radix)
  }

  /// The first of the longest runs of at least two zero groups; an empty range without such a run.
  private static func longestGap(_ groups: [UInt16]) -> Range<Int> {
    var longest = 0..<0
    var start = 0
    while start < groups.count {
      let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
      if end - start >= 2, end - start > longest.count { longest = start..<end }
      start = max(end, start) + 1
    }
    return longest
  }
}
