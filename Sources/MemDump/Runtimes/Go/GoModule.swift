/// The tables of a Go program's functions, as the runtime finds them: `runtime.moduledata` in the program's variables, which
/// leads to the table of program counters (pclntab). Go 1.16 and later; src/runtime/symtab.go.
struct GoModule: Sendable {
  /// The layout of the tables, by the magic number that they begin with.
  enum Layout: UInt32, Sendable {
    case go116 = 0xffff_fffa
    case go118 = 0xffff_fff0
    case go120 = 0xffff_fff1
  }

  let layout: Layout
  /// The number of bytes that an instruction is a multiple of: 1 on x86-64.
  let quantum: UInt64
  /// The address that entries of functions are relative to, from Go 1.18 on.
  let text: UInt64
  /// The addresses of code.
  let code: Range<UInt64>
  /// The tables of names, of the files of units, of files, of values by program counter, and of functions.
  let names: Range<UInt64>
  let units: Range<UInt64>
  let files: Range<UInt64>
  let values: Range<UInt64>
  let functions: Range<UInt64>
  /// The index of functions by their entry, and the number of its rows, the last of which is the end of code.
  let index: UInt64
  let indexCount: UInt64
  /// The words of the structure from its start on.
  let words: [UInt64]

  private static let wordCount = 64
  /// The most rows of the index of functions, which is kept in memory.
  private static let mostFunctions: UInt64 = 8 << 20

  /// Finds the module of the program; nil where there is none that agrees with its own table.
  ///
  /// The header of the table tells the distances of its parts, and the module their addresses: both say the same, or it is none.
  static func find(
    in image: GoImage, _ words: inout WordCache, _ code: inout GoCode
  ) throws(MemDumpError) -> GoModule? {
    for ranges in [image.variables, image.constants] {
      var found: GoModule?
      var places: [Address] = []
      try GoImage.forEachWord(in: ranges, &words) { (address, first, second, third) throws(MemDumpError) in
        // pcHeader, and the slice of the names that follows the header.
        guard first & 7 == 0, first > 4096, second > first, second - first < 4096, third > 0, third < 1 << 32 else {
          return true
        }
        places.append(address)
        return places.count < 4096
      }
      for place in places where found == nil { found = try GoModule(at: place, &words, &code) }
      if let found { return found }
    }
    return nil
  }

  private init?(at place: Address, _ memory: inout WordCache, _ code: inout GoCode) throws(MemDumpError) {
    var words: [UInt64] = []
    for number in 0..<UInt64(Self.wordCount) { words.append(try memory.word(at: place + number * 8) ?? 0) }
    let header = try code.bytes(at: words[0], count: 72)
    guard let magic = header.load(UInt32.self, at: 0), let layout = Layout(rawValue: magic), header.count == 72,
      header[4] == 0, header[5] == 0, [1, 2, 4].contains(header[6]), header[7] == 8
    else { return nil }
    let slices = [1, 4, 7, 10, 13, 16].map { (start: words[$0], count: words[$0 + 1], room: words[$0 + 2]) }
    guard slices.allSatisfy({ $0.count == $0.room && $0.count < 1 << 32 && $0.start < 1 << 47 }) else { return nil }
    // The distances stand behind the numbers of functions and files, and from 1.18 on behind the start of the text.
    let from = layout == .go116 ? 24 : 32
    for (number, slice) in slices.prefix(5).enumerated() {
      guard header.load(UInt64.self, at: from + number * 8) == slice.start &- words[0] else { return nil }
    }
    let functionCount = header.load(UInt64.self, at: 8) ?? 0
    guard slices[5].count == functionCount &+ 1, functionCount > 0, functionCount < Self.mostFunctions,
      words[20] < words[21], words[21] < 1 << 47
    else { return nil }
    (self.layout, self.words, quantum) = (layout, words, UInt64(header[6]))
    (text, self.code) = (words[22], words[20]..<words[21])
    func range(_ slice: Int) -> Range<UInt64> { slices[slice].start..<slices[slice].start + slices[slice].count }
    (names, units, files, values) = (range(0), words[4]..<words[4] + 4 * words[5], range(2), range(3))
    (functions, index, indexCount) = (range(4), slices[5].start, slices[5].count)
  }
}
