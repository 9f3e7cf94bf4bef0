/// How the fuzz target of literals takes its input apart: texts of ASCII, each ended by a newline, up to an empty one, and then
/// what ``ScanInput`` reads.
public struct LiteralInput {
  /// The texts, no more than a few hundred.
  public let texts: [[UInt8]]
  /// The rest.
  public let memory: [UInt8]

  /// Nil where no empty text ends the list.
  public init?(_ input: [UInt8]) {
    var rest = input[...]
    var texts: [[UInt8]] = []
    while texts.count < 300 {
      guard let end = rest.firstIndex(of: 0x0a) else { return nil }
      let text = Array(rest[..<end])
      rest = rest[(end + 1)...]
      if text.isEmpty {
        (self.texts, memory) = (texts, Array(rest))
        return
      }
      guard text.allSatisfy({ $0 < 0x80 }) else { return nil }
      texts.append(text)
    }
    return nil
  }
}
