/// A block of memory that an allocator handed out.
public struct HeapBlock: Hashable, Sendable {
  /// Whether it is in use.
  public enum State: Hashable, Sendable {
    case used
    case free(FreeReason)
  }

  /// Why a block is free, which is to say who has it.
  public enum FreeReason: Int, CaseIterable, Hashable, Sendable {
    /// A thread keeps it for itself.
    case cached
    /// It is in a list, for the next one who asks.
    case listed
  }

  /// Where it begins, as the program got it.
  public var address: Address
  /// How many bytes the program may use.
  public var byteCount: UInt64
  /// What it takes of the heap, with what the allocator keeps beside it. The last bytes that the program may use can lie behind
  /// it: a block of glibc has the first word of the chunk behind its own.
  public var footprint: Range<Address>

  /// Makes a block.
  public init(address: Address, byteCount: UInt64, footprint: Range<Address>) {
    (self.address, self.byteCount, self.footprint) = (address, byteCount, footprint)
  }

  /// The memory that the program may use.
  public var content: Range<Address> { Range(start: address, byteCount: byteCount) }

  /// Where pointers to the block lead: to what it may use of its own footprint. What leads behind that leads to the next one.
  public var targets: Range<Address> {
    address..<max(address, min(content.upperBound, footprint.upperBound))
  }
}

/// Tells what block there is, once a walk has found where the footprints of blocks begin: by a header that stands there, or by
/// the size that all blocks of a stretch have.
public protocol BlockLayout: Sendable {
  /// The block whose footprint begins at an address; nil where what stands there is that of no block.
  func block(at start: Address, in words: inout WordCache) throws(MemDumpError) -> HeapBlock?
}
