internal import Glibc

/// A search for the heap profile of a Go program: the buckets that the runtime counts sampled allocations in
/// (src/runtime/mprof.go). A program whose code asks for no profile keeps none.
public struct GoAllocationSearch {
  /// What a search comes to.
  public enum Result: Sendable {
    /// There is no Go program.
    case none
    /// There is one, and it keeps no profile.
    case notKept
    /// There is one, and what was found of it is not believed, for this reason.
    case refused(Phrase)
    case found(GoAllocationProfile)
  }

  /// A bucket: a stack with what was sampled there, of objects of one size.
  private struct Bucket {
    var next: UInt64
    var size: UInt64
    var places: [UInt64]
    /// The words behind the stack.
    var words: [UInt64]

    /// Whether the words are allocations and frees with their bytes, four of them for each cycle of the collector (until Go 1.26).
    /// Without bytes, as later, they are two.
    var hasByteCounts: Bool {
      stride(from: 0, to: words.count, by: 4).allSatisfy {
        words[$0 + 2] == words[$0] &* size && words[$0 + 3] == words[$0 + 1] &* size
      }
    }

    /// The allocations and frees that are told, or with those of the three cycles to come.
    func counts(_ wordCount: Int, withCycles: Bool) -> (allocations: UInt64, frees: UInt64) {
      (0..<(withCycles ? 4 : 1)).reduce((0, 0)) { sum, cycle in
        (sum.0 &+ words[cycle * wordCount], sum.1 &+ words[cycle * wordCount + 1])
      }
    }
  }

  private let source: any MemorySource
  private let process: TargetProcess?
  private let control: WorkControl

  /// The words before the stack of a bucket, the longest stack, and the words of counts behind it.
  private static let (headCount, longestStack, countCount): (UInt64, UInt64, UInt64) = (6, 1024, 16)
  /// The most buckets that are looked at.
  private static let mostBuckets = 1 << 20

  /// Prepares a search.
  ///
  /// - Parameters:
  ///   - source: the memory, with addresses.
  ///   - process: the process, where it still runs.
  ///   - control: may end the search early.
  public init(_ source: any MemorySource, process: TargetProcess?, control: WorkControl = WorkControl()) {
    (self.source, self.process, self.control) = (source, process, control)
  }

  /// Searches.
  public func run() throws(MemDumpError) -> Result {
    guard let image = GoImage(of: source) else { return .none }
    var words = try WordCache(source, .walk)
    let text: any MemorySource = if let process { try LiveMemory(process, regions: source.regions) } else { source }
    var code = try GoCode(text, image, process: process)
    guard let module = try GoModule.find(in: image, &words, &code) else { return .none }
    guard var functions = try GoFunctionTable(module, code) else {
      return .refused("the program's table of functions is not in order, or cannot be read")
    }
    var jumps = try WordCache(source, .jumps)
    let buckets = try buckets(in: image, module.code, &words, &jumps)
    guard !buckets.isEmpty else { return .notKept }
    let wordCount = buckets.count { $0.hasByteCounts } * 100 >= buckets.count * 99 ? 4 : 2
    // Until a collection has ended, everything is still to come.
    let isFirst = buckets.allSatisfy { $0.words[0] == 0 }
    var oddCount = 0
    var profile = GoAllocationProfile()
    if let rate = try rate(image, &words) { (profile.rate, profile.isRateKnown) = (rate, true) }
    for bucket in buckets {
      let counts = bucket.counts(wordCount, withCycles: isFirst)
      guard counts.allocations < 1 << 40, counts.frees <= counts.allocations else {
        oddCount += 1
        continue
      }
      guard counts.allocations > 0 else { continue }
      let used = (
        count: counts.allocations - counts.frees, byteCount: (counts.allocations - counts.frees) &* bucket.size
      )
      profile.sampledByteCount &+= used.byteCount
      let (all, rest) = (
        Self.scaled(counts.allocations, counts.allocations &* bucket.size, profile.rate),
        Self.scaled(used.count, used.byteCount, profile.rate)
      )
      var frames: [GoFrame] = []
      // Each place stands for one call, inlined ones among them. What a goroutine begins in tells nothing.
      for place in bucket.places {
        guard let frame = try functions.frames(at: place, isCall: true).first else { continue }
        if frame.name.map({ !$0.elementsEqual("runtime.goexit".utf8) }) ?? true { frames.append(frame) }
      }
      profile.sites.append(
        GoAllocationSite(
          frames: frames, usedCount: rest.count, usedByteCount: rest.byteCount, allocatedCount: all.count,
          allocatedByteCount: all.byteCount))
    }
    // In a process that runs, one may have changed between its counts.
    if oddCount > max(1, buckets.count / 100) {
      return .refused(
        "\(count: UInt64(oddCount), "bucket") of \(count: UInt64(buckets.count)) have more frees than allocations")
    }
    profile.sites.sort { ($1.usedByteCount, $1.allocatedByteCount) < ($0.usedByteCount, $0.allocatedByteCount) }
    return .found(profile)
  }

  /// What samples stand for (`scaleHeapSample` of runtime/pprof): an object of a size is sampled with a probability that the size and
  /// the rate tell.
  private static func scaled(
    _ count: UInt64, _ byteCount: UInt64, _ rate: UInt64
  ) -> (count: UInt64, byteCount: UInt64) {
    guard count > 0, byteCount > 0, rate > 1 else { return (count, byteCount) }
    let scale = 1 / (1 - exp(-Double(byteCount) / Double(count) / Double(rate)))
    func times(_ number: UInt64) -> UInt64 { UInt64(exactly: (Double(number) * scale).rounded(.down)) ?? number }
    return (times(count), times(byteCount))
  }

  /// The longest list of buckets that a variable leads to.
  private func buckets(
    in image: GoImage, _ code: Range<UInt64>, _ words: inout WordCache, _ jumps: inout WordCache
  ) throws(MemDumpError) -> [Bucket] {
    var heads: Set<UInt64> = []
    try GoImage.forEachWord(in: image.variables, &words) { (_, first, _, _) throws(MemDumpError) in
      if first > 1 << 16, image.canHold(first) { heads.insert(first) }
      return heads.count < Self.mostBuckets
    }
    var best: [Bucket] = []
    var seen: Set<UInt64> = []
    for head in heads.sorted() where !control.isStopped {
      var (address, chain): (UInt64, [Bucket]) = (head, [])
      // Lists that lead into each other, or back, end where a bucket was seen.
      while address != 0, seen.count < Self.mostBuckets, let bucket = try bucket(at: address, code, image, &jumps),
        seen.insert(address).inserted
      {
        chain.append(bucket)
        address = bucket.next
      }
      if address == 0, chain.count > best.count { best = chain }
    }
    return best
  }

  private func bucket(
    at address: UInt64, _ code: Range<UInt64>, _ image: GoImage, _ words: inout WordCache
  ) throws(MemDumpError) -> Bucket? {
    let place = Address(address)
    guard image.canHold(address), try words.word(at: place + 16) == 1, let next = try words.word(at: place + 8),
      let size = try words.word(at: place + 32), size < 1 << 40, let count = try words.word(at: place + 40),
      count > 0, count <= Self.longestStack
    else { return nil }
    var bucket = Bucket(next: next, size: size, places: [], words: [])
    for number in 0..<count {
      guard let word = try words.word(at: place + (Self.headCount + number) * 8), code.contains(word) else {
        return nil
      }
      bucket.places.append(word)
    }
    for number in 0..<Self.countCount {
      guard let word = try words.word(at: place + (Self.headCount + count + number) * 8) else { return nil }
      bucket.words.append(word)
    }
    return bucket
  }

  /// The rate of sampling, where the program has the symbol of it.
  private func rate(_ image: GoImage, _ words: inout WordCache) throws(MemDumpError) -> UInt64? {
    let symbols = ModuleSymbols(
      of: Module(path: image.first.name, first: image.first), process: process, source: source, SymbolAllowance())
    guard let place = symbols.symbols(named: [Array("runtime.MemProfileRate".utf8)]).first?.range.lowerBound,
      let rate = try words.word(at: place), rate > 0, rate < 1 << 40
    else { return nil }
    return rate
  }
}
