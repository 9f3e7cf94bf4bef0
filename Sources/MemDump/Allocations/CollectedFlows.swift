/// What of the objects of a collected heap stays, by the program's own count of what it hands out: the samples tell which part of
/// it comes by which path, and the count how much that is, however long the samples held the program up.
struct CollectedFlows {
  /// How many more objects of a size there are in a second.
  private(set) var netPerSecond: [UInt64: Double] = [:]
  /// The objects of a size that were seen to stay beyond those that there are more of: they die later.
  private(set) var releases: [UInt64: Releases] = [:]

  /// Sets the times in which paths were watched to those in which the program hands out as much as was seen. A size of which it
  /// does not tell how much that is has no growth that a path is set against.
  init(_ summary: inout AllocationSummary, _ collected: CollectedHeap?) throws(MemDumpError) {
    guard let collected else { return }
    let counts = try collected.allocatedCounts()
    let paths = summary.paths.indices.filter { summary.paths[$0].function == AllocationFunction.goMalloc.title }
    for (size, members) in Dictionary(grouping: paths, by: { summary.paths[$0].footprint ?? 0 }) {
      let sampled = members.reduce(0) { $0 + summary.paths[$1].sampled }
      if let count = counts[size], count > 0 {
        let time = UInt64(Double(summary.elapsed) * Double(sampled) / Double(count))
        for index in members { (summary.paths[index].watchedTime, summary.paths[index].undisturbedTime) = (time, time) }
      } else if collected.isCounted(size) {
        for index in members { (summary.paths[index].watchedTime, summary.paths[index].undisturbedTime) = (0, 0) }
      }
      guard let grown = summary.growth?.first(where: { $0.footprint == size }), summary.elapsed > 0 else { continue }
      let time = summary.paths[members[0]].undisturbedTime
      let survived = Double(members.reduce(0) { $0 + summary.paths[$1].survived })
      let grownMeanwhile = Double(grown.count) * Double(time) / Double(summary.elapsed)
      netPerSecond[size] = Double(grown.count) * 1e9 / Double(summary.elapsed)
      releases[size] = Releases(count: Int(max(0, survived - grownMeanwhile)), time: time)
    }
  }
}
