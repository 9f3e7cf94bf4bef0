/// A table of what memory is for, filled mapping by mapping.
struct FootprintTable {
  /// The amounts so far.
  private(set) var rows: [FootprintUse: FootprintRow] = [:]
  /// The amount of all mappings together.
  private(set) var total = MemoryAmount()

  private let uses: UseMap
  private let rule: MappingUse
  private let pages: ResidentPages?
  private let keepsMappings: Bool

  /// Makes an empty table.
  ///
  /// - Parameters:
  ///   - uses: what stretches of memory are for that the map alone does not tell.
  ///   - rule: what the others are for.
  ///   - pages: where the memory is, for mappings with several uses.
  ///   - keepsMappings: whether the mappings of each row are kept.
  init(_ uses: UseMap, _ rule: MappingUse, _ pages: ResidentPages?, keepsMappings: Bool) {
    (self.uses, self.rule, self.pages, self.keepsMappings) = (uses, rule, pages, keepsMappings)
  }

  /// Adds a mapping.
  mutating func add(_ region: MemoryRegion) throws(MemDumpError) {
    let amount = MemoryAmount(region)
    total += amount
    let parts = uses.stretches.parts(of: region.range)
    if parts.count == 1 { return add(amount, to: parts[0].content?.content ?? rule.use(of: region), region) }
    var split = AmountSplit(of: amount)
    for part in parts {
      let (resident, swapped) = try pages?.byteCounts(in: part.range) ?? (0, 0)
      split.add(virtual: part.range.byteCount, resident: resident, swapped: swapped)
    }
    for (part, share) in zip(parts, split.shares()) {
      var piece = region
      piece.range = part.range
      piece.usage?.resident = share.resident
      add(share, to: part.content?.content ?? rule.use(of: region), piece, isApproximate: split.isApproximate)
    }
  }

  private mutating func add(
    _ amount: MemoryAmount, to use: FootprintUse, _ region: MemoryRegion, isApproximate: Bool = false
  ) {
    var row = rows[use] ?? FootprintRow(use: use)
    row.amount += amount
    row.mappingCount += 1
    row.isApproximate = row.isApproximate || isApproximate
    if keepsMappings { row.mappings.append(region) }
    if use.category == .file || use.category == .program {
      row.dirty &+= (region.usage?.privateDirty ?? 0) &+ (region.usage?.sharedDirty ?? 0)
    }
    rows[use] = row
  }
}

/// Memory that is for one thing.
public struct FootprintRow: Sendable {
  /// What the memory is for.
  public var use: FootprintUse
  /// How much there is of it.
  public var amount = MemoryAmount()
  /// The changed memory, whether or not other processes have it, too, of files and programs; 0 of others.
  public var dirty: UInt64 = 0
  /// The number of mappings, or of parts of such.
  public var mappingCount = 0
  /// Whether shared and changed memory of a mapping with several uses was divided among them by what each has resident.
  public var isApproximate = false
  /// The mappings, in order, where they are kept.
  public var mappings: [MemoryRegion] = []

  init(use: FootprintUse) { self.use = use }
}

/// The division of the amount of a mapping among its parts, whose sum stays what the kernel tells of the mapping.
struct AmountSplit {
  private let whole: MemoryAmount
  private var parts: [MemoryAmount] = []

  init(of whole: MemoryAmount) { self.whole = whole }

  /// Whether the kernel does not tell how the amount is divided: where pages are shared, or not all are changed.
  var isApproximate: Bool {
    whole.resident > 0 && (whole.proportional != whole.resident || whole.privateDirty != whole.resident)
  }

  /// Adds a part, by the pages that are there.
  mutating func add(virtual: UInt64, resident: UInt64, swapped: UInt64) {
    parts.append(MemoryAmount(virtual: virtual, resident: resident, swapped: swapped))
  }

  /// The parts, with all that the mapping has.
  func shares() -> [MemoryAmount] {
    var shares = parts
    Self.fit(&shares, \.resident, to: whole.resident)
    Self.fit(&shares, \.swapped, to: whole.swapped)
    for (place, total) in [(\MemoryAmount.proportional, whole.proportional), (\.privateDirty, whole.privateDirty)] {
      for index in shares.indices where whole.resident > 0 {
        shares[index][keyPath: place] = UInt64(
          Double(total) * (Double(shares[index].resident) / Double(whole.resident)))
      }
      Self.fit(&shares, place, to: total)
    }
    return shares
  }

  /// Makes a sum what it has to be: what is too much is taken from the largest parts, and what is missing is added to the
  /// largest.
  private static func fit(
    _ shares: inout [MemoryAmount], _ place: WritableKeyPath<MemoryAmount, UInt64>, to total: UInt64
  ) {
    var sum = shares.reduce(0) { $0 &+ $1[keyPath: place] }
    let order = shares.indices.sorted { shares[$0][keyPath: place] > shares[$1][keyPath: place] }
    if sum < total, let largest = order.first { shares[largest][keyPath: place] += total - sum }
    for index in order where sum > total {
      let excess = min(sum - total, shares[index][keyPath: place])
      shares[index][keyPath: place] -= excess
      sum -= excess
    }
  }
}
