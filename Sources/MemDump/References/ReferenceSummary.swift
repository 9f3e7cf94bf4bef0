/// What holds some blocks of memory: for a sample of them, where a way back over pointers ends. That something holds a block
/// says that it can be reached from there, and not whether it should.
public struct ReferenceSummary: Sendable {
  /// Whose holders were looked for.
  public enum Subject: Hashable, Sendable {
    /// The blocks in use that take so many bytes of the heap each.
    case size(UInt64)
    /// The block in use that an address lies in, or what the allocator keeps beside it: every word that leads into it.
    case block(Address, HeapBlock)
    /// An address that is in no such block: every word that leads to it.
    case address(Address)
    /// The blocks in which a text of a template stands; see ``TextTemplate``.
    case template([UInt8])
  }

  /// What a way back ends at.
  public enum Kind: String, Sendable {
    /// A variable of a program or a library.
    case variable
    /// The stack of a thread.
    case stack
    /// The thread-local variables of a thread.
    case threadLocal = "thread-local"
  }

  /// A holder.
  public struct Row: Hashable, Sendable {
    /// What it is.
    public var kind: Kind
    /// The path of the module of a variable.
    public var module: [UInt8]?
    /// The name of the variable, as its symbol stands in the module; nil where no symbol tells it.
    public var symbol: [UInt8]?
    /// Where in the variable a pointer is, or without a symbol where in the module; nil where several were found at
    /// different places of one variable.
    public var offset: UInt64?
    /// Where in the module the last pointer is, of places without a symbol that lie close together and are one row.
    public var lastOffset: UInt64?
    /// The thread of a stack or of thread-local variables.
    public var thread: ThreadID?
    /// Where a pointer of it is.
    public var address: Address
    /// How many of the sampled blocks it holds.
    public var count: Int
    /// How many bytes of the heap the blocks take on the shortest way found, from the one that is held to the last one before
    /// the holder; 0 for memory that is none of the heap's. No more than the first ``longestChain``.
    public var chain: [UInt64]
    /// How many blocks there are on it.
    public var chainLength: Int
    /// One of the blocks, or words, that it holds.
    public var example: Address
  }

  /// How much of a chain is told.
  public static let longestChain = 256

  /// Whose holders these are.
  public var subject: Subject
  /// How many blocks there are, or words for ``Subject/block(_:_:)`` and ``Subject/address(_:)``.
  public var count: UInt64 = 0
  /// How many bytes of the heap they take together; 0 where that has no meaning.
  public var byteCount: UInt64 = 0
  /// How many of them were sampled, evenly spread.
  public var sampled = 0
  /// The holders, the one of most blocks first.
  public var rows: [Row] = []

  /// For how many of those sampled a holder was found.
  public var traced: Int { rows.reduce(0) { $0 + $1.count } }
}

extension ReferenceSummary {
  /// Where more places than this of one module have no symbol, those close together are one row: parts of a table, mostly.
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
        joined[joined.count - 1] = both
      }
      rows += joined
    }
    rows.sort { ($1.count, $0.address) < ($0.count, $1.address) }
  }
}
