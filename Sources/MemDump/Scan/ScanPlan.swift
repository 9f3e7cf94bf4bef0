/// How the patterns of a scan are looked for: several literals together, in one pass, and all others one by one.
struct ScanPlan: Sendable {
  /// The places in the list of patterns of those that are looked for one by one.
  private(set) var single: [Int]
  /// For each pattern whether the text of a match is surely what stands in memory.
  let isVerbatim: [Bool]
  /// The literals; nil where there are no two.
  private(set) var literals: LiteralSet?

  init(_ patterns: [any Pattern]) {
    single = Array(patterns.indices)
    isVerbatim = patterns.map { !$0.isWide && ($0 as? any LiteralPattern)?.literal != nil }
    let all = patterns.enumerated().compactMap { index, pattern in LiteralSet.Member(pattern, at: index) }
    guard all.count > 1, let set = LiteralSet(all) else { return }
    let together = Set(all.map(\.pattern))
    (literals, single) = (set, single.filter { !together.contains($0) })
  }
}

/// The literals of a scan.
struct LiteralSet: Sendable {
  /// A pattern that wants a literal.
  struct Member: Sendable {
    /// The place in the list of patterns.
    let pattern: Int
    let literal: Literal
    let boundary: LiteralBoundary

    /// Nil where a pattern is no literal.
    init?(_ pattern: any Pattern, at index: Int) {
      guard let own = pattern as? any LiteralPattern, let literal = own.literal else { return nil }
      (self.pattern, self.literal, boundary) = (index, literal, own.boundary)
    }
  }

  let kernel: LiteralKernel
  /// Those that want each literal, in the order of patterns.
  private let members: [[Member]]

  /// Nil where there is no memory.
  init?(_ all: [Member]) {
    var numbers: [Literal: Int] = [:]
    var members: [[Member]] = []
    for member in all {
      if let number = numbers[member.literal] {
        members[number].append(member)
      } else {
        numbers[member.literal] = members.count
        members.append([member])
      }
    }
    guard let kernel = LiteralKernel(members.map { $0[0].literal }) else { return nil }
    (self.kernel, self.members) = (kernel, members)
  }

  /// Gives the matches at a place.
  func matches(at place: LiteralPlace, in bytes: RawSpan, _ body: (Match, _ pattern: Int) -> Void) {
    let wanting = members[place.literal]
    let match = Match(offset: place.offset, length: UInt32(wanting[0].literal.bytes.count))
    for member in wanting where member.boundary.allows(match, in: bytes) { body(match, member.pattern) }
  }
}
