extension PatternCases {
  private static let separators = [
    " ", "\u{0}", "x", "_", "-", "\u{ff}", "..", "::", ":", ",", ". ", "@", "/", "[", ")", "7",
  ]

  /// The bytes that matter to the pattern: those of its table, each once.
  var alphabet: [UInt8] { Array(Set(cases.flatMap { latin1($0.text) })).sorted() }

  /// The texts of the table one behind the other, some of them torn or changed, with something between them or not: matches
  /// and near misses are frequent.
  func randomBytes(pieceCount: Int, using generator: inout SeededGenerator) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<pieceCount {
      bytes += randomPiece(using: &generator)
      if isBinary {
        let isAligned = Int.random(in: 0..<8, using: &generator) > 0
        while isAligned, bytes.count % 4 != 0 { bytes.append(0) }
      } else if Int.random(in: 0..<4, using: &generator) > 0 {
        bytes += latin1(Self.separators.randomElement(using: &generator) ?? "")
      }
    }
    return bytes
  }

  /// Small pieces mostly, long ones now and then.
  private func randomPiece(using generator: inout SeededGenerator) -> [UInt8] {
    var piece = latin1(cases.randomElement(using: &generator)?.text ?? "")
    for _ in 0..<8 where piece.count > 90 { piece = latin1(cases.randomElement(using: &generator)?.text ?? "") }
    guard !piece.isEmpty else { return piece }
    switch Int.random(in: 0..<8, using: &generator) {
    case 0: return Array(piece[Int.random(in: piece.indices, using: &generator)...])
    case 1: return Array(piece[...Int.random(in: piece.indices, using: &generator)])
    case 2:
      let byte = latin1(cases.randomElement(using: &generator)?.text ?? "").randomElement(using: &generator)
      piece[Int.random(in: piece.indices, using: &generator)] = byte ?? UInt8.random(in: 0...255, using: &generator)
      return piece
    default: return piece
    }
  }
}
