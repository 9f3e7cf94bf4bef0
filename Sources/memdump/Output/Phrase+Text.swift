import MemDump

extension Phrase {
  /// The words of the phrase, with figures as they are written everywhere in the output.
  var text: String {
    parts.map { part in
      switch part {
      case .text(let words): words
      case .count(let count, let noun): noun.map { counted(count, $0) } ?? grouped(count)
      case .bytes(let byteCount): ByteSize(byteCount).description
      }
    }.joined()
  }
}
