// What the references say of bytes.

extension UInt8 {
  var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

  var isLetter: Bool {
    self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") || self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z")
  }

  var isHexadecimal: Bool {
    isDigit || self >= UInt8(ascii: "A") && self <= UInt8(ascii: "F")
      || self >= UInt8(ascii: "a") && self <= UInt8(ascii: "f")
  }

  /// A letter or `_`: what may not stand next to a whole word.
  var isPartOfWord: Bool { isLetter || self == UInt8(ascii: "_") }

  func isOne(of characters: StaticString) -> Bool {
    characters.withUTF8Buffer { $0.contains(self) }
  }
}

extension [UInt8] {
  /// The byte at an index; nil outside.
  func byte(_ index: Int) -> UInt8? { index >= 0 && index < count ? self[index] : nil }

  /// Where the run of such bytes ends that begins at an index.
  func endOfRun(from index: Int, _ belongs: (UInt8) -> Bool) -> Int {
    var end = index
    while let byte = byte(end), belongs(byte) { end += 1 }
    return end
  }

  /// Where the run of such bytes begins that ends at an index.
  func startOfRun(before index: Int, _ belongs: (UInt8) -> Bool) -> Int {
    var start = index
    while let byte = byte(start - 1), belongs(byte) { start -= 1 }
    return start
  }

  /// Whether there is a text at an index.
  func has(_ text: String, at index: Int) -> Bool {
    index >= 0 && index + text.utf8.count <= count && self[index...].starts(with: text.utf8)
  }

  /// Whether a dotted quad may begin at an index: neither a digit nor a dot stands before it.
  func mayBeginQuad(_ index: Int, wantsWholeWord: Bool) -> Bool {
    guard let before = byte(index - 1) else { return true }
    return !before.isDigit && before != UInt8(ascii: ".") && !(wantsWholeWord && before.isPartOfWord)
  }

  /// Whether a number may end before an index: no digit stands there, and no dot with a digit behind it.
  func mayEndNumber(_ index: Int, wantsWholeWord: Bool) -> Bool {
    guard let behind = byte(index) else { return true }
    if behind.isDigit || (wantsWholeWord && behind.isPartOfWord) { return false }
    return behind != UInt8(ascii: ".") || byte(index + 1)?.isDigit != true
  }

  /// Where the port behind a colon ends: a whole run of digits, 1–65535 without leading zeros, where a number may end. Nil where there is none.
  func endOfPort(behind colon: Int, allowsZero: Bool, wantsWholeWord: Bool) -> Int? {
    let end = endOfRun(from: colon + 1, \.isDigit)
    guard let port = decimal(self[colon + 1..<end], upTo: 65535), port > 0 || allowsZero else { return nil }
    return mayEndNumber(end, wantsWholeWord: wantsWholeWord) ? end : nil
  }
}

/// The number, if it is written as printf writes it and no larger than `limit`.
func decimal(_ digits: ArraySlice<UInt8>, upTo limit: Int) -> Int? {
  let text = String(decoding: digits, as: UTF8.self)
  guard digits.allSatisfy(\.isDigit), let number = Int(text), String(number) == text else { return nil }
  return number <= limit ? number : nil
}

/// Whether it is what `printf("%u.%u.%u.%u")` makes of four octets.
func isDottedQuad(_ text: ArraySlice<UInt8>) -> Bool {
  let octets = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
  return octets.count == 4 && octets.allSatisfy { decimal($0, upTo: 255) != nil }
}
