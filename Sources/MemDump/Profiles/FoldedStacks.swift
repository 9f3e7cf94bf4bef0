/// Folded stacks: a line for each stack, its frames from the outermost to the innermost with `;` between them, then a blank and
/// the value. The form of flamegraph.pl and of all that followed it.
public enum FoldedStacks {
  /// The lines of the main type of a profile. Stacks that are the same become one line; those of which there is nothing have none.
  public static func bytes(of profile: Profile) -> [UInt8] {
    var order: [[UInt8]] = []
    var values: [[UInt8]: UInt64] = [:]
    for sample in profile.samples where sample.values[profile.mainType] > 0 {
      let stack = Array(sample.frames.map { escaped($0.name) }.joined(separator: CollectionOfOne(separator)))
      if values[stack] == nil { order.append(stack) }
      values[stack, default: 0] &+= sample.values[profile.mainType]
    }
    var bytes: [UInt8] = []
    for stack in order {
      bytes += stack
      bytes.append(UInt8(ascii: " "))
      bytes += Array("\(values[stack] ?? 0)\n".utf8)
    }
    return bytes
  }

  private static let separator = UInt8(ascii: ";")

  /// The name of a frame without what separates frames or lines; see ``EscapedText/bytes(of:)`` for the way back.
  private static func escaped(_ name: String) -> [UInt8] {
    guard !name.isEmpty else { return Array("?".utf8) }
    return name.utf8.flatMap { byte in
      byte == separator
        ? Array(#"\x3b"#.utf8) : byte < 0x20 || byte == 0x7f ? Array(EscapedText([byte]).description.utf8) : [byte]
    }
  }
}
