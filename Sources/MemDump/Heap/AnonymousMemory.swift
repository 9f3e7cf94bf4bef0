/// The memory that an allocator may have of the system, and the memory of variables that its roots may be in.
struct AnonymousMemory: Sendable {
  /// Private writable anonymous memory that is no stack, in order. Neighbours are joined: the kernel keeps mappings apart
  /// whose flags differ, and an allocator does not know.
  let stretches: [Range<Address>]
  /// The variables of modules; see ``ModuleData``.
  let variables: [Range<Address>]

  init(_ regions: [MemoryRegion]) {
    stretches = regions.ranges {
      $0.isPrivateAnonymous && $0.kind != .stack && $0.permissions.contains(.write)
    }.union()
    variables = ModuleData.stretches(regions).map(\.range)
  }

  /// How many bytes of anonymous memory there are from an address on without a gap.
  func room(at address: Address) -> UInt64 {
    stretches.index(holding: address).map { stretches[$0].upperBound - address } ?? 0
  }

  /// Whether a range is anonymous memory as a whole.
  func contains(_ range: Range<Address>) -> Bool { range.byteCount <= room(at: range.lowerBound) }

  /// The numbers of the units of `1 << shift` bytes in which there is such memory, in order.
  ///
  /// - Parameter limit: the most numbers that are made: of more, only the first are.
  func units(shift: UInt64, limit: Int = 1 << 20) -> [UInt64] {
    var units: [UInt64] = []
    for stretch in stretches where !stretch.isEmpty {
      let last = (stretch.upperBound.rawValue - 1) >> shift
      var unit = max(stretch.lowerBound.rawValue >> shift, units.last.map { $0 + 1 } ?? 0)
      while unit <= last, units.count < limit {
        units.append(unit)
        unit += 1
      }
    }
    return units
  }
}
