import MemDump

/// Who allocates the chunks that a watch has found to grow.
struct GrowthAllocations {
  /// What a short watch of allocations came to, or why there is none.
  let result: Result<AllocationSummary, MemDumpError>
  /// The sizes that grow, header included.
  private let sizes: Set<UInt64>

  /// How long allocations are watched, and how much of a processor the process may spend, in thousandths.
  private static let (time, budget): (Duration, UInt64) = (.seconds(5), 10)

  /// Watches the allocations of a process where chunks of some size grow, and it still runs; nil where that is not so, or not
  /// wanted.
  init?(of verdict: WatchVerdict, isWanted: Bool, _ control: WorkControl) {
    sizes = Set(
      verdict.rows.filter(\.trend.isGrowing).compactMap(\.growth.blockClass)
        .filter(\.isSeenHandedOut).map(\.footprint))
    guard isWanted, !sizes.isEmpty, !verdict.hasEnded, !control.isStopped else { return nil }
    do throws(MemDumpError) {
      let watch = AllocationWatch(time: Self.time, budgetThousandths: Self.budget)
      result = .success(try watch.run(verdict.target, control: control))
    } catch { result = .failure(error) }
  }

  /// What the watch of allocations came to; nil where it failed.
  var summary: AllocationSummary? { try? result.get() }

  /// The paths that make what grows.
  var paths: [AllocationPath] {
    (summary?.paths ?? []).filter { $0.isNamed && $0.footprint.map(sizes.contains) == true }
  }

  /// What people read of it, a line each.
  var lines: [String] {
    switch result {
    case .failure(let error): return ["who allocates them is not told: \(error)"]
    case .success(let summary):
      let makers = summary.makers.filter { sizes.contains($0.footprint) }
      let bursts = "\(counted(summary.burstCount, "burst")) in \(readableTime(nanoseconds: summary.elapsed))"
      let cost =
        "for \(percentage(thousandths: summary.costThousandths)) of a processor, of "
        + "\(percentage(thousandths: Self.budget)) allowed"
      let unseen = makers.isEmpty ? ["who allocates them was not seen"] : []
      return makers.map { AllocationReport.sentence(on: $0, Self.depth) } + unseen.map { "\($0) in \(bursts), \(cost)" }
        + (makers.isEmpty
          ? summary.notes.map(AllocationReport.sentence) : ["that was seen in \(bursts), \(cost)"])
    }
  }

  /// The calls of a path that are printed.
  private static let depth = 6
}
