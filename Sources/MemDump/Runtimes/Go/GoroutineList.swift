/// Goroutines with the same stack that are at the same thing.
public struct GoroutineGroup: Sendable {
  /// What tells a group from others, in one process and at any time.
  public struct Key: Hashable, Sendable {
    var state: Goroutine.State
    var reason: UInt8
    var places: [UInt64]
    var statement: UInt64
    var end: Goroutine.End
    var isInterrupted: Bool
  }

  /// What tells the group from others.
  public let key: Key
  /// What its goroutines are at.
  public var state: Goroutine.State { key.state }
  /// Why they wait, in the runtime's own words; nil where they do not, or that is not known.
  public var reason: String?
  /// The number of goroutines.
  public var count: UInt64 = 0
  /// How many of them are known to have waited since some time.
  public var datedCount: UInt64 = 0
  /// The longest time that one is known to have waited, in nanoseconds. A collector notes it when it finds one waiting, so it is
  /// the least: one that waits since the last collection is not dated. Nil where none is, or the present is not known.
  public var longestWait: UInt64?
  /// The numbers of the first goroutines.
  public var numbers: [UInt64] = []
  /// The calls that are under way, the innermost first.
  public var frames: [GoFrame] = []
  /// The `go` statement that made them; nil where it is not known.
  public var maker: GoFrame?
  /// Whether they are the runtime's own.
  public var isSystem: Bool
  /// Why there are no more frames.
  public var end: Goroutine.End { key.end }

  /// What they are at, in the words of Go's own traces.
  public var activity: String { reason ?? state.name }

  /// The innermost call that is not one of the runtime's own functions; of the runtime's own goroutines, the innermost one.
  public var caller: GoFrame? { frames.first { !$0.isInternal } ?? frames.first }

  static let mostNumbers = 8
}

/// The goroutines of a process at one look.
public struct GoroutineList: Sendable {
  /// The groups, those of most goroutines first.
  public internal(set) var groups: [GoroutineGroup] = []
  /// The number of goroutines that are not the runtime's own, as `runtime.NumGoroutine` counts.
  public internal(set) var count: UInt64 = 0
  /// The number of the runtime's own.
  public internal(set) var systemCount: UInt64 = 0
  /// The number of those that have ended, and whose memory is kept for the next ones.
  public internal(set) var deadCount: UInt64 = 0
  /// The number of those whose stacks are of groups beyond the most that are kept.
  public internal(set) var omittedCount: UInt64 = 0
  /// The number of those that went on while they were looked at, so that their stacks are not known.
  public internal(set) var movingCount: UInt64 = 0
  /// The number of those whose stacks cannot be followed to where they begin.
  public internal(set) var brokenCount: UInt64 = 0
  /// Whether the process had the present, so that it is known how long goroutines wait.
  public internal(set) var isDated = false

  /// The groups without the runtime's own goroutines, or with them.
  public func groups(withSystem: Bool) -> [GoroutineGroup] { groups.filter { withSystem || !$0.isSystem } }

  /// How many goroutines have each stack, as pprof counts them.
  ///
  /// - Parameter withSystem: whether the runtime's own goroutines count, too.
  public func profile(withSystem: Bool) -> Profile {
    var profile = Profile([Profile.SampleType("goroutine", "count")])
    for group in groups(withSystem: withSystem) {
      var frames = group.frames.reversed().map { Profile.Frame($0) }
      if group.end != .root { frames.insert(Profile.Frame("[\(group.activity)]"), at: 0) }
      profile.add(frames, [group.count], labels: [Profile.Label("state", .text(group.activity))])
    }
    return profile
  }
}

extension Profile.Frame {
  /// A frame of a Go program.
  init(_ frame: GoFrame) {
    self.init(frame.name.map { EscapedText($0).description } ?? frame.address.description)
    isSymbol = frame.name != nil
    address = frame.address
    file = frame.file.map { EscapedText($0).description }
    line = frame.line ?? 0
  }
}
