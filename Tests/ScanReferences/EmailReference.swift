/// The rule of `email`: at every `@`, the whole run before it and the longest name behind it.
public struct EmailReference: ScanReference {
  /// There is nothing to choose.
  public init() {}

  /// See ``ScanReference``.
  public func matches(in bytes: [UInt8], at address: UInt64) -> [Range<Int>] {
    bytes.indices.compactMap { sign in
      guard let match = text(in: bytes, around: sign) else { return nil }
      return text(in: bytes, around: match.lowerBound - 1) == nil ? match : nil
    }
  }

  /// The address around an `@`, with nothing said of what stands before it.
  private func text(in bytes: [UInt8], around sign: Int) -> Range<Int>? {
    guard bytes.byte(sign) == UInt8(ascii: "@") else { return nil }
    let start = bytes.startOfRun(before: sign) { $0.isLetter || $0.isDigit || $0.isOne(of: "._%+-") }
    guard isLocalPart(bytes[start..<sign]) else { return nil }
    let run = bytes.endOfRun(from: sign + 1, \.isPartOfHostName)
    // A dot that no label follows is not part of it.
    var end = sign + 1
    while end < run, !(bytes[end] == UInt8(ascii: ".") && (end + 1 == run || bytes[end + 1] == UInt8(ascii: "."))) {
      end += 1
    }
    return isDomain(bytes[sign + 1..<end]) ? start..<end : nil
  }

  private func isLocalPart(_ text: ArraySlice<UInt8>) -> Bool {
    let atoms = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return text.count <= 64 && atoms.allSatisfy { !$0.isEmpty }
  }

  private func isDomain(_ name: ArraySlice<UInt8>) -> Bool {
    guard let labels = labels(ofHostName: name), labels.count > 1, let last = labels.last else { return false }
    return (2...24).contains(last.count) && last.allSatisfy(\.isLetter)
  }
}
