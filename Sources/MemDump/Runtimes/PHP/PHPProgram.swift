/// What a program of PHP has by name: its global variables, its classes and its functions, and the calls that have not returned.
///
/// They are found among the variables of the modules by what they have: the table of global variables has `_GET`, that of functions
/// begins with the first one of PHP itself, and behind it stands that of classes.
struct PHPProgram: Sendable {
  /// The table of global variables.
  let symbols: Address
  /// The tables of functions and of classes.
  let (functions, classes): (Address, Address)
  /// The calls that have not returned, the outermost first.
  let frames: [Address]

  private static let (superglobal, firstFunction) = (Array("_GET".utf8), Array("zend_version".utf8))
  /// Where in a call its function and the call before it are, and its first variable.
  static let (functionOffset, previousOffset, variablesOffset): (UInt64, UInt64, UInt64) = (24, 48, 80)
  /// Where in a call the object is that it is of, and where its result goes.
  static let (thisOffset, resultOffset): (UInt64, UInt64) = (32, 16)
  private static let (mostFrames, mostStack, wordsBehindStack): (Int, UInt64, UInt64) = (1 << 14, 1 << 24, 24)
  /// The most elements of tables, and calls, that are looked at.
  private static let mostSteps: UInt64 = 1 << 24

  /// Finds the program; nil where it is not found.
  static func find(in source: any MemorySource, _ control: WorkControl) throws(MemDumpError) -> PHPProgram? {
    var words = try WordCache(source)
    var jumps = try WordCache(source, .jumps, steps: mostSteps)
    var (symbols, tables): (Address?, (functions: Address, classes: Address)?) = (nil, nil)
    var frames: [Address] = []
    for stretch in ModuleData.stretches(source.regions) where !control.isStopped {
      var place = stretch.range.lowerBound.alignedUp(to: 8)
      while place < stretch.range.upperBound {
        if let end = try words.emptyEnd(at: place) {
          place = end.alignedUp(to: 8)
          continue
        }
        if let word = try words.word(at: place), word != 0 {
          if symbols == nil, word >> 32 & 0xf == PHPLayout.Kind.array.rawValue,
            let table = try PHPTable(at: place, &jumps),
            try table.keys(16, &jumps).contains(superglobal)
          {
            symbols = place
          }
          if word & 7 == 0, word >> 16 != 0, word >> 47 == 0, let next = try words.word(at: place + 8) {
            if tables == nil, try isPair(Address(word), Address(next), &jumps) {
              tables = (Address(word), Address(next))
            }
            if frames.isEmpty, next > word || next == word, next & 0xfff == 0 {
              frames = try self.frames(behind: place, top: word, end: next, &jumps)
            }
          }
        }
        place = place + 8
      }
    }
    guard let symbols, let tables else { return nil }
    return PHPProgram(symbols: symbols, functions: tables.functions, classes: tables.classes, frames: frames)
  }

  /// Whether two tables are those of functions and of classes.
  private static func isPair(
    _ functions: Address, _ classes: Address, _ words: inout WordCache
  ) throws(MemDumpError) -> Bool {
    guard let first = try PHPTable(at: functions, &words), try first.keys(1, &words).first == firstFunction,
      let second = try PHPTable(at: classes, &words)
    else { return false }
    return try !self.classes(in: second, limit: 1, &words).isEmpty
  }

  /// The classes in a table.
  private static func classes(
    in table: PHPTable, limit: Int, _ words: inout WordCache
  ) throws(MemDumpError) -> [Address] {
    var (found, seen): ([Address], Set<Address>) = ([], [])
    if table.isPacked { return [] }
    try table.forEach(packedByteCount: PHPTable.bucketByteCount, &words) {
      (place, _, key, words) throws(MemDumpError) in
      guard case .text = key, let target = try words.word(at: place), target & 7 == 0,
        let kind = try words.word(at: Address(target)), [1, 2].contains(kind & 0xff),
        let name = try words.word(at: Address(target) + 8), try PHPLayout.name(at: Address(name), &words) != nil
      else { return true }
      if seen.insert(Address(target)).inserted { found.append(Address(target)) }
      return found.count < limit
    }
    return found
  }

  /// The calls, where a word leads to the top of their stack, the next to its end and the one behind to its start; a little
  /// further stands the innermost call.
  private static func frames(
    behind place: Address, top: UInt64, end: UInt64, _ words: inout WordCache
  ) throws(MemDumpError) -> [Address] {
    guard let start = try words.word(at: place + 16), start & 0xfff == 0, top > start, end - start <= mostStack,
      try words.word(at: Address(start) + 8) == end
    else { return [] }
    for number in 3..<wordsBehindStack {
      guard let word = try words.word(at: place + number * 8), word & 7 == 0, word >> 16 != 0 else { continue }
      var (frame, frames, seen): (UInt64, [Address], Set<UInt64>) = (word, [], [])
      while frame != 0, words.step(), frames.count < mostFrames, seen.insert(frame).inserted,
        try function(ofFrameAt: Address(frame), &words) != nil,
        let previous = try words.word(at: Address(frame) + previousOffset)
      {
        frames.append(Address(frame))
        frame = previous
      }
      if frame == 0, !frames.isEmpty { return frames.reversed() }
    }
    return []
  }

  /// The function of a call; nil where there is no call.
  static func function(ofFrameAt place: Address, _ words: inout WordCache) throws(MemDumpError) -> Address? {
    guard let function = try words.word(at: place + functionOffset), function & 7 == 0, function >> 16 != 0,
      function >> 47 == 0, let kind = try words.word(at: Address(function)), [1, 2, 4].contains(kind & 0xff),
      let name = try words.word(at: Address(function) + 8)
    else { return nil }
    if name != 0, try PHPLayout.kind(at: Address(name), &words) != .string { return nil }
    return Address(function)
  }

  /// The classes, those of PHP itself with them.
  func allClasses(_ words: inout WordCache) throws(MemDumpError) -> [Address] {
    guard let table = try PHPTable(at: classes, &words) else { return [] }
    return try Self.classes(in: table, limit: 1 << 16, &words)
  }

  /// The functions of the program, and not of PHP itself, in a table.
  static func functions(in place: Address, _ words: inout WordCache) throws(MemDumpError) -> [Address] {
    guard let table = try PHPTable(at: place, &words), !table.isPacked else { return [] }
    var found: [Address] = []
    try table.forEach(packedByteCount: PHPTable.bucketByteCount, &words) { (place, _, _, words) throws(MemDumpError) in
      if let target = try words.word(at: place), target & 7 == 0, target >> 16 != 0,
        try words.word(at: Address(target)).map({ $0 & 0xff }) == 2
      {
        found.append(Address(target))
      }
      return found.count < 1 << 16
    }
    return found
  }
}
