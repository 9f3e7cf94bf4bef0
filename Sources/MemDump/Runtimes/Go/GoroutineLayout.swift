/// Where the members of a goroutine (`runtime.g`) are, in words from its start on. They differ from version to version, and are
/// found by a vote of the goroutines themselves.
struct GoroutineLayout: Hashable, Sendable {
  /// The pointer of the saved registers (`sched.g`) back to the goroutine: before it stand the stack pointer and the program
  /// counter.
  var itself: Int
  /// The number of the goroutine. Its state stands before it, and behind it a link, the time since when it waits, and why.
  var number: Int
  /// The function that it began with.
  var start: Int
  /// The `go` statement that made it; nil where no word is one.
  var statement: Int?

  /// The number of words that are read of each goroutine.
  static let wordCount = 64
  /// How many goroutines are asked.
  private static let voterCount: UInt64 = 256
  /// The bit in the state of a goroutine whose stack the collector looks at.
  static let scanning: UInt64 = 0x1000
  /// The largest number of a state, with some for versions to come.
  static let lastState: UInt64 = 12

  /// Whether a state is that of a goroutine that is not there: one that was never used, has ended, or waits for a thread of C
  /// (`_Gidle`, `_Gdead`, `_Gdeadextra`).
  static func isDead(_ state: UInt64) -> Bool { state == 0 || state == 6 || state == 11 }

  var stackPointer: Int { itself - 2 }
  var programCounter: Int { itself - 1 }
  var state: Int { number - 1 }
  var since: Int { number + 2 }
  var reason: Int { number + 3 }

  /// Whether words are those of a goroutine, with a pointer to itself at a place, and with a stack, or none once it ended.
  static func isGoroutine(_ words: [UInt64], at address: UInt64, itself: Int) -> Bool {
    guard words.count == wordCount, words[itself] == address else { return false }
    let (low, high) = (words[0], words[1])
    return low == 0 && high == 0 || low < high && high - low <= 1 << 30 && (high - low).nonzeroBitCount == 1
  }

  /// The places where a goroutine may have the pointer to itself.
  static let placesOfItself = 4..<24

  /// The list of all goroutines, and the place of the pointer to themselves; nil where no slice is of goroutines.
  static func list(
    _ slices: GoSlices, in image: GoImage, _ words: inout WordCache
  ) throws(MemDumpError) -> (slice: GoSlices.Slice, itself: Int)? {
    for slice in slices.all {
      let numbers = GoSlices.sample(of: slice, 48)
      guard let elements = try GoSlices.elements(numbers, of: slice, in: image, &words),
        Set(elements).count == elements.count
      else { continue }
      let first = try read(elements[0], &words)
      guard let place = placesOfItself.first(where: { isGoroutine(first, at: elements[0], itself: $0) }) else {
        continue
      }
      var agreed = 0
      for element in elements where isGoroutine(try read(element, &words), at: element, itself: place) { agreed += 1 }
      if agreed * 100 >= elements.count * 99 { return (slice, place) }
    }
    return nil
  }

  /// The words of a goroutine; fewer where they are not all known.
  static func read(_ address: UInt64, _ words: inout WordCache) throws(MemDumpError) -> [UInt64] {
    var read: [UInt64] = []
    for number in 0..<UInt64(wordCount) {
      // A goroutine may be shorter than what is read, and lie at the end of memory.
      guard let word = try words.word(at: Address(address) + number * 8) else {
        if number >= 40 { read += Array(repeating: 0, count: wordCount - Int(number)) }
        break
      }
      read.append(word)
    }
    return read
  }

  /// Finds the places of members by a vote; nil, with the share that agreed with the best, where fewer than 99 % agree.
  static func vote(
    _ slice: GoSlices.Slice, itself: Int, _ functions: borrowing GoFunctionTable, in image: GoImage,
    _ words: inout WordCache
  ) throws(MemDumpError) -> (layout: GoroutineLayout?, agreed: Double) {
    let (voters, number, agreed) = try voters(of: slice, itself: itself, in: image, &words)
    guard let number else { return (nil, agreed) }
    let living = voters.filter { !isDead(state(in: $0[number - 1])) }
    var best = 0.0
    let start = (number + 4..<wordCount).first { place in
      let share = share(of: living) { functions.isEntry($0[place]) }
      best = max(best, share)
      return share >= 0.99
    }
    guard let start else { return (nil, best) }
    // What makes a goroutine stands right beside what it begins with, before it.
    let statement = (number + 4..<start).last { place in
      Double(living.count { functions.function(at: $0[place]) != nil }) >= 0.99 * Double(living.count)
    }
    return (GoroutineLayout(itself: itself, number: number, start: start, statement: statement), 1)
  }

  /// The words of some goroutines, and where their numbers are; nil, with the share that agreed with the best, where fewer than
  /// 99 % agree.
  static func voters(
    of slice: GoSlices.Slice, itself: Int, in image: GoImage, _ words: inout WordCache
  ) throws(MemDumpError) -> (voters: [[UInt64]], number: Int?, agreed: Double) {
    var voters: [[UInt64]] = []
    for number in GoSlices.sample(of: slice, voterCount) {
      guard let element = try words.word(at: slice.start + number * 8), image.canHold(element) else { continue }
      let read = try read(element, &words)
      if isGoroutine(read, at: element, itself: itself) { voters.append(read) }
    }
    guard voters.count > 1 else { return (voters, nil, 0) }
    var best = 0.0
    let number = (itself + 4..<40).first { place in
      guard Set(voters.lazy.map { $0[place] }).count == voters.count else { return false }
      let share = share(of: voters) { words in
        let state = state(in: words[place - 1])
        return words[place] > 0 && words[place] < 1 << 38 && state > 0 && state <= lastState
      }
      best = max(best, share)
      return share >= 0.99
    }
    return (voters, number, best)
  }

  /// The state of a goroutine, in the word that has it.
  static func state(in word: UInt64) -> UInt64 { word & 0xffff_ffff & ~scanning }

  private static func share(of voters: [[UInt64]], _ test: ([UInt64]) -> Bool) -> Double {
    voters.isEmpty ? 0 : Double(voters.count { test($0) }) / Double(voters.count)
  }
}
