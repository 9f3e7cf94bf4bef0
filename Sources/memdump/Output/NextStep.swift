import MemDump

/// The command that goes on from what another one found.
struct NextStep: Sendable {
  private let words: [String]

  /// The step; nil where a word of it is not there.
  init?(_ words: String?...) {
    self.words = words.compactMap(\.self)
    if self.words.count < words.count { return nil }
  }

  /// The word for a file, which must not look like a process.
  static func word(for path: String) -> String {
    path.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } || path.hasPrefix("-")
      ? "./" + path : path
  }

  /// The word for a text as the value of an option; nil where it looks like an option itself.
  static func word(forText bytes: [UInt8]) -> String? {
    let text = EscapedText(bytes).description
    return text.hasPrefix("-") ? nil : text
  }

  /// The command line, as a shell takes it; nil where a word cannot be told as it is.
  var line: String? {
    let words = words.map(Self.quoted)
    return words.contains(nil) ? nil : (["memdump"] + words.compactMap(\.self)).joined(separator: " ")
  }

  private static func quoted(_ word: String) -> String? {
    guard !word.isEmpty, EscapedText(word.utf8).description == word else { return nil }
    let isPlain = word.utf8.allSatisfy { byte in
      let character = Character(Unicode.Scalar(byte))
      return character.isLetter && character.isASCII || character.isNumber || "-_./:,=+@%".contains(character)
    }
    return isPlain
      ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}

extension NextStep {
  /// The step from a count of a text to its places.
  static func occurrences(of row: Tally.Row, _ kind: ScanReport.Kind, in source: String) -> NextStep? {
    let pattern = try? Patterns.pattern(named: kind.name)
    var meaning: [UInt8] = []
    // What is printed as it stands in memory is looked for by its bytes.
    let isWritten = pattern.map { unsafe $0.write(row.text.span.bytes, to: &meaning) || $0.wholeWord == nil } ?? false
    let isVerbatim = row.byteCount == row.count * UInt64(row.text.count) && !kind.isWide && !isWritten
    return isVerbatim
      ? NextStep("scan", source, "--find", word(forText: row.text), "--each", "--context", "32")
      : NextStep("scan", source, "--pattern", pattern?.name, "--each", "--context", "32")
  }

  /// The step from counts of texts: to their templates, and from these to the places of an example.
  static func texts(like row: Tally.Row, grouping: Tally.Grouping, in source: String) -> NextStep? {
    switch grouping {
    case .text, .textByBytes: NextStep("strings", source, "--template")
    case .template:
      row.example.count > longestExample
        ? nil : NextStep("scan", source, "--find", word(forText: row.example), "--each", "--context", "32")
    }
  }

  /// The length of an example that somebody may want to read in a command, in bytes.
  private static let longestExample = 100
}
