/// The rule of `host-port`: at every colon, the whole run of the bytes of a name before it and the port behind it.
public struct HostPortReference: ScanReference {
  var wantsWholeWord: Bool

  /// `wantsWholeWord`: a letter or `_` next to a match forbids it.
  public init(wantsWholeWord: Bool = false) { self.wantsWholeWord = wantsWholeWord }

  /// See ``ScanReference``.
  public func matches(in bytes: [UInt8], at address: UInt64) -> [Range<Int>] {
    bytes.indices.compactMap { colon in
      guard let match = text(in: bytes, around: colon) else { return nil }
      // "a.b:1.c:2" is "a.b:1".
      return text(in: bytes, around: match.lowerBound - 1) == nil ? match : nil
    }
  }

  /// The name and the port around a colon, with nothing said of what stands before the name.
  private func text(in bytes: [UInt8], around colon: Int) -> Range<Int>? {
    guard bytes.byte(colon) == UInt8(ascii: ":") else { return nil }
    let start = bytes.startOfRun(before: colon, \.isPartOfHostName)
    guard start < colon, isName(bytes[start..<colon]) || isAbsoluteName(bytes[start..<colon]) else { return nil }
    guard let end = bytes.endOfPort(behind: colon, allowsZero: false, wantsWholeWord: wantsWholeWord) else {
      return nil
    }
    return isTimeOfDay(bytes, colon, end) ? nil : start..<end
  }

  /// With the dot of the root behind it.
  private func isAbsoluteName(_ name: ArraySlice<UInt8>) -> Bool {
    name.last == UInt8(ascii: ".") && isName(name.dropLast())
  }

  private func isName(_ name: ArraySlice<UInt8>) -> Bool {
    guard let labels = labels(ofHostName: name), let last = labels.last, last.contains(where: \.isLetter) else {
      return false
    }
    return labels.count > 1 || name.elementsEqual("localhost".utf8)
  }

  /// `12:34:56` at the end of a name: two digits of their own, a port of two, a colon and two more.
  private func isTimeOfDay(_ bytes: [UInt8], _ colon: Int, _ end: Int) -> Bool {
    let hour = bytes.startOfRun(before: colon, \.isDigit)
    guard colon - hour == 2, end - colon == 3, bytes.byte(end) == UInt8(ascii: ":") else { return false }
    return bytes.endOfRun(from: end + 1, \.isDigit) >= end + 3
  }
}
