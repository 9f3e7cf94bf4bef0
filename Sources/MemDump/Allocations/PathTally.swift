/// What was seen of the blocks of each path, over all bursts.
struct PathTally {
  /// A survivor of a burst.
  private struct Survivor {
    var block: Address
    var path: Int
    var footprint: UInt64?
  }

  private struct Path {
    var function: AllocationFunction
    var frames: [ThreadStack.Frame]
    var isWhole: Bool
    var set: Int
    /// The blocks that were seen, by what they take of the heap; 0 where that is not known.
    var sampled: [UInt64: Int] = [:]
  }

  private struct Key: Hashable {
    var function: AllocationFunction
    var addresses: [Address]
  }

  /// The innermost frames by which paths are told apart, and the most paths and survivors that are kept.
  private static let (keyDepth, mostPaths, mostSurvivors) = (24, 1 << 12, 1 << 18)

  private var paths: [Path] = []
  private var places: [Key: Int] = [:]
  private var survivors: [Address: Survivor] = [:]
  private var watched: [Int: (all: UInt64, undisturbed: UInt64)] = [:]
  private var windows: [Int: UInt64] = [:]
  /// The blocks by what they take of the heap; 0 where that is not known.
  private var flows: [UInt64: ClassFlow] = [:]
  /// The blocks that were seen in all.
  private(set) var sampleCount = 0
  private(set) var brokenCount = 0

  /// - Parameters:
  ///   - flows: the blocks by what they take of the heap.
  ///   - windows: the time in which everything was seen in bursts of each set, in nanoseconds.
  init(flows: [UInt64: ClassFlow] = [:], windows: [Int: UInt64] = [:]) { (self.flows, self.windows) = (flows, windows) }

  /// Adds a burst.
  ///
  /// - Parameters:
  ///   - set: the number of the set of instructions that was waited for.
  ///   - footprint: tells what a block takes of the heap now; nil where that is not known.
  mutating func add(
    _ burst: AllocationBurst, set: Int, footprint: (Address) throws(MemDumpError) -> UInt64?
  ) throws(MemDumpError) {
    watched[set, default: (0, 0)].all += burst.watchedTime
    watched[set, default: (0, 0)].undisturbed += burst.undisturbedTime
    windows[set, default: 0] += burst.windowTime
    brokenCount += burst.brokenCount
    for block in burst.allocated { flows[try footprint(block) ?? 0, default: ClassFlow()].addAllocated(set: set) }
    for block in burst.freed { flows[try footprint(block) ?? 0, default: ClassFlow()].addFreed() }
    for block in burst.released { flows[try footprint(block) ?? 0, default: ClassFlow()].addReleased() }
    // What is taken back, or handed out once more, did not survive an earlier burst.
    for block in burst.blocks { survivors[block] = nil }
    for sample in burst.samples {
      guard let path = path(sample.function, sample.stack, set) else { continue }
      sampleCount += 1
      let byteCount = try footprint(sample.block)
      paths[path].sampled[byteCount ?? 0, default: 0] += 1
      if sample.outcome == .survived, survivors.count < Self.mostSurvivors {
        survivors[sample.block] = Survivor(block: sample.block, path: path, footprint: byteCount)
      }
    }
  }

  /// How many more blocks of a size were handed out than taken back in a second of the bursts. Where more of those of unknown
  /// size were taken back than handed out, they may all have been of this size.
  func netPerSecond(ofSize byteCount: UInt64) -> Double {
    (flows[byteCount]?.netPerSecond(windows) ?? 0) + min(0, flows[0]?.netPerSecond(windows) ?? 0)
  }

  /// The blocks of a size that were taken back long after they had been handed out, and those of unknown size, which may all
  /// have been of this size. They are seen in the bursts of all sets.
  func releases(ofSize byteCount: UInt64) -> Releases {
    let time = watched.values.reduce(0) { $0 + $1.all }
    let counts = [byteCount, 0].map { (flows[$0] ?? ClassFlow()).releases(in: time).count }
    return Releases(count: counts[0] + counts[1], time: time)
  }

  /// Adds an object of a heap with a collector, which tells later what became of it.
  ///
  /// - Returns: the number of its path; nil where there are too many.
  mutating func add(
    _ function: AllocationFunction, _ stack: ThreadStack, footprint: UInt64, set: Int
  ) -> Int? {
    guard let path = path(function, stack, set) else { return nil }
    sampleCount += 1
    if stack.end != .root { brokenCount += 1 }
    paths[path].sampled[footprint, default: 0] += 1
    return path
  }

  /// Adds the time of a burst over such objects.
  mutating func add(time: UInt64, undisturbed: UInt64, set: Int) {
    watched[set, default: (0, 0)].all += time
    watched[set, default: (0, 0)].undisturbed += undisturbed
    windows[set, default: 0] += time
  }

  /// Notes what became of such objects. Those of which it is not known count as never seen.
  mutating func settle(
    staying: [(block: Address, origin: CollectedObjects.Origin)], unknown: [CollectedObjects.Origin: Int]
  ) {
    for (block, origin) in staying where survivors.count < Self.mostSurvivors {
      survivors[block] = Survivor(block: block, path: origin.path, footprint: origin.footprint)
    }
    for (origin, count) in unknown {
      paths[origin.path].sampled[origin.footprint, default: 0] -= count
      sampleCount -= count
    }
  }

  private mutating func path(_ function: AllocationFunction, _ stack: ThreadStack, _ set: Int) -> Int? {
    let key = Key(function: function, addresses: stack.frames.prefix(Self.keyDepth).map(\.instruction))
    if let known = places[key] { return known }
    guard paths.count < Self.mostPaths else { return nil }
    places[key] = paths.count
    paths.append(
      Path(function: function, frames: stack.frames, isWhole: stack.end == .root, set: set))
    return paths.count - 1
  }

  /// The paths, each with one size of blocks.
  ///
  /// - Parameters:
  ///   - names: names the frames. Paths whose frames have the same functions are one.
  ///   - footprint: tells of a survivor what it takes of the heap now, and nil where it is not in use any more, or the
  ///     heap is not walked there: then `isWalked` is false.
  func rows(
    _ names: inout StackNames, isWalked: Bool, footprint: (Address) throws(MemDumpError) -> UInt64?
  ) throws(MemDumpError) -> [AllocationPath] {
    var survived: [Int: [UInt64: Int]] = [:]
    for survivor in survivors.values {
      let known = isWalked ? try footprint(survivor.block) : nil
      // A block of another size is another block.
      if isWalked, known == nil || (survivor.footprint != nil && survivor.footprint != known) { continue }
      survived[survivor.path, default: [:]][survivor.footprint ?? known ?? 0, default: 0] += 1
    }
    var rows: [AllocationPath] = []
    var merged: [[String]: Int] = [:]
    for (number, path) in paths.enumerated() {
      let named = path.frames.map { names.name(of: $0) }
      for byteCount in Set(path.sampled.keys).union((survived[number] ?? [:]).keys).sorted() {
        let identities = zip(path.frames, named).map { Self.identity($0, $1) }
        let key = ["\(path.function.rawValue) \(byteCount) \(path.set)"] + identities.prefix(Self.keyDepth)
        let place: Int
        if let known = merged[key] {
          place = known
        } else {
          place = rows.count
          merged[key] = place
          var row = AllocationPath(
            function: path.function.title, frames: path.frames, names: named, identities: identities,
            isWhole: path.isWhole,
            footprint: byteCount == 0 ? nil : byteCount)
          (row.watchedTime, row.undisturbedTime) = watched[path.set] ?? (0, 0)
          rows.append(row)
        }
        rows[place].sampled += path.sampled[byteCount] ?? 0
        rows[place].survived += survived[number]?[byteCount] ?? 0
      }
    }
    return rows
  }

  /// What is the same for all places in one function.
  private static func identity(_ frame: ThreadStack.Frame, _ name: StackNames.Name?) -> String {
    guard let name, let symbol = name.symbol else { return "\(frame.address)" }
    return String(decoding: name.module + [0] + symbol, as: UTF8.self)
  }
}
