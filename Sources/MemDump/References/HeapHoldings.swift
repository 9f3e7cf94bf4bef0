/// What holds the blocks of a heap: for every block in use one holder, by the order of evidence that `HeapMark` has, and what
/// no holder was found for. A holder says that the blocks can be reached from there, and not whether they should.
public struct HeapHoldings: Sendable {
  /// The kind of a holder.
  public enum Kind: String, Sendable {
    /// A variable of a program or a library, or a place in the memory of its variables that no symbol names.
    case variable
    /// The thread-local variables of a thread.
    case threadLocal = "thread-local"
    /// Memory outside the heap, as pools that a program maps itself.
    case pool
    /// The registers of a thread.
    case registers
    /// The stack of a thread, from its stack pointer on.
    case stack
    /// Goroutines: their stacks, from their stack pointers on, and what else the runtime keeps of each.
    case goroutines
    /// Nothing that was found.
    case nobody
  }

  /// Blocks of one size and type that a holder holds.
  public struct Part: Hashable, Sendable {
    /// The footprint of each, in bytes.
    public var footprint: UInt64
    /// What the blocks begin with, where that is an address in a mapped file; nil for others.
    public var beginning: String?
    /// The blocks.
    public var amount: HeapSummary.Sum
  }

  /// A holder, with all that it holds.
  public struct Row: Sendable {
    /// The kind of the holder.
    public var kind: Kind
    /// The path of the module of a variable.
    public var module: [UInt8]?
    /// The name of the variable, as its symbol stands in the module; nil where no symbol tells it.
    public var symbol: [UInt8]?
    /// The offset in the module of a place without a symbol, in bytes.
    public var offset: UInt64?
    /// The thread of a stack, of registers or of thread-local variables.
    public var thread: ThreadID?
    /// The name of the mapping of memory outside the heap; empty for one without a name.
    public var mapping: [UInt8]?
    /// The blocks that it holds.
    public var amount = HeapSummary.Sum()
    /// What most of their bytes are in, the most first; no more than ``mostParts``.
    public var parts: [Part] = []
    /// The address of one of the blocks.
    public var example = Address(0)
  }

  /// Graphs of blocks that no holder was found for, of one shape.
  public struct LostRow: Sendable {
    /// The number of graphs.
    public var count: UInt64
    /// The number of blocks in each; 0 for graphs of shapes that there was no room for.
    public var blockCount: Int
    /// The blocks of all.
    public var amount: HeapSummary.Sum
    /// The footprint of the first block of each, in bytes.
    public var footprint: UInt64
    /// What the first block begins with, where that is an address in a mapped file.
    public var beginning: String?
    /// The path of the module that most words of a graph lead to which lead to a module; nil where none do.
    public var module: [UInt8]?
    /// The functions that words of some of the graphs lead to the start of, with how often, the most first.
    public var functions: [(name: String, count: Int)]
    /// The address of the first block of one of them.
    public var example: Address
  }

  /// The most parts that a row tells.
  public static let mostParts = 3

  /// All blocks in use.
  public internal(set) var total = HeapSummary.Sum()
  /// The holders, the one of most bytes first; what nobody holds is no row.
  public internal(set) var rows: [Row] = []
  /// The blocks for which no holder was found.
  public internal(set) var unheld = HeapSummary.Sum()
  /// The graphs of those, those of most bytes first.
  public internal(set) var lost: [LostRow] = []
  /// The number of blocks that were not looked at: behind the first 32 GiB, or changed since the heap was walked.
  public internal(set) var omittedCount: UInt64 = 0
  /// Whether there were more ways than have room, so that the profile shows some shorter than they are.
  public internal(set) var isCut = false
  /// Whether stacks and registers were looked at.
  public internal(set) var hasStacks = false
  /// The ways from the holders to the blocks, by sizes and types; its sums are those of ``total``.
  public internal(set) var profile = Profile([.inuseObjects, .inuseSpace], mainType: 1)
}

extension HeapHoldings.Row {
  /// The name of the holder, safe to print: `libapp.so:cache`, `libapp.so+0x4080`, `stack of thread 12`.
  public var title: String { title(symbol: symbol.map { SymbolName($0).description }) }

  /// The name with the symbol as it stands in the module.
  public var plainTitle: String { title(symbol: symbol.map { EscapedText($0).description }) }

  private func title(symbol: String?) -> String {
    switch kind {
    case .variable:
      return .name(in: module, symbol: symbol, else: "+\(Address(offset ?? 0))")
    case .threadLocal: return "thread-local data of thread \(thread?.description ?? "?")"
    case .registers: return "registers of thread \(thread?.description ?? "?")"
    case .stack: return "stack of thread \(thread?.description ?? "?")"
    case .goroutines: return "goroutines"
    case .pool:
      return "memory outside the heap" + (mapping.flatMap { $0.isEmpty ? nil : " (\(EscapedText($0)))" } ?? "")
    case .nobody: return "nobody that was found"
    }
  }
}
