#if Regex
  @testable import MemDump

  /// The rule of `--regex`, cell by cell over a whole run of memory, with an engine that compiles nothing and skips nothing.
  struct ReferenceRegex {
    private let program: RegexProgram
    private let cell: Int
    private let longest: Int

    init(_ expression: String, cell: Int, longest: Int) throws {
      program = try RegexProgram("(*NO_JIT)(*NO_START_OPT)" + expression, ignoringCase: false)
      (self.cell, self.longest) = (cell, longest)
    }

    /// The places of all matches in a run that begins at an address.
    func matches(in run: [UInt8], at address: Int) throws -> [Range<Int>] {
      guard let workspace = program.borrowWorkspace() else { return [] }
      defer { program.giveBack(workspace) }
      var matches: [Range<Int>] = []
      for cellStart in stride(from: address / cell * cell, to: address + run.count, by: cell) {
        let seen = max(address, cellStart - 2 * longest)..<min(address + run.count, cellStart + cell + longest)
        var borders: RegexBorders = []
        if address > cellStart - 2 * longest { borders.insert(.start) }
        if address + run.count < cellStart + cell + longest { borders.insert(.end) }
        let subject = Array(run[seen.lowerBound - address..<seen.upperBound - address])
        var place = 0
        while case .match(let match) = program.search(
          subject.span.bytes, from: place, last: subject.count, borders: borders, with: workspace)
        {
          let start = seen.lowerBound + match.lowerBound
          if start >= cellStart, start < cellStart + cell {
            matches.append(start - address..<start - address + match.count)
          }
          place = match.upperBound
        }
      }
      return matches
    }
  }
#endif
