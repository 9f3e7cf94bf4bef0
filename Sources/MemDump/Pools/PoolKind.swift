/// A kind of pool that a program keeps its memory in: how to know one by its shape, how to go over it, and what to say of it.
///
/// The bytes are those of a process that may be broken, or of a file that someone made up: nothing that stands in them is
/// believed before it was checked.
public protocol PoolKind: Sendable {
  /// What one of its pools is called, such as `nginx-pool`; the command is the plural.
  var name: String { get }

  /// How many bytes ``recognise(_:base:in:into:)`` looks at from the start of a pool on.
  var headByteCount: Int { get }

  /// Finds where pools may begin, by the bytes alone; no pointer is followed.
  ///
  /// - Parameters:
  ///   - bytes: a stretch of memory.
  ///   - base: the address of its first byte.
  ///   - starts: where a pool may begin in it. There are ``headByteCount`` bytes from each on, as far as the memory goes.
  ///   - candidates: what the addresses are added to, in order.
  func recognise(_ bytes: RawSpan, base: Address, in starts: Range<Int>, into candidates: inout [Address])

  /// Goes over what may be pools, by their pointers, and leaves out what is none.
  ///
  /// - Parameters:
  ///   - candidates: where pools may begin, in order.
  ///   - memory: where to follow pointers, and how far.
  func walk(_ candidates: [Address], in memory: inout WordCache) throws(MemDumpError) -> PoolList

  /// Says what the shape of pools tells: sentences for people. None where it tells nothing.
  func describe(_ pools: [MemoryPool]) -> [String]
}

/// The kinds of pools there are.
public enum PoolKinds {
  /// Every kind: a line each.
  public static let all: [any PoolKind] = [NginxPools()]
}

/// A pool of memory, as its owner's structures describe it.
public struct MemoryPool: Hashable, Sendable {
  /// Where it begins.
  public var address: Address
  /// What it is for, by what stands in it.
  public var role: String
  /// How many blocks it has.
  public var blockCount = 0
  /// How many bytes its blocks take up.
  public var byteCount: UInt64 = 0
  /// How many of these bytes are given out, the structures of the pool itself included.
  public var usedByteCount: UInt64 = 0
  /// How many bytes are in blocks that are empty and that the pool will not use again.
  public var emptiedByteCount: UInt64 = 0
  /// How many allocations it holds that are too large for a block.
  public var largeCount = 0
  /// How many handlers run when it is destroyed.
  public var cleanupCount = 0
  /// The pointer at which going over it ended, because it leads to nothing that fits; nil where all is as it should be.
  public var brokenAt: Address?

  /// Makes a pool of which nothing is known yet.
  public init(address: Address, role: String) { (self.address, self.role) = (address, role) }

  /// Adds what another pool holds.
  public mutating func add(_ other: MemoryPool) {
    blockCount += other.blockCount
    byteCount &+= other.byteCount
    usedByteCount &+= other.usedByteCount
    emptiedByteCount &+= other.emptiedByteCount
    largeCount += other.largeCount
    cleanupCount += other.cleanupCount
  }
}

/// The pools of one kind that were found.
public struct PoolList: Sendable {
  /// In the order of their addresses.
  public var pools: [MemoryPool] = []
  /// How many pools were freed and are still to be seen, in memory that nobody has used since.
  public var freedCount = 0

  /// Makes a list without a pool.
  public init() {}
}
