/// The rule of `ipv4-port`, written to be read and not to be fast: every piece of the text that could be a match is taken
/// apart and printed again.
///
/// It knows nothing of the library, so that the fuzz package can use this very file.
struct ReferenceScan {
  var allowsPortZero = false
  var wantsWholeWord = false

  /// The places of all matches, in order.
  func matches(in bytes: [UInt8]) -> [Range<Int>] {
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
    guard piece.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }) else { return false }
    let halves = piece.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard halves.count == 2 else { return false }
    let octets = halves[0].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard octets.count == 4, octets.allSatisfy({ number($0, upTo: 255) != nil }) else { return false }
    guard let port = number(halves[1], upTo: 65535) else { return false }
    return port > 0 || allowsPortZero
  }

  /// The number, if it is written as printf writes it.
  private func number(_ digits: ArraySlice<UInt8>, upTo limit: Int) -> Int? {
    let text = String(decoding: digits, as: UTF8.self)
    guard digits.allSatisfy(isDigit), let number = Int(text), String(number) == text else { return nil }
    return number <= limit ? number : nil
  }

  private func isOpenOnTheLeft(_ bytes: [UInt8], _ start: Int) -> Bool {
    guard start > 0 else { return true }
    let before = bytes[start - 1]
    return !isDigit(before) && before != UInt8(ascii: ".") && !(wantsWholeWord && isLetter(before))
  }

  private func isOpenOnTheRight(_ bytes: [UInt8], _ end: Int) -> Bool {
    guard end < bytes.count else { return true }
    let behind = bytes[end]
    if isDigit(behind) || (wantsWholeWord && isLetter(behind)) { return false }
    return behind != UInt8(ascii: ".") || end + 1 == bytes.count || !isDigit(bytes[end + 1])
  }

  private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || byte == UInt8(ascii: "_")
  }
}
