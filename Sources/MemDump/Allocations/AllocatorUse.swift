/// How a process uses the functions of an allocator, by a few samples: which it calls, and where a breakpoint sees what they
/// return.
struct AllocatorUse {
  /// A call that was seen at the entry of a function.
  private struct Call {
    var function: AllocationFunction
    /// Where it returns to.
    var site: Address
    var byteCount: UInt64
  }

  /// The samples of a slice, and its longest time, in nanoseconds.
  private static let (sampleCount, time): (Int, UInt64) = (96, 200_000_000)
  /// The part of all calls that have to be seen at the returns of a function so that no others are thought of.
  private static let (coverage, fewestCalls) = (0.8, 4)
  /// The most functions that take blocks back which are waited for at once, and the most sets for the places that the calls of
  /// a function return to.
  private static let (mostReleases, mostSets) = (3, 4)

  /// The sets of instructions to wait for; none where the process called none of the functions meanwhile.
  private(set) var sets: [TrapSet] = []
  /// Whether some thread has no free breakpoint register.
  private(set) var lacksRegisters = false
  /// Whether blocks are taken back by more functions than are waited for.
  private(set) var missesReleases = false

  /// Looks at the use of an allocator.
  ///
  /// - Parameters:
  ///   - functions: the functions of the allocator.
  ///   - byteCount: the number of bytes that is asked for where only that matters; nil for any.
  init(
    _ functions: AllocatorFunctions, byteCount: UInt64?, _ session: EventSession, _ source: any MemorySource,
    _ frames: inout ModuleFrames, _ control: WorkControl
  ) throws(MemDumpError) {
    let entries = AllocationFunction.allCases.compactMap { function in
      functions.functions[function].map { (function: function, range: $0) }
    }
    // Aliases are one function.
    let distinct = entries.enumerated().filter { index, entry in
      !entries[..<index].contains { $0.range.lowerBound == entry.range.lowerBound }
    }.map(\.element)
    var calls: [Call] = []
    for start in stride(from: 0, to: distinct.count, by: TrapSet.registerCount) {
      let part = distinct[start..<min(distinct.count, start + TrapSet.registerCount)]
      guard let slice = try Self.slice(part.map(\.range.lowerBound), session, control) else {
        lacksRegisters = true
        return
      }
      for sample in slice.samples {
        if let entry = part.first(where: { $0.range.lowerBound == sample.address }),
          let call = Self.call(entry.function, sample)
        {
          calls.append(call)
        }
      }
    }
    let called = try Self.releases(functions.releases, session, control)
    let releases = called.prefix(Self.mostReleases)
    missesReleases = called.count > releases.count
    let room = TrapSet.registerCount - releases.count
    var traps: [[TrapSet.Trap]] = []
    for (function, range) in distinct where calls.contains(where: { $0.function == function }) {
      let returns = try ReturnInstructions.addresses(of: range, in: source, &frames)
      // Where a function returns, nobody knows any more what it was asked for.
      // What nobody frees can be looked at in turn.
      let most = function.isCollected ? room * Self.mostSets : room
      if byteCount == nil, !returns.isEmpty, returns.count <= most,
        try Self.covers(range.lowerBound, returns, session, control)
      {
        for start in stride(from: 0, to: returns.count, by: room) {
          traps.append(returns[start...].prefix(room).map { .init(address: $0, kind: .returning(function)) })
        }
      } else {
        let sites = Self.sites(calls.filter { $0.function == function }, byteCount).prefix(room * Self.mostSets)
        for start in stride(from: 0, to: sites.count, by: room) {
          traps.append(sites[start...].prefix(room).map { .init(address: $0, kind: .returned(function)) })
        }
      }
    }
    sets = Self.packed(traps.filter { !$0.isEmpty }, room).map { traps in
      TrapSet(traps: traps + releases.map { .init(address: $0, kind: .freeing) })
    }
  }

  /// The set for a process that calls malloc so seldom that no call was met: where malloc returns, and free. Whether all of its
  /// calls come there is not known then.
  static func unseen(
    _ functions: AllocatorFunctions, in source: any MemorySource, _ frames: inout ModuleFrames
  ) throws(MemDumpError) -> TrapSet? {
    guard let malloc = functions.functions[.malloc], let free = functions.releases.first else { return nil }
    let returns = try ReturnInstructions.addresses(of: malloc, in: source, &frames)
    guard !returns.isEmpty, returns.count < TrapSet.registerCount else { return nil }
    let traps = returns.map { TrapSet.Trap(address: $0, kind: .returning(.malloc)) }
    return TrapSet(traps: traps + [.init(address: free, kind: .freeing)])
  }

  private static func slice(
    _ addresses: [Address], _ session: EventSession, _ control: WorkControl
  ) throws(MemDumpError) -> EventSlice? {
    let limits = EventSlice.Limits(time: time, sampleCount: sampleCount, eventSampleCount: sampleCount)
    return try session.run(
      addresses.map { .init(subject: .execution(of: $0), stackByteCount: 8) }, limits, control)
  }

  private static func call(_ function: AllocationFunction, _ sample: PerfSample) -> Call? {
    guard let site = sample.stack.load(UInt64.self, at: 0), let byteCount = function.byteCount(sample) else {
      return nil
    }
    return Call(function: function, site: Address(site), byteCount: byteCount)
  }

  /// The functions that take blocks back which are called, those of most calls first; without those that hand each block on to
  /// another of them, where it is seen.
  private static func releases(
    _ all: [Address], _ session: EventSession, _ control: WorkControl
  ) throws(MemDumpError) -> [Address] {
    let all = Array(all.prefix(TrapSet.registerCount))
    guard all.count > 1, let slice = try slice(all, session, control) else { return Array(all.prefix(1)) }
    var counts = Dictionary(slice.samples.map { ($0.address, 1) }, uniquingKeysWith: +)
    let rare = all.filter { counts[$0] == nil }
    if !rare.isEmpty, rare.count < all.count, let more = try self.slice(rare, session, control) {
      counts.merge(more.samples.map { ($0.address, 1) }, uniquingKeysWith: +)
    }
    let relays = relays(
      slice.samples.map { Release(thread: $0.thread, function: $0.address, block: $0.arguments.first) })
    let called = all.filter { counts[$0] != nil && !relays.contains($0) }.sorted {
      (counts[$0] ?? 0) > (counts[$1] ?? 0)
    }
    return called.isEmpty ? Array(all.prefix(1)) : called
  }

  /// A call of a function that takes a block back.
  struct Release {
    var thread: Int32
    var function: Address
    var block: UInt64?
  }

  /// The functions of which nearly every call is followed by one of another, by the same thread and with the same block, as
  /// operator delete calls free. Pure.
  static func relays(_ calls: [Release]) -> Set<Address> {
    var counts: [Address: (all: Int, relayed: Int)] = [:]
    for own in Dictionary(grouping: calls, by: \.thread).values {
      // What came behind the last one of a thread was not seen.
      for (call, next) in zip(own, own.dropFirst()) {
        let isRelayed = call.function != next.function && call.block == next.block
        counts[call.function, default: (0, 0)].all += 1
        counts[call.function, default: (0, 0)].relayed += isRelayed ? 1 : 0
      }
    }
    return Set(
      counts.filter { $1.all >= fewestCalls && Double($1.relayed) >= coverage * Double($1.all) }.map(\.key))
  }

  /// Whether nearly every call of a function comes to one of some instructions, so that no other way leads out of it.
  private static func covers(
    _ entry: Address, _ returns: [Address], _ session: EventSession, _ control: WorkControl
  ) throws(MemDumpError) -> Bool {
    var seenPart = 0.0
    // One register is for the entry.
    let room = TrapSet.registerCount - 1
    for start in stride(from: 0, to: returns.count, by: room) {
      guard let slice = try slice([entry] + returns[start...].prefix(room), session, control) else { return false }
      let seen = slice.samples.filter { slice.window.contains($0.instant) }
      let calls = seen.count { $0.address == entry }
      guard calls >= fewestCalls else { return false }
      seenPart += Double(seen.count - calls) / Double(calls)
    }
    return seenPart >= coverage
  }

  /// The places that calls return to, those of most calls first; where only a number of bytes matters, of calls for so many.
  private static func sites(_ calls: [Call], _ byteCount: UInt64?) -> [Address] {
    var counts: [Address: Int] = [:]
    for call in calls where byteCount ?? call.byteCount == call.byteCount { counts[call.site, default: 0] += 1 }
    return counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map(\.key)
  }

  /// Puts the traps of functions together, as many as there is room for.
  private static func packed(_ traps: [[TrapSet.Trap]], _ room: Int) -> [[TrapSet.Trap]] {
    var sets: [[TrapSet.Trap]] = []
    for more in traps {
      if let index = sets.firstIndex(where: { $0.count + more.count <= room }) {
        sets[index] += more
      } else {
        sets.append(more)
      }
    }
    return sets
  }
}
