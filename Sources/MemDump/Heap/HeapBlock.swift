/// A block of memory that an allocator handed out.
public struct HeapBlock: Hashable, Sendable {
  /// The state of a block: in use or free.
  public enum State: Hashable, Sendable {
    case used
    case free(FreeReason)
  }

  /// The reason why a block is free: who has it.
  public enum FreeReason: Int, CaseIterable, Hashable, Sendable {
    /// The block is in the cache of a thread, such as a tcache.
    case cached
    /// The block is in a list, such as a bin, for the next request.
    case listed
  }

  /// The address of the block, as the program got it.
  public var address: Address
  /// The number of bytes that the program may use.
  public var byteCount: UInt64
  /// The part of the heap that the block takes, with what the allocator keeps beside it. The last bytes that the
  /// program may use can lie behind the footprint: a block of glibc has the first word of the next chunk.
  public var footprint: Range<Address>

  /// Makes a block.
  public init(address: Address, byteCount: UInt64, footprint: Range<Address>) {
    (self.address, self.byteCount, self.footprint) = (address, byteCount, footprint)
  }

  /// The memory that the program may use.
  public var content: Range<Address> { Range(start: address, byteCount: byteCount) }

  /// The addresses that pointers to the block lead to: its content, up to the end of the footprint.
  public var targets: Range<Address> {
    address..<max(address, min(content.upperBound, footprint.upperBound))
  }
}

/// A layout that tells the block at an address, once a walk has found where footprints begin: by a header that stands
/// there, or by the size that all blocks of a stretch have.
public protocol BlockLayout: Sendable {
  /// How far behind the start of its footprint a block begins, in bytes. 0 by default.
  var leadByteCount: UInt64 { get }

  /// The layout for memory that has gone on changing since the walk: one that has noted nothing. Itself by default.
  var live: any BlockLayout { get }

  /// The block whose footprint begins at an address; nil where the memory there is that of no block.
  func block(at start: Address, in words: inout WordCache) throws(MemDumpError) -> HeapBlock?
}

/// A layout of pools: what goes over blocks in order asks once for each pool.
protocol PoolLayout: BlockLayout {
  /// The pool that an address is in, with the bytes of each of its blocks; nil for none.
  func pool(holding address: Address) -> (range: Range<Address>, blockByteCount: UInt64)?
}

extension BlockLayout {
  /// See ``leadByteCount``.
  public var leadByteCount: UInt64 { 0 }
  /// See ``live``.
  public var live: any BlockLayout { self }
}
