/// What a walk over the heap of glibc's malloc came to.
public struct HeapSummary: Sendable {
  /// Where the walk broke.
  public struct Break: Hashable, Sendable {
    /// Why.
    public enum Reason: String, Sendable {
      /// The size is none that a chunk has.
      case size
      /// The chunk would reach behind the end of the heap.
      case end
      /// What the header leads to does not agree with it.
      case next
      /// The header was not read.
      case unread
    }

    /// The header that it broke at.
    public var address: Address
    /// Why.
    public var reason: Reason
    /// Where it went on; nil where nothing more was found.
    public var resumedAt: Address?
  }

  /// Chunks of a sort, and the bytes that they span.
  public struct Sum: Hashable, Sendable {
    /// How many.
    public var count: UInt64 = 0
    /// How many bytes, headers included.
    public var byteCount: UInt64 = 0
  }

  /// The chunks by size, those that take up most first.
  public internal(set) var classes: [HeapClass] = []
  /// How many arenas there are. None where the source holds a heap alone, without the data of the C library.
  public internal(set) var arenaCount = 0
  /// Where the main arena is.
  public internal(set) var mainArena: Address?
  /// How many arenas are not in the main one's ring of sensible ones, or have no heap that can be walked.
  public internal(set) var unwalkedArenaCount = 0
  /// The chunks in use, those with a mapping of their own among them.
  public internal(set) var used = Sum()
  /// The free chunks, whatever list they are in.
  public internal(set) var free = Sum()
  /// How many free chunks are in the caches of threads, in fastbins, in bins.
  public internal(set) var cachedCount: UInt64 = 0
  /// See ``cachedCount``.
  public internal(set) var fastCount: UInt64 = 0
  /// See ``cachedCount``.
  public internal(set) var binnedCount: UInt64 = 0
  /// How many lists of free chunks led to something that is no chunk.
  public internal(set) var brokenListCount: UInt64 = 0
  /// What is left at the ends of arenas.
  public internal(set) var topByteCount: UInt64 = 0
  /// Chunks that have a mapping of their own.
  public internal(set) var mapped = Sum()
  /// How many of them there are by malloc's own count; nil where that was not found.
  public internal(set) var expectedMappedCount: UInt64?
  /// Bytes of the heap from header to header, without a break.
  public internal(set) var walkedByteCount: UInt64 = 0
  /// Bytes between a break and where the walk went on.
  public internal(set) var skippedByteCount: UInt64 = 0
  /// How often the walk broke.
  public internal(set) var breakCount: UInt64 = 0
  /// The first of the breaks.
  public internal(set) var breaks: [Break] = []
  /// How many bytes the main arena has that were not found: it goes on in mappings that nothing leads to.
  public internal(set) var missingByteCount: UInt64 = 0
  /// The stretches of memory that were walked, in order.
  public internal(set) var ranges: [Range<Address>] = []
  /// Where chunks in use begin.
  var chunks = ChunkMap()

  /// Whether every byte of the heap was walked.
  public var isClean: Bool {
    breakCount == 0 && brokenListCount == 0 && missingByteCount == 0 && unwalkedArenaCount == 0
  }
}
