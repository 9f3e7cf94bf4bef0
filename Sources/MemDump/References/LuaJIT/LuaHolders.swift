/// What holds the objects of types of LuaJIT.
public struct LuaHolders: Sendable {
  /// What a preparation comes to.
  public enum Preparation: Sendable {
    /// There is no state of LuaJIT here.
    case none
    /// There is, and what was found is not believed.
    case refused(Phrase)
    case ready(LuaHolders)
  }

  /// The types that have objects, by name.
  public let objects: ObjectTypes
  private let source: any MemorySource
  private let control: WorkControl

  /// The objects that are in no list.
  private static let string = Array("string".utf8)
  /// The number of objects of a type that are looked at.
  private static let sampleCount: UInt64 = 200

  /// Prepares a search.
  ///
  /// - Parameters:
  ///   - source: the memory: best a ``Capture``, all of one instant.
  ///   - process: the process, where it still runs.
  ///   - control: may end the search.
  public static func prepare(
    _ source: any MemorySource, process: TargetProcess? = nil, control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> Preparation {
    switch try LuaObjects.find(in: source, process: process, control: control) {
    case .none: .none
    case .refused(let reason): .refused(reason)
    case .found(let objects): .ready(LuaHolders(objects: objects, source: source, control: control))
    }
  }

  /// The holders of the objects of a type; nil for a name that no type with objects has.
  public func holders(ofType name: [UInt8]) throws(MemDumpError) -> ObjectHolders? {
    guard let row = objects.rows.first(where: { $0.name == name }) else { return nil }
    return try Self.holders(of: row, in: source, control)
  }

  private static func kind(of root: LuaReach.Root) -> ObjectHolders.Kind {
    switch root {
    case .globals: .globals
    case .registry: .registry
    case .stack: .stack
    }
  }

  private static func holders(
    of row: ObjectTypes.Row, in source: any MemorySource, _ control: WorkControl
  ) throws(MemDumpError) -> ObjectHolders {
    var holders = ObjectHolders(name: row.name, objects: row.objects, owned: row.owned)
    var counts: [LuaReach.Way: (count: Int, example: Address)] = [:]
    let step = max(1, row.objects.count / sampleCount)
    var (seen, shapes): (UInt64, LuaShapes) = (0, LuaShapes())
    for state in try LuaState.all(in: source, control) {
      var walk = try LuaWalk(state, in: source, control)
      var sample: [Address] = []
      _ = try walk.forEachObject { (object, words) throws(MemDumpError) in
        var name = Array("\(object.kind.name)".utf8)
        if let table = object.table {
          name = try shapes.number(of: table, state, &words).map { shapes.names[$0] } ?? []
        }
        guard name == row.name else { return }
        if seen % step == 0 { sample.append(object.address) }
        seen += 1
      }
      if row.name == Self.string {
        _ = try walk.forEachString { (address, _) throws(MemDumpError) in
          if seen % step == 0 { sample.append(address) }
          seen += 1
        }
      }
      var search = try LuaReach(state, in: source, control)
      try search.run()
      holders.sampled += sample.count
      let isCut = search.isCut
      for (object, way) in try zip(sample, search.ways(to: sample)) {
        if let way {
          counts[way, default: (0, object)].count += 1
        } else if isCut {
          holders.notFollowed += 1
        }
      }
    }
    holders.rows = counts.map { way, found in
      ObjectHolders.Row(
        kind: kind(of: way.root), name: nil, steps: way.steps, count: found.count, example: found.example)
    }.sorted { ($1.count, $0.text) < ($0.count, $1.text) }
    return holders
  }
}
