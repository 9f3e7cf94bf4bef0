/// How the code objects of a Python program lie in memory (`PyCodeObject`), by a vote of some of them: one behind the other stand
/// the name of the file, that of the function, from 3.11 on that with the class, and the table of lines.
struct PythonCode: Hashable, Sendable {
  /// Where the words with these begin.
  private(set) var names: UInt64
  /// Whether the names are three.
  private(set) var isQualified: Bool
  /// Where the number of the first line is; nil where that is not known.
  private(set) var firstLine: UInt64?
  /// The form of the tables of lines.
  private(set) var form: PythonLines.Form

  /// The words of a code object in which all this is looked for.
  private static let words: Range<UInt64> = 2..<32
  /// The largest table in bytes, and the most lines of a file.
  private static let (largestTable, mostLines): (UInt64, UInt32) = (1 << 20, 1 << 24)
  /// The most items of a tuple that are looked at, and the most code objects.
  private static let (mostItems, most): (UInt64, Int) = (4096, 4096)
  /// One of so many code objects may be what is left of one that has ended.
  private static let strays = 20
  private static let code = Array("code".utf8)

  /// Asks code objects, and those of the functions in them; nil where they do not agree.
  static func vote(
    _ codes: [Address], _ reader: inout PythonReader, _ words: inout WordCache
  ) throws(MemDumpError) -> PythonCode? {
    var votes: [PythonCode: Int] = [:]
    for code in codes {
      if let layout = try PythonCode(of: code, &reader, &words) { votes[layout, default: 0] += 1 }
    }
    guard var layout = votes.max(by: { $0.value < $1.value })?.key, (votes[layout] ?? 0) * 10 >= codes.count * 8 else {
      return nil
    }
    var texts: [Address] = []
    for code in codes { if let word = try words.word(at: code + layout.names) { texts.append(Address(word)) } }
    try reader.learn(fromTexts: texts, &words)
    try layout.learnForm(codes, &reader, &words)
    try layout.learnFirstLine(codes, &reader, &words)
    return layout
  }

  /// Takes the layout of one code object; nil where it has no such names.
  init?(of code: Address, _ reader: inout PythonReader, _ words: inout WordCache) throws(MemDumpError) {
    var kinds: [Character] = []
    for number in Self.words {
      let type = try reader.type(at: words.word(at: code + number * 8) ?? 0, &words)
      kinds.append(type.map { $0.isText ? "t" : $0.isBytes ? "b" : "o" } ?? "-")
    }
    for (length, isQualified) in [(4, true), (3, false)] {
      let shape = Array(repeating: Character("t"), count: length - 1) + ["b"]
      guard let index = kinds.indices.first(where: { kinds[$0...].starts(with: shape) }) else { continue }
      (names, self.isQualified) = ((Self.words.lowerBound + UInt64(index)) * 8, isQualified)
      (firstLine, form) = (nil, isQualified ? .locations : .steps)
      return
    }
    return nil
  }

  /// The name of the function, the longest that it has, and of its file.
  func names(
    of code: Address, _ reader: inout PythonReader, _ words: inout WordCache
  ) throws(MemDumpError) -> (function: [UInt8], file: [UInt8])? {
    guard let file = try reader.characters(at: words.word(at: code + names), &words),
      let function = try reader.characters(at: words.word(at: code + (names + (isQualified ? 16 : 8))), &words)
    else { return nil }
    return (function, file)
  }

  /// The number of the first line of a function.
  func firstLine(of code: Address, _ words: inout WordCache) throws(MemDumpError) -> UInt32? {
    guard let firstLine else { return nil }
    return try words.number(at: code + firstLine)
  }

  /// The call that is under way at a place in a function.
  func call(
    at position: PythonFrames.Position, _ reader: inout PythonReader, _ words: inout WordCache
  ) throws(MemDumpError) -> InterpretedCall? {
    guard let (function, file) = try names(of: position.code, &reader, &words) else { return nil }
    var call = InterpretedCall(language: PythonCalls.language, function: function, file: file)
    if let offset = position.offset, let first = try firstLine(of: position.code, &words),
      let table = try table(of: position.code, &reader, &words)
    {
      call.line = PythonLines.line(at: offset, in: table, form, first: Int(first))
    }
    return call
  }

  /// The table of lines of a code object.
  private func table(
    of code: Address, _ reader: inout PythonReader, _ words: inout WordCache
  ) throws(MemDumpError) -> [UInt8]? {
    guard let word = try words.word(at: code + (names + (isQualified ? 24 : 16))) else { return nil }
    return try reader.contents(at: word, most: Self.largestTable, &words)
  }

  /// Whether the tables are those of 3.10: they end where the instructions do, which are the first bytes that a code object has.
  private mutating func learnForm(
    _ codes: [Address], _ reader: inout PythonReader, _ words: inout WordCache
  ) throws(MemDumpError) {
    guard !isQualified else { return }
    var votes = 0
    for code in codes {
      guard let table = try table(of: code, &reader, &words) else { continue }
      for number in Self.words {
        let word = try words.word(at: code + number * 8) ?? 0
        guard try reader.type(at: word, &words)?.isBytes == true, let count = try words.word(at: Address(word) + 16)
        else { continue }
        votes += PythonLines.form(of: table, byteCount: count) == .ranges ? 1 : -1
        break
      }
    }
    form = votes > 0 ? .ranges : .steps
  }

  /// Takes where the first line stands: of the numbers before the names, the one that differs most between functions, is never
  /// less than that of the code which a function stands in.
  private mutating func learnFirstLine(
    _ codes: [Address], _ reader: inout PythonReader, _ words: inout WordCache
  ) throws(MemDumpError) {
    var pairs: [(outer: Address, inner: Address)] = []
    var (next, seen) = (codes, Set(codes))
    while let outer = next.popLast(), seen.count < Self.most {
      for inner in try functions(in: outer, &reader, &words) {
        pairs.append((outer, inner))
        if seen.insert(inner).inserted { next.append(inner) }
      }
    }
    var best = (offset: UInt64?.none, count: 2)
    for offset in stride(from: UInt64(16), to: names, by: 4) {
      guard let count = try lineCount(offset, in: pairs, &words), count > best.count else { continue }
      best = (offset, count)
    }
    firstLine = best.offset
  }

  /// How many lines a number tells of functions that stand in others; nil where it cannot be that of the first line.
  private func lineCount(
    _ offset: UInt64, in pairs: [(outer: Address, inner: Address)], _ words: inout WordCache
  ) throws(MemDumpError) -> Int? {
    var (lines, strays): (Set<UInt32>, Int) = ([], 0)
    for (outer, inner) in pairs {
      guard let before = try words.number(at: outer + offset), let line = try words.number(at: inner + offset),
        line > 0, line >= before, line < Self.mostLines
      else {
        strays += 1
        continue
      }
      lines.insert(line)
    }
    return strays * Self.strays <= pairs.count ? lines.count : nil
  }

  /// The code objects of the functions that stand in that of a module, a class or another function: they are among its constants.
  private func functions(
    in code: Address, _ reader: inout PythonReader, _ words: inout WordCache
  ) throws(MemDumpError) -> [Address] {
    var functions: [Address] = []
    for number in Self.words.lowerBound..<names / 8 {
      guard let tuple = try words.word(at: code + number * 8), try reader.type(at: tuple, &words)?.isTuple == true,
        let count = try words.word(at: Address(tuple) + 16)
      else { continue }
      for index in 0..<min(count, Self.mostItems) {
        guard let item = try words.word(at: Address(tuple) + (24 + index * 8)) else { break }
        if try reader.type(at: item, &words)?.name == Self.code {
          functions.append(Address(item))
        }
      }
    }
    return functions
  }
}
