/// The holders of some blocks of memory: for a sample of them, where a way back over pointers ends. A holder says that
/// the block can be reached from there, and not whether it should.
public struct ReferenceSummary: Sendable {
  /// The blocks whose holders were looked for.
  public enum Subject: Hashable, Sendable {
    /// The blocks in use with one footprint, in bytes.
    case size(UInt64)
    /// The block in use whose footprint holds an address: every word that leads into the block.
    case block(Address, HeapBlock)
    /// An address outside every block in use: every word that leads to it.
    case address(Address)
    /// The blocks in which a text of a template stands; see ``TextTemplate``.
    case template([UInt8])
  }

  /// The kind of a holder.
  public enum Kind: String, Sendable {
    /// A variable of a program or a library.
    case variable
    /// The stack of a thread.
    case stack
    /// The thread-local variables of a thread.
    case threadLocal = "thread-local"
    /// Goroutines: their stacks, from their stack pointers on, and what else the runtime keeps of each.
    case goroutines
    /// A pool that the program itself keeps, by the pool's own lists: these tell more than any word that leads there.
    case pool
  }

  /// A holder, with the blocks that it holds.
  public struct Row: Hashable, Sendable {
    /// The kind of the holder.
    public var kind: Kind
    /// The path of the module of a variable.
    public var module: [UInt8]?
    /// The name of the variable, as its symbol stands in the module; nil where no symbol tells it.
    public var symbol: [UInt8]?
    /// The offset of the pointer in the variable, or in the module without a symbol, in bytes; nil where several were
    /// found at different offsets of one variable.
    public var offset: UInt64?
    /// The offset in the module of the last pointer, for places without a symbol that lie close together in one row.
    public var lastOffset: UInt64?
    /// The kind and the role of a pool, such as `nginx-pool` and `cycle`.
    public var pool: [String] = []
    /// The thread of a stack or of thread-local variables.
    public var thread: ThreadID?
    /// The address of a pointer of the holder.
    public var address: Address
    /// The number of sampled blocks that the holder holds.
    public var count: Int
    /// The number of those blocks that are held by no more than a word of the heap that leads into the middle of the
    /// block, each at another place: such a word may be left over from what the memory was before.
    public var unsureCount = 0
    /// The footprints of the blocks on the shortest way found, in bytes, from the block that is held to the last one
    /// before the holder; 0 for memory outside the heap. No more than the first ``longestChain``.
    public var chain: [UInt64]
    /// The number of blocks on the shortest way.
    public var chainLength: Int
    /// The address of one of the blocks, or words, that the holder holds.
    public var example: Address
  }

  /// The number of blocks at which a chain is cut.
  public static let longestChain = 256

  /// The blocks whose holders these are.
  public var subject: Subject
  /// The number of blocks, or of words for ``Subject/block(_:_:)`` and ``Subject/address(_:)``.
  public var count: UInt64 = 0
  /// The bytes of the heap that the blocks take together; 0 where that has no meaning.
  public var byteCount: UInt64 = 0
  /// The number of blocks that were sampled, evenly spread.
  public var sampled = 0
  /// The holders, the one of most blocks first.
  public var rows: [Row] = []
  /// The functions whose addresses stand in the blocks that were not traced, or in those that lead to them, with the number of
  /// these blocks, those of most first: what keeps such blocks may be told by the library that its functions are of.
  public var functions: [(name: String, count: Int)] = []

  /// The pools of the program that the sampled blocks are of, those of most first.
  public var pools: [PoolShare] = []

  /// The number of sampled blocks for which a holder was found.
  public var traced: Int { rows.reduce(0) { $0 + $1.count } }
}

extension ReferenceSummary {
  /// The most places of one module without a symbol that have rows of their own; of more, those close together are one
  /// row: parts of a table, mostly.
  private static let mostNameless = 8
  private static let closeByteCount: UInt64 = 4096

  /// Joins rows of places without a symbol where there are many, and puts all in order.
  mutating func arrange() {
    let nameless = Dictionary(grouping: rows.filter { $0.kind == .variable && $0.symbol == nil }) { $0.module ?? [] }
    for (module, places) in nameless where places.count > Self.mostNameless {
      rows.removeAll { $0.kind == .variable && $0.symbol == nil && $0.module == module }
      var joined: [Row] = []
      for row in places.sorted(by: { $0.address < $1.address }) {
        guard let last = joined.last, let offset = row.offset, let start = last.offset,
          offset - (last.lastOffset ?? start) <= Self.closeByteCount
        else {
          joined.append(row)
          continue
        }
        let isShorter = row.chainLength < last.chainLength
        var both = isShorter ? row : last
        (both.offset, both.lastOffset, both.count) = (start, offset, last.count + row.count)
        both.unsureCount = last.unsureCount + row.unsureCount
        joined[joined.count - 1] = both
      }
      rows += joined
    }
    rows.sort { ($1.count, $0.address) < ($0.count, $1.address) }
  }
}
