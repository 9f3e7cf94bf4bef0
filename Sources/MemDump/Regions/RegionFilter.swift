/// A choice of regions by what they are: the `--min-size`, `--kind` and `--perm` of the command line.
public struct RegionFilter: Hashable, Sendable {
  /// The size of the smallest regions, in bytes.
  public var minimumByteCount: UInt64 = 0
  /// The kinds of regions; empty for all.
  public var kinds: [RegionKind] = []
  /// The permissions that a region has, as letters of /proc/PID/maps.
  public var permissions = ""

  /// Makes a filter that lets every region through.
  public init() {}

  /// Whether the filter lets every region through.
  public var isOpen: Bool { self == RegionFilter() }

  /// Whether the filter lets a region through.
  public func includes(_ region: MemoryRegion) -> Bool {
    let letters = region.permissions.description
    return region.byteCount >= minimumByteCount && (kinds.isEmpty || kinds.contains(region.kind))
      && permissions.allSatisfy { $0 == "-" || letters.contains($0) }
  }

  /// What the filter lets through of ranges.
  ///
  /// - Parameters:
  ///   - ranges: the ranges, in order.
  ///   - regions: the memory map.
  public func ranges(of ranges: [Range<Address>], in regions: [MemoryRegion]) -> [Range<Address>] {
    if isOpen { return ranges }
    let parts = ranges.flatMap { regions.parts(of: $0) }
    return parts.filter { $0.content.map(includes) ?? false }.map(\.range).union()
  }

  /// The same. Throws ``MemDumpError/Code/badSelector`` where nothing is left.
  ///
  /// - Parameters:
  ///   - ranges: the ranges, in order.
  ///   - regions: the memory map.
  ///   - target: the process that errors name.
  public func selection(
    of ranges: [Range<Address>], in regions: [MemoryRegion], of target: ProcessLabel?
  ) throws(MemDumpError) -> [Range<Address>] {
    let selected = self.ranges(of: ranges, in: regions)
    if selected.isEmpty, !isOpen { throw MemDumpError(.selector(description, .nothingMatches(target))) }
    return selected
  }
}

extension RegionFilter: CustomStringConvertible {
  /// The filter as the command line writes it.
  public var description: String {
    let size = minimumByteCount > 0 ? ["--min-size \(minimumByteCount)"] : []
    let letters = permissions.isEmpty ? [] : ["--perm \(permissions)"]
    return (size + kinds.map { "--kind \($0.rawValue)" } + letters).joined(separator: " ")
  }
}
