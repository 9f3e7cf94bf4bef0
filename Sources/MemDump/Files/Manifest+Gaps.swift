import SystemPackage

extension Manifest.Hole {
  /// The word for memory that was never touched.
  static let untouched = "untouched"
  /// The word for memory of which a core tells without any bytes, because that memory was not asked for.
  static let notSelected = "not-selected"

  /// Makes a hole of memory that was not read; nil for bytes.
  init?(_ gap: Stretch<MemoryRun.Content>) {
    switch gap.content {
    case .bytes: return nil
    case .absent: self.init(range: gap.range, reason: Self.untouched, errno: nil)
    case .unread(let reason):
      self.init(range: gap.range, reason: reason.name, errno: reason.errno.map { Int($0.rawValue) })
    }
  }

  /// The content that the hole stands for.
  var content: MemoryRun.Content {
    switch reason {
    case Self.untouched: .absent
    case "unreadable": .unread(.failed(Errno(rawValue: CInt(clamping: errno ?? 14))))
    case "swapped": .unread(.swapped)
    case "not-resident": .unread(.notResident)
    case "no-answer": .unread(.noAnswer)
    case "device": .unread(.device)
    case "behind-end-of-file": .unread(.behindEndOfFile)
    default: .unread(.notInFile)
    }
  }
}

extension Manifest.Hole: Spanning {}

extension [Manifest.Hole] {
  /// The first hole that ends after an address, as a gap without the part before the address.
  func gap(from address: Address) -> Stretch<MemoryRun.Content>? {
    let index = firstIndex(endingAfter: address)
    guard index < endIndex else { return nil }
    return Stretch(range: self[index].range, content: self[index].content).clamped(to: address..<Address(.max))
  }
}
