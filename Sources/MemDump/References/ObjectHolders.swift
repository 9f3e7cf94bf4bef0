/// What holds the objects of a type of a language's runtime, by the names that the programmer gave: for some of them the shortest
/// way back to what is there for good, as a module, a class or a global variable, or else to where it ends.
public struct ObjectHolders: Sendable {
  /// The kind of thing at which a way ends, those of the best evidence first.
  public enum Kind: String, CaseIterable, Sendable {
    case module
    case type = "class"
    /// The table of global variables of Lua.
    case globals
    /// A global variable of PHP.
    case global
    /// A function of PHP, with its static variables.
    case function
    /// The table of Lua in which C keeps its own.
    case registry
    case threadLocal = "thread-local"
    case coroutine
    case generator
    /// A call that has not returned.
    case frame
    /// The stack of a thread, as C keeps it.
    case stack
    /// A variable of a program or a library of C.
    case variable
    /// Memory whose use is not known, such as a structure of C.
    case memory
  }

  /// A way that some objects have in common.
  public struct Row: Sendable {
    /// The kind of its end.
    public var kind: Kind
    /// The name of the end: of a module, a class, a function or a variable, safe to print; nil where that is not known.
    public var name: String?
    /// What the way leads over, from the object on, safe to print: types, and keys of dictionaries as `dict["KEY"]`.
    public var steps: [String]
    /// The number of sampled objects with the way.
    public var count: Int
    /// One of them.
    public var example: Address
  }

  /// The name of the type.
  public var name: [UInt8]
  /// The objects of the type, and the blocks that are theirs.
  public var (objects, owned): (HeapSummary.Sum, HeapSummary.Sum)
  /// The number of objects that were looked at, evenly spread.
  public var sampled = 0
  /// The ways, those of most objects first.
  public var rows: [Row] = []
  /// The number of sampled objects without a way of which not all was gone over that leads to them: they may have a holder.
  public var notFollowed = 0

  /// The number of sampled objects of which a holder was found.
  public var traced: Int { rows.reduce(0) { $0 + $1.count } }
}

extension ObjectHolders.Row {
  /// The end, as people read it: `module __main__`, `class Registry`, `coroutine job`, `frame of main`.
  public var end: String {
    switch kind {
    case .module, .type, .coroutine, .generator, .global, .function: kind.rawValue + (name.map { " \($0)" } ?? "")
    case .globals: "_G"
    case .registry: "registry"
    case .frame: "frame" + (name.map { " of \($0)" } ?? "")
    case .threadLocal: "threading.local"
    case .stack: "stack" + (name.map { " of thread \($0)" } ?? "")
    case .variable: "variable" + (name.map { " of \($0)" } ?? "")
    case .memory: "memory of C"
    }
  }

  /// The whole way behind the object: `list <- dict["SESSIONS"] <- module __main__`.
  public var text: String { (steps + [end]).joined(separator: " <- ") }
}
