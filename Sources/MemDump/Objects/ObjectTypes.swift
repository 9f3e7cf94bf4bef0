/// The objects of a language's runtime in a process by type, as an own walk finds them: all that are there, whether a collector
/// knows them or would find them dead.
public struct ObjectTypes: Sendable {
  /// A runtime whose objects are told.
  public enum Language: String, CaseIterable, Sendable {
    case python
    case luaJIT = "luajit"
    case php
    case hotSpot = "hotspot"

    /// Whether a collector takes objects back when it runs, so that memory comes and goes while no more is kept.
    var isCollected: Bool { self == .luaJIT || self == .hotSpot }
    /// Whether ``ObjectHolderSearch`` tells what holds its objects.
    public var hasHolders: Bool { self != .hotSpot }

    /// The name for people.
    public var title: String {
      switch self {
      case .python: "Python"
      case .luaJIT: "LuaJIT"
      case .php: "PHP"
      case .hotSpot: "HotSpot"
      }
    }
  }

  /// What a look comes to.
  public enum Result: Sendable {
    /// There is no such runtime here.
    case none
    /// There is, and what was found is not believed, for this reason.
    case refused(Phrase)
    case found(ObjectTypes)
  }

  /// The objects of one type.
  public struct Row: Hashable, Sendable {
    /// The name of the type: of Python with its module in front, unless that is the program itself or Python's own; of LuaJIT a
    /// table with its keys, and with the name that its metatable gives; of PHP and HotSpot the class.
    public var name: [UInt8]
    /// The number of objects, and the bytes that they take.
    public var objects = HeapSummary.Sum()
    /// What is theirs and no objects: the items of lists, the tables of dictionaries and sets, buffers, stacks.
    public var owned = HeapSummary.Sum()
    /// The number of types of that name.
    public var typeCount = 1

    /// The bytes of both.
    public var byteCount: UInt64 { objects.byteCount &+ owned.byteCount }
  }

  /// The runtime.
  public let language: Language
  /// The types that have objects, those of most bytes first.
  public let rows: [Row]
  /// All objects, what is theirs, and objects that types keep for the next ones.
  public let (objects, owned, spare): (HeapSummary.Sum, HeapSummary.Sum, HeapSummary.Sum)
  /// What all of it is a part of: of Python all blocks in use, of every heap of the process; of LuaJIT what it counts itself; of PHP
  /// all blocks of zend_mm in use; of HotSpot the memory that has objects.
  public let total: HeapSummary.Sum

  init(
    _ language: Language, _ rows: some Sequence<Row>, spare: HeapSummary.Sum = .init(), of total: HeapSummary.Sum
  ) {
    let rows = rows.filter { $0.objects.count > 0 }.sorted {
      $0.byteCount == $1.byteCount ? $0.name.lexicographicallyPrecedes($1.name) : $0.byteCount > $1.byteCount
    }
    var (objects, owned) = (HeapSummary.Sum(), HeapSummary.Sum())
    for row in rows {
      objects.add(row.objects)
      owned.add(row.owned)
    }
    (self.language, self.rows, self.spare, self.total) = (language, rows, spare, total)
    (self.objects, self.owned) = (objects, owned)
  }

  /// The names of the types that a name stands for: itself, or else of Python those that end with it behind a dot, of PHP behind a
  /// backslash, and of LuaJIT those that begin with it.
  public func names(of name: [UInt8]) -> [[UInt8]] {
    let names = rows.map(\.name)
    if names.contains(name) { return [name] }
    if language == .luaJIT { return names.filter { $0.starts(with: name) } }
    let end = [language == .php ? UInt8(ascii: "\\") : UInt8(ascii: ".")] + name
    return names.filter { $0.count > end.count && $0.suffix(end.count).elementsEqual(end) }
  }

  /// The bytes of which it is known what they are.
  public var namedByteCount: UInt64 { objects.byteCount &+ owned.byteCount &+ spare.byteCount }
  /// The same as a share of the total, in thousandths.
  public var namedThousandths: UInt64 { Self.thousandths(namedByteCount, of: total.byteCount) }

  static func thousandths(_ part: UInt64, of whole: UInt64) -> UInt64 {
    whole == 0 ? 0 : UInt64(Double(part) / Double(whole) * 1000)
  }

  /// Looks at the objects of every runtime that is there.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - heaps: the heaps that ``HeapWalk`` found in the memory.
  ///   - process: the process, where it still runs: names of types of C stand in its program.
  ///   - onlyReached: whether, of a collected heap, only what can be reached counts: what is garbage tells nothing of growth.
  ///     Objects of HotSpot are not told then.
  ///   - control: may end the look.
  public static func find(
    in source: any MemorySource, heaps: Heaps, process: TargetProcess?, onlyReached: Bool = false,
    control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> [(language: Language, result: Result)] {
    var found: [(language: Language, result: Result)] = []
    for language in Language.allCases where !control.isStopped {
      let result =
        switch language {
        case .python: try PythonObjects.find(in: source, heaps: heaps, process: process, control: control)
        case .luaJIT:
          try LuaObjects.find(
            in: source, process: process, onlyReached: onlyReached, control: control)
        case .php: try PHPObjects.find(in: source, heaps: heaps, control: control)
        case .hotSpot: onlyReached ? .none : try HotSpotObjects.find(in: source, process: process, control: control)
        }
      if case .none = result { continue }
      found.append((language, result))
    }
    return found
  }
}

extension HeapSummary.Sum {
  mutating func add(_ other: HeapSummary.Sum) {
    count &+= other.count
    byteCount &+= other.byteCount
  }
}
