extension [MemoryRegion] {
  /// Whether another map may be of the same run of the same program, earlier or later: of the files that both have mapped, at
  /// least half are where they were. An execve, as every start of a program, puts them elsewhere. True where the maps tell no
  /// files.
  public func mayBeOfOneRun(with other: [MemoryRegion]) -> Bool {
    let (own, others) = (places, other.places)
    guard !own.isEmpty, !others.isEmpty else { return true }
    let common = own.keys.filter { others[$0] != nil }
    let unmoved = common.count { name in
      own[name, default: []].contains { range in others[name, default: []].contains(where: range.overlaps) }
    }
    return !common.isEmpty && unmoved * 2 >= common.count
  }

  private var places: [[UInt8]: [Range<Address>]] {
    Dictionary(grouping: filter { $0.kind == .file }, by: \.name).mapValues { $0.map(\.range) }
  }
}
