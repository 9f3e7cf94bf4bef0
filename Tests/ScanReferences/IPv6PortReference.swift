/// The rule of `ipv6-port`: what stands between a bracket and the next one is split at its colons.
public struct IPv6PortReference: ScanReference {
  var wantsWholeWord: Bool

  /// `wantsWholeWord`: a letter or `_` next to a match forbids it.
  public init(wantsWholeWord: Bool = false) { self.wantsWholeWord = wantsWholeWord }

  /// See ``ScanReference``.
  public func matches(in bytes: [UInt8], at address: UInt64) -> [Range<Int>] {
    var matches: [Range<Int>] = []
    for open in bytes.indices where bytes[open] == UInt8(ascii: "[") {
      let close = bytes.endOfRun(from: open + 1) { !$0.isOne(of: "[]") }
      guard bytes.has("]:", at: close), isAddress(bytes[open + 1..<close]) else { continue }
      if let end = bytes.endOfPort(behind: close + 1, allowsZero: false, wantsWholeWord: wantsWholeWord) {
        matches.append(open..<end)
      }
    }
    return matches
  }

  /// An address, and perhaps `%` and a zone.
  private func isAddress(_ text: ArraySlice<UInt8>) -> Bool {
    let parts = text.split(separator: UInt8(ascii: "%"), maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = parts.first else { return false }
    if let zone = parts.dropFirst().first {
      guard (1...15).contains(zone.count) else { return false }
      guard zone.allSatisfy({ $0.isLetter || $0.isDigit || $0.isOne(of: "._-") }) else { return false }
    }
    // Where the "::" is, if there is one; ":::" and a second one make empty groups, which are none.
    for gap in address.indices.dropLast() where address[gap] == UInt8(ascii: ":") && address[gap + 1] == address[gap] {
      let (left, right) = (address[..<gap], address[(gap + 2)...])
      guard let before = groupCount(left, mayEndInQuad: false) else { return false }
      guard let behind = groupCount(right, mayEndInQuad: true) else { return false }
      return before + behind <= 7
    }
    return groupCount(address, mayEndInQuad: true) == 8
  }

  /// How many groups of 16 bits a text has, none if it is empty; nil where something in it is not a group.
  private func groupCount(_ text: ArraySlice<UInt8>, mayEndInQuad: Bool) -> Int? {
    if text.isEmpty { return 0 }
    let groups = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    var count = 0
    for (index, group) in groups.enumerated() {
      if mayEndInQuad, index == groups.count - 1, isDottedQuad(group) {
        count += 2
      } else {
        guard (1...4).contains(group.count), group.allSatisfy(\.isHexadecimal) else { return nil }
        count += 1
      }
    }
    return count
  }
}
