/// A search for the root of a page map, as jemalloc and tcmalloc have one: an array inside the variables of a module, with a
/// word for each unit of address space, which leads to a table of that unit, and is zero where there is none.
///
/// The shape finds it: at the numbers of the units that have memory there may be words, and all else in the array is zero.
/// That takes no read beside one pass over the variables. What a table holds has to prove it.
struct RootTableSearch: ~Copyable {
  /// The shape of a root table.
  struct Shape {
    /// The number of words in the array.
    var wordCount: Int
    /// A unit of address space is `1 << unitShift` bytes.
    var unitShift: UInt64
    /// The bytes of the table that a word leads to, and how it is aligned.
    var (tableByteCount, tableAlignment): (UInt64, UInt64)
  }

  /// A place where a root may be.
  struct Candidate {
    /// The variables that hold the array.
    var variables: Range<Address>
    /// The address of the array.
    var root: Address
    /// The number of a unit whose word is not zero, and where that leads.
    var (unit, table): (UInt64, Address)
  }

  /// A word that may lead to a table.
  private struct Pointer {
    var index: Int
    var value: UInt64
  }

  /// The most pointers of a module, and the most tries in all.
  private static let (mostPointers, mostTries) = (1 << 16, 1 << 24)
  /// The most bytes of variables of a module that are looked at: a damaged core can claim any number, and work is for each page.
  private static let mostVariables: UInt64 = 4 << 30
  private static let wordsPerPage = Int(pageSize / 8)
  private static let shape = WordCache.Shape(blockByteCount: 1 << 13, blockCount: 16)

  private let memory: AnonymousMemory
  private var words: WordCache
  private var triesLeft = mostTries

  init(_ source: any MemorySource, _ memory: AnonymousMemory) throws(MemDumpError) {
    self.memory = memory
    words = try WordCache(source, Self.shape)
  }

  /// Hands out the candidates of a shape, until `body` says that one is the root. Returns that.
  mutating func first(
    _ shape: Shape, where body: (Candidate) throws(MemDumpError) -> Bool
  ) throws(MemDumpError) -> Candidate? {
    let units = memory.units(shift: shape.unitShift).map { Int(truncatingIfNeeded: $0) }.filter { $0 < shape.wordCount }
    for range in memory.variables where range.byteCount >= UInt64(shape.wordCount) * 8 {
      let start = range.lowerBound.alignedUp(to: 8)
      let end = min(range.upperBound, start + Self.mostVariables)
      let (pointers, counts) = try pointers(in: start..<end, shape)
      let wordCount = Int(clamping: (end - start) / 8)
      for unit in units {
        for pointer in pointers where pointer.index >= unit && pointer.index - unit + shape.wordCount <= wordCount {
          guard triesLeft > 0 else { return nil }
          triesLeft -= 1
          let first = pointer.index - unit
          // The whole pages of the window are enough to tell.
          let (from, to) = (
            (first + Self.wordsPerPage - 1) / Self.wordsPerPage, (first + shape.wordCount) / Self.wordsPerPage
          )
          guard from < to, counts[to] - counts[from] <= units.count else { continue }
          let candidate = Candidate(
            variables: range, root: start + UInt64(first) * 8, unit: UInt64(unit), table: Address(pointer.value))
          if try body(candidate) { return candidate }
        }
      }
    }
    return nil
  }

  /// The words that may lead to a table, and how many words before each page are not zero.
  private mutating func pointers(
    in range: Range<Address>, _ shape: Shape
  ) throws(MemDumpError) -> (pointers: [Pointer], counts: [Int]) {
    let pageCount = Int(clamping: range.byteCount / pageSize) + 1
    var counts = [Int](repeating: 0, count: pageCount + 1)
    var pointers: [Pointer] = []
    var address = range.lowerBound
    while range.upperBound - address >= 8 {
      if let end = try words.emptyEnd(at: address) {
        address = end.alignedUp(to: 8)
        continue
      }
      if let word = try words.word(at: address), word != 0 {
        let index = Int(clamping: (address - range.lowerBound) / 8)
        counts[min(index / Self.wordsPerPage + 1, pageCount)] += 1
        if word & (shape.tableAlignment - 1) == 0, word >> 47 == 0, word > 1 << 16, pointers.count < Self.mostPointers,
          memory.room(at: Address(word)) >= shape.tableByteCount
        {
          pointers.append(Pointer(index: index, value: word))
        }
      }
      address = address + 8
    }
    for page in counts.indices.dropFirst() { counts[page] += counts[page - 1] }
    return (pointers, counts)
  }
}
