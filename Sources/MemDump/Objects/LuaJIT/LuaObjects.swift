/// The objects of LuaJIT in a process, by type, tables by their keys; of all its states together.
enum LuaObjects {
  /// The least and the most that the objects may take of what LuaJIT counts, in thousandths: cdata and traces are not in it.
  private static let believed: ClosedRange<UInt64> = 800...1050

  /// The signs of LuaJIT: its library, or its version in the program that holds it.
  private static let signs = AllocatorSigns(libraries: ["libluajit", "luajit"], texts: ["LuaJIT 2."])

  /// Whether LuaJIT is mapped, or may be since no file is known: a search of all memory is not for every process.
  private static func isPossible(in source: any MemorySource, _ process: TargetProcess?) throws(MemDumpError) -> Bool {
    guard source.regions.contains(where: { $0.kind == .file && !$0.name.isEmpty }) else { return true }
    return try AllocatorSigns.seen([signs], in: source, process: process)[0] != nil
  }

  /// See ``ObjectTypes/find(in:heaps:process:control:)``.
  static func find(
    in source: any MemorySource, process: TargetProcess? = nil, onlyReached: Bool = false,
    control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> ObjectTypes.Result {
    guard try isPossible(in: source, process) else { return .none }
    let states = try LuaState.all(in: source, control)
    guard !states.isEmpty else { return .none }
    var (tally, shapes, total) = (LuaTally(), LuaShapes(), UInt64(0))
    for state in states {
      var walk = try LuaWalk(state, in: source, control)
      let before = tally.sum
      var reach = try LuaReach(state, in: source, control)
      if onlyReached { try reach.run() }
      // Where there are too many to go over, garbage counts, too.
      let countsAll = !onlyReached || reach.isCut
      var end = try walk.forEachObject { (object, words) throws(MemDumpError) in
        let isCounted = countsAll || reach.contains(object.address)
        try tally.add(object, state, isCounted, &shapes, &words)
      }
      if case .whole = end {
        end = try walk.forEachString { (address, length) throws(MemDumpError) in
          tally.addString(length, countsAll || reach.contains(address))
        }
      }
      if case .broken(let place) = end {
        return .refused(
          "the list of its objects leads to \(text: place.description), where there is none: it was at work")
      }
      if control.isStopped { break }
      if case .cut = end { return .refused("the list of its objects does not end") }
      tally.addStringTable(state.chainCount)
      guard believed.contains(ObjectTypes.thousandths(tally.sum - before, of: state.total)) else {
        return .refused(
          "its objects take \(bytes: tally.sum - before), and LuaJIT counts \(bytes: state.total) as in use")
      }
      total &+= state.total
    }
    return .found(ObjectTypes(.luaJIT, tally.rows(shapes), of: .init(count: tally.count, byteCount: total)))
  }
}

/// What was counted.
private struct LuaTally {
  struct Amount {
    var objects = HeapSummary.Sum()
    var owned = HeapSummary.Sum()
  }

  var kinds = [Amount](repeating: Amount(), count: 16)
  /// Of tables, by the number of the shape.
  var tables: [Amount] = []
  /// Of tables whose shape has no number.
  var others = Amount()
  var sum: UInt64 = 0
  var count: UInt64 = 0

  mutating func add(
    _ object: LuaObject, _ state: LuaState, _ isCounted: Bool, _ shapes: inout LuaShapes, _ words: inout WordCache
  ) throws(MemDumpError) {
    let byteCount = object.byteCount ?? 0
    sum &+= byteCount &+ object.ownedByteCount
    guard isCounted else { return }
    count += 1
    guard let table = object.table else {
      add(byteCount, object.ownedByteCount, to: &kinds[Int(object.kind.rawValue)])
      return
    }
    if let number = try shapes.number(of: table, state, &words) {
      while tables.count <= number { tables.append(Amount()) }
      add(byteCount, object.ownedByteCount, to: &tables[number])
    } else {
      add(byteCount, object.ownedByteCount, to: &others)
    }
  }

  private func add(_ byteCount: UInt64, _ owned: UInt64, to amount: inout Amount) {
    amount.objects.add(1, byteCount)
    if owned > 0 { amount.owned.add(1, owned) }
  }

  mutating func addString(_ length: UInt64, _ isCounted: Bool) {
    sum &+= 25 &+ length
    guard isCounted else { return }
    count += 1
    kinds[Int(LuaLayout.Kind.string.rawValue)].objects.add(1, 25 &+ length)
  }

  mutating func addStringTable(_ chainCount: UInt64) {
    sum &+= chainCount &* 8
    kinds[Int(LuaLayout.Kind.string.rawValue)].owned.add(1, chainCount &* 8)
  }

  /// The rows of all types.
  func rows(_ shapes: LuaShapes) -> [ObjectTypes.Row] {
    func row(_ name: [UInt8], _ amount: Amount) -> ObjectTypes.Row {
      ObjectTypes.Row(name: name, objects: amount.objects, owned: amount.owned)
    }
    let plain = LuaLayout.Kind.allCases.filter { $0 != .table }
    return plain.map { row(Array("\($0.name)".utf8), kinds[Int($0.rawValue)]) }
      + [row(Array("table of more shapes".utf8), others)] + zip(shapes.names, tables).map { row($0, $1) }
  }
}
