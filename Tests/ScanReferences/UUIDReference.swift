/// The rule of `uuid`: at every place, five whole runs of hexadecimal digits with a dash between them.
public struct UUIDReference: ScanReference {
  var wantsWholeWord: Bool

  /// `wantsWholeWord`: a letter or `_` next to a match forbids it.
  public init(wantsWholeWord: Bool = false) { self.wantsWholeWord = wantsWholeWord }

  /// See ``ScanReference``.
  public func matches(in bytes: [UInt8], at address: UInt64) -> [Range<Int>] {
    bytes.indices.compactMap { start in
      guard bytes.byte(start - 1)?.isHexadecimal != true else { return nil }
      var end = start
      for (index, digitCount) in [8, 4, 4, 4, 12].enumerated() {
        if index > 0 {
          guard bytes.byte(end) == UInt8(ascii: "-") else { return nil }
          end += 1
        }
        let groupEnd = bytes.endOfRun(from: end, \.isHexadecimal)
        guard groupEnd - end == digitCount else { return nil }
        end = groupEnd
      }
      let neighbours = [bytes.byte(start - 1), bytes.byte(end)].compactMap(\.self)
      return wantsWholeWord && neighbours.contains(where: \.isPartOfWord) ? nil : start..<end
    }
  }
}
