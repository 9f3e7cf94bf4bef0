/// Where the variables of a program lie: the writable mappings of its file, and the zeroed memory right behind them (.bss).
///
/// The runtime of Go keeps what it knows of itself in such variables, so a search of these few megabytes finds it without a
/// symbol.
struct GoImage: Sendable {
  /// The first mapping of the program.
  let first: MemoryRegion
  /// The variables, in order.
  let variables: [Range<Address>]
  /// The mappings of the program that can only be read, in order: where a program can be loaded anywhere (PIE), variables
  /// that never change lie there.
  let constants: [Range<Address>]
  /// The memory in which anything of the runtime can lie: private memory that can be written to, in order.
  private let writable: [Range<Address>]

  /// The most bytes of variables that are searched.
  private static let searchLimit: UInt64 = 256 << 20

  /// The image of the program, which comes before every library in memory; nil where no file is mapped.
  init?(of source: any MemorySource) {
    let regions = source.regions
    guard let first = regions.first(where: { $0.kind == .file && !$0.name.isEmpty }) else { return nil }
    self.first = first
    var (variables, constants): ([Range<Address>], [Range<Address>]) = ([], [])
    for (index, region) in regions.enumerated() {
      if region.name == first.name, region.kind == .file {
        if region.permissions.contains(.write) {
          variables.join(region.range)
        } else if region.permissions.contains(.read), !region.permissions.contains(.execute) {
          constants.append(region.range)
        }
      } else if region.isPrivateAnonymous, region.permissions.contains(.write), region.kind != .heap,
        let last = variables.last, last.upperBound == region.range.lowerBound, index > 0,
        regions[index - 1].name == first.name
      {
        variables.join(region.range)
      }
    }
    self.variables = variables.within(Self.searchLimit)
    self.constants = constants.within(Self.searchLimit)
    writable = OwnWriting.privateMemory.ranges(in: regions).union()
  }

  /// Whether something of the runtime can lie at an address.
  func canHold(_ address: UInt64) -> Bool { address & 7 == 0 && writable.index(holding: Address(address)) != nil }

  /// Whether all of a range is such memory.
  func holds(_ range: Range<Address>) -> Bool {
    writable.index(holding: range.lowerBound).map { range.upperBound <= writable[$0].upperBound } ?? false
  }

  /// What of some ranges, in order, is such memory.
  func writableParts(of ranges: [Range<Address>]) -> [Range<Address>] {
    ranges.subtracting(ranges.subtracting(writable))
  }

  /// Hands out every word of some ranges with the two that follow, until `body` returns false. A word that is not known
  /// is 0.
  static func forEachWord(
    in ranges: [Range<Address>], _ words: inout WordCache,
    _ body: (_ address: Address, _ first: UInt64, _ second: UInt64, _ third: UInt64) throws(MemDumpError) -> Bool
  ) throws(MemDumpError) {
    for range in ranges {
      var address = range.lowerBound.alignedUp(to: 8)
      var (first, second): (UInt64, UInt64) = (0, 0)
      var known = 0
      while address < range.upperBound {
        if address.rawValue % pageSize == 0, let end = try words.emptyEnd(at: address), end > address + 24 {
          address = min(end.alignedUp(to: 8), range.upperBound)
          (first, second, known) = (0, 0, 0)
          continue
        }
        let third = try words.word(at: address) ?? 0
        known += 1
        if known > 2, first | second != 0, try !body(address - 16, first, second, third) { return }
        (first, second) = (second, third)
        address = address + 8
      }
    }
  }
}

extension [Range<Address>] {
  /// The first ranges that are together no longer than a limit.
  fileprivate func within(_ limit: UInt64) -> [Range<Address>] {
    var left = limit
    return compactMap { range in
      guard left > 0 else { return nil }
      let part = Range(start: range.lowerBound, byteCount: Swift.min(left, range.byteCount))
      left -= part.byteCount
      return part
    }
  }
}
