// Texts by the columns that they take up in a terminal, and made to fit into so many.

extension Unicode.Scalar {
  /// The number of columns of a terminal that the character takes up: 2 for Wide and Fullwidth ones (East Asian Width), 0
  /// for combining marks and for the vowels and final consonants of Hangul, which join what stands before them; else 1.
  var columnCount: Int {
    if value < 0x300 { return 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    if (0x1160...0x11ff).contains(value) || (0xd7b0...0xd7fb).contains(value) { return 0 }
    let ranges = WideCharacters.ranges
    let index = ranges.partitionIndex { $0 > value }
    return index % 2 == 1 || index > 0 && ranges[index - 1] == value ? 2 : 1
  }
}

extension Character {
  fileprivate var columnCount: Int { unicodeScalars.reduce(0) { $0 + $1.columnCount } }
}

extension StringProtocol {
  /// The number of columns of a terminal that the text takes up.
  package var columnCount: Int {
    // Of most texts the bytes are the columns.
    if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
    return unicodeScalars.reduce(0) { $0 + $1.columnCount }
  }
}

extension String {
  /// The number of columns of a terminal that the text takes up: as that of any text, made for the one kind that tables are full of.
  package var columnCount: Int {
    var bits: UInt8 = 0
    for byte in utf8 { bits |= byte }
    return bits < 0x80 ? utf8.count : self[...].columnCount
  }
}

/// What is left of a text that has to be cut off.
package enum KeptPart: Sendable { case start, end }

extension String {
  /// The text, cut off so that it takes up no more than so many columns: `…` tells where. No character is cut apart.
  ///
  /// - Parameters:
  ///   - columns: the most columns that it may take up.
  ///   - part: what is kept.
  package func cut(to columns: Int, keeping part: KeptPart = .start) -> String {
    if columnCount <= columns { return self }
    if columns < 1 { return "" }
    switch part {
    case .start: return prefix(inColumns: columns - 1) + "…"
    case .end:
      var (start, left) = (endIndex, columns - 1)
      while start > startIndex {
        let before = index(before: start)
        left -= self[before].columnCount
        if left < 0 { break }
        start = before
      }
      return "…" + self[start...]
    }
  }

  /// The text in lines of no more than so many columns each, broken between words, but not between a number and what it
  /// counts; a word that is longer than a line is broken between characters. Only blanks between two lines are lost.
  ///
  /// - Parameters:
  ///   - columns: the most columns that a line may take up, at least 4.
  ///   - indent: the number of blanks before each line but the first, where that leaves half of the line.
  package func wrapped(to columns: Int, hanging indent: Int = 0) -> [String] {
    if columnCount <= columns { return [self] }
    let blanks = prefix { $0 == " " }
    var lines: [String] = []
    var line = String(blanks.prefix(columns / 2))
    var hasWords = false
    func end() {
      lines.append(line)
      line = String(repeating: " ", count: min(indent, columns / 2))
      hasWords = false
    }
    for word in dropFirst(blanks.count).wordsAndAmounts {
      var rest = word
      if hasWords, line.columnCount + 1 + rest.columnCount > columns { end() }
      if hasWords { line += " " }
      // Blanks stand between words, and not before a line.
      if rest.isEmpty, !hasWords { continue }
      while line.columnCount + rest.columnCount > columns {
        let part = String(rest).prefix(inColumns: columns - line.columnCount)
        // So that there is an end, whatever the characters are.
        let count = max(1, part.count)
        line += rest.prefix(count)
        rest = rest.dropFirst(count)
        if rest.isEmpty { break }
        end()
      }
      line += rest
      hasWords = true
    }
    return lines + [line]
  }

  /// The longest start that takes up no more than so many columns.
  private func prefix(inColumns columns: Int) -> String {
    var (end, left) = (startIndex, columns)
    while end < endIndex {
      left -= self[end].columnCount
      if left < 0 { break }
      end = index(after: end)
    }
    return String(self[..<end])
  }
}

extension Substring {
  /// The words, of which a number is one with the word behind it; between two of them stands a blank.
  fileprivate var wordsAndAmounts: [Substring] {
    var words: [Substring] = []
    var isAmount = false
    for word in split(separator: " ", omittingEmptySubsequences: false) {
      let last = words.last
      if let last, !isAmount, !word.isEmpty,
        last.utf8.last.map({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) ?? false
      {
        words[words.count - 1] = self[last.startIndex..<word.endIndex]
        isAmount = true
      } else {
        words.append(word)
        isAmount = false
      }
    }
    return words
  }
}
