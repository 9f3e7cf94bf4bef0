@testable import MemDump

extension Pattern {
  /// Where it matches in bytes that begin at an address, asked as a scan asks: part by part, with a list of a fixed size.
  ///
  /// - Parameters:
  ///   - owned: where anchors count; nil for everywhere.
  ///   - capacity: how many matches are taken at once.
  func places(in bytes: [UInt8], at address: UInt64 = 0, owned: Range<Int>? = nil, capacity: Int = 4096) -> [Range<Int>]
  {
    let owned = owned ?? 0..<bytes.count
    var matches = MatchList(capacity: capacity)
    var places: [Range<Int>] = []
    var from = owned.lowerBound
    while from < owned.upperBound {
      matches.removeAll()
      scan(bytes.span.bytes, base: Address(address), from: &from, to: owned.upperBound, into: &matches)
      for index in 0..<matches.count {
        places.append(Int(matches[index].offset)..<Int(matches[index].offset + matches[index].length))
      }
    }
    return places
  }

  /// The bytes of its matches, one character each.
  func texts(in text: String) -> [String] {
    let bytes = latin1(text)
    return places(in: bytes).map { Array(bytes[$0]).latin1 }
  }

  /// Where its matches begin.
  func starts(in text: String) -> [Int] { places(in: latin1(text)).map(\.lowerBound) }
}
