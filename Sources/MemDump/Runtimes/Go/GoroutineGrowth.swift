/// Stacks of which there are more goroutines at a later look.
public struct GoroutineGrowth: Sendable {
  /// The goroutines with the stack at the last look.
  public var group: GoroutineGroup
  /// How many there were at the first look.
  public var before: UInt64
  /// How many there are at the last look, whatever they are at.
  public var after: UInt64
  /// How many there are more.
  public var grown: UInt64 { after - min(after, before) }

  /// What has grown over some looks at one process, the most first.
  ///
  /// Of three looks or more, only what grew in both halves of them counts: what fills up once is no growth.
  ///
  /// - Parameters:
  ///   - looks: the looks, in their order.
  ///   - minimum: how many more there must be.
  ///   - withSystem: whether the runtime's own goroutines count, too.
  public static func all(
    over looks: [GoroutineList], minimum: UInt64, withSystem: Bool
  ) -> [GoroutineGrowth] {
    guard looks.count > 1, let first = looks.first, let last = looks.last else { return [] }
    let before = first.counts
    let middle = looks.count > 2 ? looks[looks.count / 2].counts : nil
    let after = last.counts
    var grown: [GoroutineGrowth] = []
    var seen: Set<GoroutineList.Stack> = []
    for group in last.groups(withSystem: withSystem) {
      let stack = GoroutineList.Stack(group.key)
      guard seen.insert(stack).inserted else { continue }
      let (from, to) = (before[stack] ?? 0, after[stack] ?? 0)
      guard to > from, to - from >= max(1, minimum) else { continue }
      if let halfway = middle.map({ $0[stack] ?? 0 }), halfway <= from || halfway >= to { continue }
      grown.append(GoroutineGrowth(group: group, before: from, after: to))
    }
    return grown.sorted { ($1.grown, $0.before) < ($0.grown, $1.before) }
  }
}

extension GoroutineList {
  /// A stack, whatever the goroutines that have it are at.
  fileprivate struct Stack: Hashable {
    var places: [UInt64]
    var statement: UInt64

    init(_ key: GoroutineGroup.Key) { (places, statement) = (key.places, key.statement) }
  }

  fileprivate var counts: [Stack: UInt64] {
    var counts: [Stack: UInt64] = [:]
    // Of a goroutine that runs, or moves on, no stack is known.
    for group in groups where !group.key.places.isEmpty { counts[Stack(group.key), default: 0] += group.count }
    return counts
  }
}

/// The goroutines that are in one function, whatever leads there.
public struct GoroutineFunction: Sendable {
  /// The innermost call that is not one of the runtime's own; nil where no stack is known.
  public var caller: GoFrame?
  /// What they are at, in the words of Go's own traces.
  public var activity: String
  /// The number of goroutines.
  public var count: UInt64
  /// The number of their stacks.
  public var stackCount: UInt64
  /// See ``GoroutineGroup/longestWait``.
  public var longestWait: UInt64?

  /// The functions that goroutines are in, those of most goroutines first.
  public static func all(of groups: [GoroutineGroup]) -> [GoroutineFunction] {
    struct Key: Hashable {
      var name: [UInt8]?
      var activity: String
    }
    var places: [Key: Int] = [:]
    var functions: [GoroutineFunction] = []
    for group in groups {
      let key = Key(name: group.caller?.name, activity: group.activity)
      if let place = places[key] {
        functions[place].count += group.count
        functions[place].stackCount += 1
        if let wait = group.longestWait { functions[place].longestWait = max(functions[place].longestWait ?? 0, wait) }
      } else {
        places[key] = functions.count
        functions.append(
          GoroutineFunction(
            caller: group.caller, activity: group.activity, count: group.count, stackCount: 1,
            longestWait: group.longestWait))
      }
    }
    return functions.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }.map(
      \.element)
  }
}
