/// A search for what holds the objects of types, of whichever runtime of a language is there.
public struct ObjectHolderSearch: ~Copyable {
  /// What a preparation comes to.
  public enum Preparation: ~Copyable {
    /// There is no such runtime here.
    case none
    /// There is, and what is there of it is not believed, for this reason.
    case refused(ObjectTypes.Language, Phrase)
    case ready(ObjectHolderSearch)
  }

  /// The types that a name stands for.
  public enum Meaning: Sendable {
    case one([UInt8])
    case several([[UInt8]])
    /// None: those that come near, or have most bytes.
    case unknown([[UInt8]])
  }

  /// The types that have objects, by name.
  public let objects: ObjectTypes
  /// The runtime.
  public var language: ObjectTypes.Language { objects.language }
  /// Whether stacks of C were looked at, as is done for Python: for that the registers of the threads are needed.
  public let hasStacks: Bool

  private var python: PythonHolderSearch?
  private var php: PHPHolderSearch?
  private var lua: LuaHolders?

  /// The most types that are named where none has the name.
  private static let namedTypes = 5

  /// Prepares a search.
  ///
  /// - Parameters:
  ///   - source: the memory: best a ``Capture``, all of one instant.
  ///   - heaps: the heaps that ``HeapWalk`` found in the memory.
  ///   - process: the process, where it still runs.
  ///   - control: may end the search.
  public static func prepare(
    _ source: any MemorySource, heaps: Heaps, process: TargetProcess? = nil, control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> Preparation {
    switch try PythonHolderSearch.prepare(source, heaps: heaps, process: process, control: control) {
    case .none: break
    case .refused(let reason): return .refused(.python, reason)
    case .ready(let search): return .ready(ObjectHolderSearch(search))
    }
    switch try PHPHolderSearch.prepare(source, heaps: heaps, control: control) {
    case .none: break
    case .refused(let reason): return .refused(.php, reason)
    case .ready(let search): return .ready(ObjectHolderSearch(search))
    }
    switch try LuaHolders.prepare(source, process: process, control: control) {
    case .none: return .none
    case .refused(let reason): return .refused(.luaJIT, reason)
    case .ready(let search): return .ready(ObjectHolderSearch(search))
    }
  }

  private init(_ search: consuming PythonHolderSearch) {
    (objects, hasStacks) = (search.objects, search.hasStacks)
    python = consume search
  }

  private init(_ search: consuming PHPHolderSearch) {
    (objects, hasStacks) = (search.objects, false)
    php = consume search
  }

  private init(_ search: LuaHolders) {
    (objects, hasStacks) = (search.objects, false)
    lua = search
  }

  /// What a name means.
  public func meaning(of name: [UInt8]) -> Meaning {
    let names = objects.names(of: name)
    if names.count == 1 { return .one(names[0]) }
    return names.isEmpty ? .unknown(objects.rows.prefix(Self.namedTypes).map(\.name)) : .several(names)
  }

  /// The holders of the objects of a type; nil for a name that no type with objects has.
  public mutating func holders(ofType name: [UInt8]) throws(MemDumpError) -> ObjectHolders? {
    switch language {
    case .python: try python?.holders(ofType: name) ?? nil
    case .php: try php?.holders(ofType: name) ?? nil
    case .luaJIT: try lua?.holders(ofType: name)
    case .hotSpot: nil
    }
  }
}
