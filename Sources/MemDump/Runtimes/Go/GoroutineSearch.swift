/// A search for the goroutines of a Go program, in a process as it runs, at one instant of it, or in a core. It needs no symbols:
/// what it goes by is the runtime's own.
///
/// A structure is believed where it agrees with itself in 99 of 100 places; otherwise the search says what does not.
public struct GoroutineSearch {
  /// What a search comes to.
  public enum Result: Sendable {
    /// There is no Go program.
    case none
    /// There is one, and what was found of it is not believed, for this reason.
    case refused(Phrase)
    case found(GoroutineList)
  }

  private let source: any MemorySource
  private let process: TargetProcess?
  private let control: WorkControl
  /// The time of the look, on the monotonic clock, in nanoseconds; nil where it is not known.
  private let instant: UInt64?

  /// How many goroutines are looked at between two looks at whether they went on, and how often that is done.
  private static let (pieceCount, mostRounds): (UInt64, Int) = (4096, 3)
  /// The most groups that are kept.
  private static let mostGroups = 1 << 16

  /// Prepares a search.
  ///
  /// - Parameters:
  ///   - source: the memory, with addresses.
  ///   - process: the process, where it still runs: tables of its program are read from there.
  ///   - instant: when the look was, on the monotonic clock, in nanoseconds; nil where that is not known, as for a core.
  ///   - control: may end the search early.
  public init(
    _ source: any MemorySource, process: TargetProcess?, instant: UInt64?, control: WorkControl = WorkControl()
  ) {
    (self.source, self.process, self.instant, self.control) = (source, process, instant, control)
  }

  /// Whether there is a Go program, by its tables alone.
  public func isThere() throws(MemDumpError) -> Bool {
    guard let image = GoImage(of: source) else { return false }
    var words = try WordCache(source, .walk)
    var code = try GoCode(source, image, process: process)
    return try GoModule.find(in: image, &words, &code) != nil
  }

  /// Searches.
  public func run() throws(MemDumpError) -> Result {
    guard let image = GoImage(of: source) else { return .none }
    var words = try WordCache(source, .walk)
    let text: any MemorySource = if let process { try LiveMemory(process, regions: source.regions) } else { source }
    var code = try GoCode(text, image, process: process)
    let isOtherBuild = code.isOtherBuild
    guard let module = try GoModule.find(in: image, &words, &code) else {
      return isOtherBuild
        ? .refused("the file of the program, \(text: EscapedText(image.first.name).description), is of another build")
        : .none
    }
    guard module.quantum == 1 else { return .refused("stacks of Go are followed on x86-64 alone") }
    let reasons = try GoWaitReasons(in: image, &words, &code)
    guard var functions = try GoFunctionTable(module, code) else {
      return .refused("the program's table of functions is not in order, or cannot be read")
    }
    let slices = try GoSlices(in: image, &words)
    guard let (slice, itself) = try GoroutineLayout.list(slices, in: image, &words) else {
      return .refused("no variable of the program leads to a list of goroutines")
    }
    let vote = try GoroutineLayout.vote(slice, itself: itself, functions, in: image, &words)
    guard let layout = vote.layout else {
      return .refused("the members of goroutines are not where they were found: \(text: Self.share(vote.agreed)) agree")
    }
    var tally = GoroutineTally(
      layout: layout, reasons: reasons.texts, processors: Self.processors(source.registers), instant: instant)
    var pieces = try WordCache(source, WordCache.Shape(blockByteCount: 1 << 16, blockCount: 8))
    for start in stride(from: 0, to: slice.count, by: Int(Self.pieceCount)) where !control.isStopped {
      var elements: [UInt64] = []
      for number in start..<min(slice.count, start + Self.pieceCount) {
        if let element = try pieces.word(at: slice.start + number * 8), image.canHold(element) {
          elements.append(element)
        }
      }
      try look(at: elements, &tally, &pieces, &functions)
    }
    return try tally.result(&functions)
  }

  /// Looks at some goroutines, and again at those that went on meanwhile.
  private func look(
    at elements: [UInt64], _ tally: inout GoroutineTally, _ words: inout WordCache, _ functions: inout GoFunctionTable
  ) throws(MemDumpError) {
    let isLive = source is LiveMemory
    var left = elements.sorted()
    for number in 1...Self.mostRounds where !left.isEmpty {
      if isLive { words.forget() }
      var heads: [GoroutineHead] = []
      for element in left { if let head = try tally.head(of: element, &words) { heads.append(head) } }
      var found: [(head: GoroutineHead, places: [UInt64], end: Goroutine.End)] = []
      for head in heads.sorted(by: { $0.pointer < $1.pointer }) where !head.isDead {
        let (places, end) = try tally.stack(of: head, &words, &functions)
        found.append((head, places, end))
      }
      var moved: [UInt64] = []
      if isLive { words.forget() }
      for (head, places, end) in found.sorted(by: { $0.head.address < $1.head.address }) {
        if !isLive {
          try tally.add(head, places, end, &functions)
        } else if try tally.head(of: head.address, &words)?.isSame(as: head) == true {
          try tally.add(head, places, end, &functions)
        } else if number == Self.mostRounds {
          try tally.add(head, [], .moving, &functions)
        } else {
          moved.append(head.address)
        }
      }
      tally.deadCount += UInt64(heads.count { $0.isDead })
      tally.strayCount += UInt64(left.count - heads.count)
      left = moved
    }
  }

  /// The registers of threads: where each of them is, and its stack pointer.
  private static func processors(_ registers: [ThreadRegisters]?) -> [(counter: UInt64, pointer: UInt64)] {
    (registers ?? []).compactMap { thread in
      guard let values = ProcessorRegisters(thread), let counter = values[ProcessorRegisters.returnAddress],
        let pointer = values[ProcessorRegisters.stackPointer]
      else { return nil }
      return (counter, pointer)
    }
  }

  static func share(_ share: Double) -> String {
    let thousandths = Int(share * 1000)
    return "\(thousandths / 10).\(thousandths % 10) %"
  }
}
