extension WatchVerdict {
  /// A verdict, with who allocates what grows, where that was looked at.
  public typealias WithAllocations = (verdict: WatchVerdict, allocations: AllocationSummary?)

  /// The rows of a profile: of the kinds of growth, which count the same memory in several ways, the one that tells most.
  ///
  /// Types of objects say more than the sizes of their blocks. Sizes are told where types tell less than the sizes beside them;
  /// where neither grows, it is memory by its name, and then texts and addresses.
  public var profiledRows: [Row] {
    let growing = rows.filter(\.trend.isGrowing)
    func of(_ kind: Growth.Kind) -> [Row] { growing.filter { $0.growth.kind == kind } }
    let (types, sizes) = (of(.objectType), of(.chunkSize))
    func byteCount(_ rows: [Row]) -> UInt64 { rows.reduce(0) { $0 &+ $1.growth.byteCount } }
    if !types.isEmpty, byteCount(types) >= byteCount(sizes.filter { !$0.growth.isOfRuntime }) { return types }
    let others = [sizes, of(.resident), of(.region), of(.template), of(.sockaddr).filter { $0.growth.distinct != nil }]
    return others.first { !$0.isEmpty } ?? []
  }
}

extension Profile {
  /// What grew in a watch: of each process the bytes and the number of what grew from the first look to the last, in a sum that
  /// is that of its ``WatchVerdict/profiledRows``.
  ///
  /// The stack of chunks is the call that allocates them, where that was seen; else what holds them, for as many of the new
  /// ones as are surely held by it; else their size with what they have in common. The label `stack` says which.
  public init(of verdicts: [WatchVerdict.WithAllocations]) {
    self.init([.inuseObjects, .inuseSpace], mainType: 1)
    for (verdict, allocations) in verdicts {
      let rows = verdict.profiledRows
      guard let kind = rows.first?.growth.kind else { continue }
      let maker = GrowthSamples(
        verdict, allocations, outermost: verdicts.count > 1 ? [Profile.Frame(verdict.target.growthTitle)] : [])
      for row in rows {
        for sample in maker.samples(of: row) { add(sample.frames, sample.values, labels: sample.labels) }
      }
      comments.append(
        "\(verdict.target.growthTitle): growth in \(verdict.elapsed / 1_000_000) ms, of the kind \(kind.rawValue); other kinds "
          + "count the same memory, and are not in it")
    }
  }
}

extension TargetProcess {
  fileprivate var growthTitle: String { "\(printableName) (\(id))" }
}
