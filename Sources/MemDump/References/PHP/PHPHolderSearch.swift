/// A search for what holds the objects of a class of a PHP program, or its arrays and strings.
public struct PHPHolderSearch: ~Copyable {
  /// The number of objects of a type that are looked at.
  public static let sampleCount = 200

  /// What a preparation comes to.
  public enum Preparation: ~Copyable {
    /// There is no heap of PHP here.
    case none
    /// There is, and what is in it is not believed, or what the program has by name was not found.
    case refused(Phrase)
    case ready(PHPHolderSearch)
  }

  /// The types that have objects, by name.
  public let objects: ObjectTypes
  private let samples: [[UInt8]: [Address]]
  private var reach: PHPReach

  /// Prepares a search, and goes over all that the program reaches.
  ///
  /// - Parameters:
  ///   - source: the memory: best a ``Capture``, all of one instant.
  ///   - heaps: the heaps that ``HeapWalk`` found in the memory.
  ///   - control: may end the search.
  public static func prepare(
    _ source: any MemorySource, heaps: Heaps, control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> Preparation {
    switch try PHPObjects.census(of: source, heaps, control) {
    case .none: return .none
    case .refused(let reason): return .refused(reason)
    case .found(let objects, let samples):
      guard let program = try PHPProgram.find(in: source, control) else {
        return .refused("its tables of variables, functions and classes were not found")
      }
      var reach = try PHPReach(program, source, heaps, control)
      try reach.run()
      return .ready(PHPHolderSearch(objects, samples, reach))
    }
  }

  private init(_ objects: ObjectTypes, _ samples: [[UInt8]: [Address]], _ reach: consuming PHPReach) {
    (self.objects, self.samples) = (objects, samples)
    self.reach = reach
  }

  /// The holders of the objects of a type; nil for a name that no type with objects has.
  public mutating func holders(ofType name: [UInt8]) throws(MemDumpError) -> ObjectHolders? {
    guard let row = objects.rows.first(where: { $0.name == name }), let all = samples[name] else { return nil }
    var holders = ObjectHolders(name: name, objects: row.objects, owned: row.owned)
    let count = min(all.count, Self.sampleCount)
    let sample = (0..<count).map { all[$0 * all.count / count] }
    holders.sampled = count
    var found: [PHPReach.Way: (count: Int, example: Address)] = [:]
    for (object, way) in try zip(sample, reach.ways(to: sample)) {
      if let way {
        found[way, default: (0, object)].count += 1
      } else if reach.isCut {
        holders.notFollowed += 1
      }
    }
    holders.rows = found.map { way, found in
      ObjectHolders.Row(kind: way.kind, name: way.name, steps: way.steps, count: found.count, example: found.example)
    }.sorted { ($1.count, $0.text) < ($0.count, $1.text) }
    return holders
  }
}
