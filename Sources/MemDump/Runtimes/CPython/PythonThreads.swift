/// The threads of a Python program, by what its interpreters keep of them (`PyThreadState`): a list in both directions, whose
/// members lead to their interpreter, and that to the first of them.
enum PythonThreads {
  /// The places of fields in the structure of a thread, from 3.4 on, in bytes.
  private static let (previous, next, interpreter): (UInt64, UInt64, UInt64) = (0, 8, 16)
  /// Where an interpreter of its own piece of memory leads to its first thread, up to 3.10.
  private static let first: UInt64 = 8
  /// How far into an interpreter that is a variable the word lies that leads to its first thread, at most: from 3.11 on.
  private static let reach: UInt64 = 64 << 10
  /// The most threads.
  private static let most = 1 << 17

  /// The addresses of the structures; none where the program is no Python. What looks like one and is none may be among them.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - libraries: how the names of files begin in which the interpreter is: their variables are searched first, and those of
  ///     others, of which there may be much, only where they have nothing.
  static func find(in source: any MemorySource, libraries: [String]) throws(MemDumpError) -> [Address] {
    var (own, others): ([Range<Address>], [Range<Address>]) = ([], [])
    for (range, path) in ModuleData.stretches(source.regions) {
      let name = path.fileName
      if libraries.contains(where: { name.starts(with: $0.utf8) }) { own.append(range) } else { others.append(range) }
    }
    let found = try find(in: source, own)
    return found.isEmpty ? try find(in: source, others) : found
  }

  private static func find(
    in source: any MemorySource, _ variables: [Range<Address>]
  ) throws(MemDumpError) -> [Address] {
    let written = OwnWriting.privateMemory.ranges(in: source.regions).union()
    var walk = try WordCache(source, .walk)
    var jumps = try WordCache(source, .jumps)
    var interpreters: Set<UInt64> = []
    var threads: [Address] = []
    for range in variables {
      var place = range.lowerBound.alignedUp(to: 8)
      while place < range.upperBound, threads.count < most {
        if let end = try walk.emptyEnd(at: place) {
          place = end.alignedUp(to: 8)
          continue
        }
        let word = try walk.word(at: place) ?? 0
        if word & 7 == 0, word >> 16 != 0, word >> 47 == 0, written.index(holding: Address(word)) != nil,
          let (head, owner) = try head(word, at: place, &jumps), interpreters.insert(owner).inserted
        {
          threads += try list(from: head, of: owner, &jumps)
        }
        place = place + 8
      }
    }
    return threads
  }

  /// The first thread of an interpreter, where a word in the variables leads to one of the two.
  private static func head(
    _ word: UInt64, at place: Address, _ words: inout WordCache
  ) throws(MemDumpError) -> (thread: UInt64, interpreter: UInt64)? {
    if let thread = try words.word(at: Address(word) + first), thread & 7 == 0, thread >> 16 != 0, thread >> 47 == 0,
      try isFirst(thread, &words), try words.word(at: Address(thread) + interpreter) == word
    {
      return (thread, word)
    }
    guard try isFirst(word, &words), let owner = try words.word(at: Address(word) + interpreter),
      owner <= place.rawValue, place.rawValue - owner < reach, owner & 7 == 0
    else { return nil }
    return (word, owner)
  }

  private static func isFirst(_ thread: UInt64, _ words: inout WordCache) throws(MemDumpError) -> Bool {
    try words.word(at: Address(thread) + previous) == 0
  }

  private static func list(
    from head: UInt64, of owner: UInt64, _ words: inout WordCache
  ) throws(MemDumpError) -> [Address] {
    var threads: [Address] = []
    var (thread, before) = (head, UInt64(0))
    while thread != 0, thread & 7 == 0, thread >> 47 == 0, threads.count < most {
      let place = Address(thread)
      guard try words.word(at: place + previous) == before, try words.word(at: place + interpreter) == owner,
        let following = try words.word(at: place + next)
      else { break }
      threads.append(place)
      (thread, before) = (following, thread)
    }
    return threads
  }
}
