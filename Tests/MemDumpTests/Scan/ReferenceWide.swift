/// The rule of `--wide`, written to be read: two texts, of the units at even places and of those at odd ones.
///
/// It knows nothing of the library, so that the fuzz package can use this very file.
struct ReferenceWide {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The places at which a rule for bytes has matches in either text, in order.
  func matches(_ rule: ([UInt8]) -> [Range<Int>]) -> [Range<Int>] {
    (0...1).flatMap { parity in
      let starts = Array(stride(from: parity, to: max(parity, bytes.count - 1), by: 2))
      let text = starts.map { bytes[$0 + 1] == 0 && bytes[$0] < 0x80 ? bytes[$0] : 0x80 }
      return rule(text).map { parity + 2 * $0.lowerBound..<parity + 2 * $0.upperBound }
    }.sorted { $0.lowerBound < $1.lowerBound }
  }
}
