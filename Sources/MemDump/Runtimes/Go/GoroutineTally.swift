/// What is read of a goroutine before its stack.
struct GoroutineHead {
  var address: UInt64
  var stack: Range<UInt64>
  var (pointer, counter): (UInt64, UInt64)
  var (state, number, since): (UInt64, UInt64, UInt64)
  var reason: UInt8
  var (start, statement): (UInt64, UInt64)

  var isDead: Bool { GoroutineLayout.isDead(state) }

  /// Reads a goroutine; nil where what is there is none.
  init?(_ address: UInt64, _ layout: GoroutineLayout, _ words: inout WordCache) throws(MemDumpError) {
    let place = Address(address)
    guard try words.word(at: place + UInt64(layout.itself) * 8) == address, let low = try words.word(at: place),
      let high = try words.word(at: place + 8), low <= high, high - low <= 1 << 30,
      let state = try words.word(at: place + UInt64(layout.state) * 8)
    else { return nil }
    self.address = address
    stack = low..<high
    self.state = GoroutineLayout.state(in: state)
    func word(_ number: Int, _ words: inout WordCache) throws(MemDumpError) -> UInt64 {
      try words.word(at: place + UInt64(number) * 8) ?? 0
    }
    pointer = try word(layout.stackPointer, &words)
    counter = try word(layout.programCounter, &words)
    number = try word(layout.number, &words)
    since = try word(layout.since, &words)
    reason = UInt8(truncatingIfNeeded: try word(layout.reason, &words))
    start = try word(layout.start, &words)
    statement = if let place = layout.statement { try word(place, &words) } else { 0 }
  }

  /// Whether nothing happened to the goroutine between two looks.
  func isSame(as other: GoroutineHead) -> Bool {
    pointer == other.pointer && counter == other.counter && state == other.state && number == other.number
      && stack == other.stack
  }
}

/// The goroutines that were looked at so far, by their stacks.
struct GoroutineTally {
  private let layout: GoroutineLayout
  private let reasons: [String]
  /// Where each stopped thread is, and its stack pointer.
  private let processors: [(counter: UInt64, pointer: UInt64)]
  private let instant: UInt64?
  /// The number of goroutines that have ended.
  var deadCount: UInt64 = 0
  /// The number of elements of the list that are no goroutines.
  var strayCount: UInt64 = 0
  private var list = GoroutineList()
  private var groups: [GoroutineGroup.Key: GoroutineGroup] = [:]
  private var walk = GoStackWalk()
  private var systemStarts: [UInt64: Bool] = [:]
  /// The number of goroutines that wait and whose stacks are whole, and of all that wait.
  private var (wholeCount, waitingCount): (UInt64, UInt64) = (0, 0)
  private var badReasonCount: UInt64 = 0

  /// The most groups that are kept.
  private static let mostGroups = 1 << 16

  init(
    layout: GoroutineLayout, reasons: [String], processors: [(counter: UInt64, pointer: UInt64)], instant: UInt64?
  ) {
    (self.layout, self.reasons, self.processors, self.instant) = (layout, reasons, processors, instant)
  }

  /// Reads a goroutine; nil where what is there is none.
  func head(of address: UInt64, _ words: inout WordCache) throws(MemDumpError) -> GoroutineHead? {
    try GoroutineHead(address, layout, &words)
  }

  /// The stack of a goroutine.
  mutating func stack(
    of head: GoroutineHead, _ words: inout WordCache, _ functions: inout GoFunctionTable
  ) throws(MemDumpError) -> (places: [UInt64], end: Goroutine.End) {
    guard head.state == 2 else { return try walk.walk(head.counter, head.pointer, head.stack, &functions, &words) }
    guard let processor = processors.first(where: { head.stack.contains($0.pointer) }) else { return ([], .running) }
    let found = try walk.walk(processor.counter, processor.pointer, head.stack, &functions, &words)
    // A thread can be where no table tells the depth: in the kernel's own code, or in C.
    return found.end == .root ? found : ([], .running)
  }

  /// Adds a goroutine that has not ended.
  mutating func add(
    _ head: GoroutineHead, _ places: [UInt64], _ end: Goroutine.End, _ functions: inout GoFunctionTable
  ) throws(MemDumpError) {
    let isSystem = try isSystem(head.start, &functions)
    if isSystem { list.systemCount += 1 } else { list.count += 1 }
    let state = Goroutine.State(head.state)
    if state == .waiting {
      if end != .moving { waitingCount += 1 }
      if end == .root { wholeCount += 1 }
      if !reasons.isEmpty, head.reason == 0 || Int(head.reason) >= reasons.count { badReasonCount += 1 }
    }
    if case .broken = end { list.brokenCount += 1 }
    if end == .moving { list.movingCount += 1 }
    let key = GoroutineGroup.Key(
      state: state, reason: state == .waiting ? head.reason : 0, places: places, statement: head.statement, end: end,
      isInterrupted: state == .running && end == .root)
    if groups[key] == nil {
      guard groups.count < Self.mostGroups else {
        list.omittedCount += 1
        return
      }
      groups[key] = GoroutineGroup(key: key, isSystem: isSystem)
    }
    groups[key]?.add(head, instant)
  }

  /// The goroutines, with their functions; or why they are not believed.
  mutating func result(_ functions: inout GoFunctionTable) throws(MemDumpError) -> GoroutineSearch.Result {
    // One goroutine of a few is no share: it may have gone on.
    if waitingCount - wholeCount > max(1, waitingCount / 100) {
      let share = GoroutineSearch.share(Double(wholeCount) / Double(waitingCount))
      return .refused("\(text: share) of \(count: waitingCount, "stack") lead to where they begin; 99 % are expected")
    }
    let believesReasons = !reasons.isEmpty && badReasonCount <= max(1, waitingCount / 100)
    list.deadCount = deadCount
    list.isDated = instant != nil
    var named: [GoroutineGroup] = []
    for var group in groups.values {
      let reason = Int(group.key.reason)
      if believesReasons, reason > 0, reason < reasons.count { group.reason = reasons[reason] }
      for (number, place) in group.key.places.enumerated() {
        group.frames += try functions.frames(at: place, isCall: number > 0 || !group.key.isInterrupted)
      }
      if group.key.statement != 0 { group.maker = try functions.frames(at: group.key.statement, isCall: true).last }
      group.numbers.sort()
      named.append(group)
    }
    list.groups = named.sorted { left, right in
      (right.count, left.numbers.first ?? 0) < (left.count, right.numbers.first ?? 0)
    }
    return .found(list)
  }

  /// Whether a goroutine that began with a function is the runtime's own (`isSystemGoroutine`): the function is of the package
  /// runtime, and not one that runs the program's own code.
  private mutating func isSystem(_ start: UInt64, _ functions: inout GoFunctionTable) throws(MemDumpError) -> Bool {
    if let known = systemStarts[start] { return known }
    let name = try functions.name(at: start) ?? []
    let isOwn = ["runtime.main", "runtime.handleAsyncEvent", "runtime.corostart"].contains {
      name.elementsEqual($0.utf8)
    }
    let isSystem = name.starts(with: "runtime.".utf8) && !isOwn
    if systemStarts.count < Self.mostGroups { systemStarts[start] = isSystem }
    return isSystem
  }
}

extension GoroutineGroup {
  fileprivate init(key: Key, isSystem: Bool) { (self.key, self.isSystem) = (key, isSystem) }

  fileprivate mutating func add(_ head: GoroutineHead, _ instant: UInt64?) {
    count += 1
    if numbers.count < Self.mostNumbers { numbers.append(head.number) }
    guard let instant, head.since > 0, head.since <= instant, state == .waiting || state == .systemCall else { return }
    datedCount += 1
    longestWait = max(longestWait ?? 0, instant - head.since)
  }
}
