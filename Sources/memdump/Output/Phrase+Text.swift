import MemDump

extension Phrase {
  /// The words, with figures as they are written everywhere here.
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
