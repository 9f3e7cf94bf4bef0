/// The page faults of a watch, by path.
struct PageFaultTally {
  private struct Path {
    var frames: [ThreadStack.Frame]
    var pages: [Address: Int] = [:]
  }

  /// The innermost frames by which paths are told apart, the most paths, and the most pages that are kept of one.
  private static let (keyDepth, mostPaths, mostPages) = (24, 1 << 10, 1 << 12)

  private var paths: [[Address]: Path] = [:]

  /// Adds a slice.
  mutating func add(_ slice: EventSlice, _ unwinder: inout StackUnwinder) throws(MemDumpError) {
    for sample in slice.samples {
      guard let stack = try AllocationBurst.stack(of: sample, &unwinder) else { continue }
      let key = stack.frames.prefix(Self.keyDepth).map(\.instruction)
      guard paths[key] != nil || paths.count < Self.mostPaths else { continue }
      var path = paths.removeValue(forKey: key) ?? Path(frames: stack.frames)
      if path.pages.count < Self.mostPages { path.pages[sample.address.pageStart, default: 0] += 1 }
      paths[key] = path
    }
  }

  /// The paths that touched memory of the process's own, where heaps are: those of most pages first.
  func rows(_ names: inout StackNames, in source: any MemorySource) -> [PageFaultPath] {
    let regions = source.regions
    var rows: [PageFaultPath] = []
    for path in paths.values {
      let count = path.pages.keys.count { page in
        guard let index = regions.index(holding: page) else { return true }
        let region = regions[index]
        return region.isPrivateAnonymous && region.permissions.contains(.write) && region.kind != .stack
      }
      guard count > 0 else { continue }
      var row = PageFaultPath(frames: path.frames, names: path.frames.map { names.name(of: $0) })
      row.pageCount = count
      rows.append(row)
    }
    return rows.sorted {
      ($0.pageCount, $1.frames.first?.address ?? Address(0)) > ($1.pageCount, $0.frames.first?.address ?? Address(0))
    }
  }
}
