/// A regular expression given by a person: `--regex 'user=[a-z]+'`, in the syntax of PCRE2.
///
/// Bytes are matched, not characters: `.` is any byte but a newline, `\xff` is one byte. `^` and `$` are the borders of lines
/// and of memory. Matches that are empty do not count.
///
/// A search that takes the first match, goes on behind it, and so on has a memory of all that came before. So that
/// results depend neither on chunks nor on threads, memory is cut into cells of 64 KiB at the multiples of that size,
/// and each cell is searched alone:
/// - The expression sees the cell, 8 KiB before and 4 KiB behind, as far as memory reaches without a gap.
/// - The search begins with the 8 KiB. Matches do not overlap, and those that begin in the cell count; a match before
///   the cell only keeps others from beginning inside of it.
/// - So a match of up to 4096 bytes is seen whole wherever it begins, and so are 8 KiB before it and what is left of 4
///   KiB behind it. A longer match ends at the latest 4 KiB behind its cell.
/// - Where the engine gives up (its limits bound expressions such as `(a+)+$`), the offset is noted with the matches,
///   and the search goes on 4 KiB further.
public struct RegexPattern: Pattern {
  /// The expression.
  public let name: String
  private let program: RegexProgram
  /// The expression where that is nothing but texts.
  private let alternatives: RegexAlternatives?
  /// What every match has, where the outline of the expression tells that.
  private let literal: RegexLiteral?
  /// The size of a cell in bytes, a power of two.
  private let cell: Int
  private let longest: Int

  /// The engine of regular expressions, such as `PCRE2 10.42 with JIT`; nil where the library was built without the trait
  /// `Regex`.
  public static var engine: String? { RegexProgram.engine }

  /// Compiles an expression.
  ///
  /// Throws ``MemDumpError/Code/badExpression``, or ``MemDumpError/Code/noRegexEngine`` where the library was built without
  /// the trait `Regex`.
  ///
  /// - Parameters:
  ///   - expression: the expression, in the syntax of pcre2pattern(3).
  ///   - ignoringCase: whether ASCII letters match in either case.
  public init(_ expression: String, ignoringCase: Bool = false) throws(MemDumpError) {
    try self.init(expression, ignoringCase: ignoringCase, cell: 64 << 10, longest: 4096)
  }

  /// - Parameters:
  ///   - cell: the size in bytes of the cells that memory is cut into, a power of two.
  ///   - longest: the length, in bytes, up to which a match is seen whole.
  ///   - usesLiterals: whether texts are looked for without the engine, where an expression has nothing else or every match has one.
  init(
    _ expression: String, ignoringCase: Bool = false, cell: Int, longest: Int, usesLiterals: Bool = true
  ) throws(MemDumpError) {
    precondition(cell > 0 && cell & (cell - 1) == 0 && longest > 0)
    alternatives = usesLiterals ? RegexAlternatives(expression, ignoringCase: ignoringCase) : nil
    literal = usesLiterals ? RegexLiteral(expression, ignoringCase: ignoringCase) : nil
    program = try RegexProgram(expression, ignoringCase: ignoringCase)
    (name, self.cell, self.longest) = (expression, cell, longest)
  }

  /// What the pattern finds.
  public var summary: String { "the regular expression given" }

  /// The first byte is the anchor; its cell and the bytes seen around the cell decide.
  public var reach: Int { cell + 2 * longest }

  /// See ``Pattern/scan(_:base:from:to:into:)``.
  public func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    guard from < to, !matches.isFull, let workspace = program.borrowWorkspace() else { return }
    defer { program.giveBack(workspace) }
    while from < to {
      let start = from - Int(truncatingIfNeeded: base.rawValue &+ UInt64(from)) & (cell - 1)
      let end = min(start + cell, to)
      guard search(bytes, cellStart: start, from: &from, to: end, with: workspace, into: &matches) else { return }
      from = end
    }
  }

  /// Searches a cell for matches that begin in `from ..< to`. Returns whether there was room for all of them.
  private func search(
    _ bytes: RawSpan, cellStart: Int, from: inout Int, to: Int, with workspace: RegexWorkspace,
    into matches: inout MatchList
  ) -> Bool {
    let (first, end) = (cellStart - 2 * longest, cellStart + cell + longest)
    let start = max(0, first)
    let subject = bytes.extracting(start..<min(bytes.byteCount, end))
    // Whether memory ends right where the subject does is not to be seen, for a window may end there too.
    var borders: RegexBorders = []
    if first < 0 { borders.insert(.start) }
    if end > bytes.byteCount { borders.insert(.end) }
    let last = to - 1 - start
    if let alternatives {
      var hasRoom = true
      alternatives.matches(in: subject, last: last) { match in
        guard start + match.lowerBound >= from else { return true }
        hasRoom = !matches.isFull
        if hasRoom {
          matches.append(Match(offset: UInt32(start + match.lowerBound), length: UInt32(match.count)))
        } else {
          from = start + match.lowerBound
        }
        return hasRoom
      }
      return hasRoom
    }
    var place = 0
    for begins in literal?.begins(in: subject) ?? [0..<subject.byteCount] {
      place = max(place, begins.lowerBound)
      let last = min(last, begins.upperBound - 1)
      search: while place <= last {
        switch program.search(subject, from: place, last: last, borders: borders, with: workspace) {
        case .match(let match):
          place = match.upperBound
          let found = start + match.lowerBound
          // A match may begin behind where the search for it began: \K.
          guard found < to else { return true }
          guard found >= from else { continue }
          guard !matches.isFull else {
            from = found
            return false
          }
          matches.append(Match(offset: UInt32(found), length: UInt32(match.count)))
        case .nothing:
          break search
        case .undecided:
          let limit = limit(in: subject, place...last, borders, workspace)
          if start + limit >= from { matches.noteLimit(at: start + limit) }
          place = limit + longest
        }
      }
    }
    return true
  }

  /// The offset at which the engine gives up, which PCRE2 does not tell: the first end of a search that gives up.
  private func limit(
    in subject: RawSpan, _ places: ClosedRange<Int>, _ borders: RegexBorders, _ workspace: RegexWorkspace
  ) -> Int {
    var (low, high) = (places.lowerBound, places.upperBound)
    while low < high {
      let middle = low + (high - low) / 2
      let outcome = program.search(subject, from: places.lowerBound, last: middle, borders: borders, with: workspace)
      if outcome == .undecided { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
