/// A kind of pool that a program keeps its memory in: how to recognise pools by shape, walk them and describe them.
///
/// The bytes are those of a process that may be broken, or of a file that someone made up: nothing in them is believed
/// before it was checked.
public protocol PoolKind: Sendable {
  /// The name of a pool of the kind: that of the program, and what it calls such a pool, as `nginx-pool`. The command is the
  /// plural.
  var name: String { get }

  /// The figures that pools of the kind have beside those that any has.
  var figures: Set<MemoryPool.Figure> { get }

  /// The number of bytes from the start of a pool that ``recognise(_:base:in:into:)`` looks at.
  var headByteCount: Int { get }

  /// How the names of the programs begin that have such pools.
  var programs: [String] { get }

  /// Whether the program itself keeps the pools of a role, so that such a pool is what holds its blocks.
  func isHolder(role: String) -> Bool

  /// Finds where pools may begin, by the bytes alone; no pointer is followed.
  ///
  /// - Parameters:
  ///   - bytes: a stretch of memory.
  ///   - base: the address of the first byte.
  ///   - starts: the offsets where a pool may begin. There are ``headByteCount`` bytes from each on, as far as the
  ///     memory goes.
  ///   - candidates: the list that the addresses are added to, in order.
  func recognise(_ bytes: RawSpan, base: Address, in starts: Range<Int>, into candidates: inout [Address])

  /// Walks the candidates by their pointers, and leaves out those that are no pools.
  ///
  /// - Parameters:
  ///   - candidates: the addresses where pools may begin, in order.
  ///   - memory: the memory in which pointers are followed, and how far.
  ///   - constants: the memory that the program cannot change; see ``MemorySource/constants``.
  ///   - wanted: addresses of which the list shall tell whether they are blocks or large allocations of a pool.
  func walk(
    _ candidates: [Address], in memory: inout WordCache, constants: inout WordCache, wanted: Set<Address>
  ) throws(MemDumpError) -> PoolList

  /// Sentences for people about the shape of pools; empty where the shape tells nothing.
  func describe(_ pools: [MemoryPool]) -> [String]

  /// Sentences for people about pools that grew; empty where growth tells nothing.
  ///
  /// - Parameters:
  ///   - pools: the pools that were there at both looks and grew.
  ///   - roles: the growth of each role.
  func describe(growth pools: [PoolGrowth], roles: [PoolGrowth]) -> [String]
}

extension PoolKind {
  /// What the program calls such a pool, such as `pool`.
  public var noun: String { PoolKinds.noun(of: name) }

  /// Whether a program that has such pools is mapped.
  public func isPossible(in regions: [MemoryRegion]) -> Bool {
    let programs = programs.map { Array($0.utf8) }
    return regions.contains { region in
      guard region.permissions.contains(.execute), region.kind == .file else { return false }
      return programs.contains { region.name.fileName.starts(with: $0) }
    }
  }
}

/// The list of all kinds of pools.
public enum PoolKinds {
  /// Every kind of pool: a line each.
  public static let all: [any PoolKind] = [NginxPools(), PostgresContexts()]

  /// What the program of a kind calls such a pool, by the name of the kind: `pool`.
  public static func noun(of kind: String) -> String { String(kind.drop { $0 != "-" }.dropFirst()) }

  /// The program of a kind, by the name of the kind: `nginx`.
  public static func owner(of kind: String) -> String { String(kind.prefix { $0 != "-" }) }
}

/// A pool of memory, as the structures of its owner describe it.
public struct MemoryPool: Hashable, Sendable {
  /// A figure that pools of some kinds have.
  public enum Figure: Sendable {
    /// ``MemoryPool/emptiedByteCount``.
    case emptied
    /// ``MemoryPool/largeCount``.
    case large
    /// ``MemoryPool/cleanupCount``.
    case cleanups
    /// ``MemoryPool/freeChunkCount``.
    case freeChunks
    /// ``MemoryPool/parent``, ``MemoryPool/level`` and ``MemoryPool/ident``.
    case tree
  }

  /// The address where the pool begins.
  public var address: Address
  /// The role of the pool, told by its contents.
  public var role: String
  /// The number of blocks in the pool.
  public var blockCount = 0
  /// The size of the pool's blocks, in bytes.
  public var byteCount: UInt64 = 0
  /// The bytes of the blocks that are given out, the structures of the pool itself included.
  public var usedByteCount: UInt64 = 0
  /// The bytes in blocks that are empty and that the pool will not use again.
  public var emptiedByteCount: UInt64 = 0
  /// The number of allocations of the pool that are too large for a block.
  public var largeCount = 0
  /// The number of handlers that run when the pool is destroyed.
  public var cleanupCount = 0
  /// The number of free chunks in lists of the pool.
  public var freeChunkCount = 0
  /// The pool that the pool is in; nil for none.
  public var parent: Address?
  /// The number of pools that the pool is in, one in the other.
  public var level = 0
  /// What its maker says the pool is for, beside its role; empty for nothing.
  public var ident: [UInt8] = []
  /// Whether its blocks could be walked; where not, only ``byteCount`` is known.
  public var isWalked = true
  /// The pointer at which the walk over the pool ended, because it leads to nothing that fits; nil for a sound pool.
  public var brokenAt: Address?

  /// Makes a pool of which nothing is known yet.
  public init(address: Address, role: String) { (self.address, self.role) = (address, role) }

  /// Adds the figures of another pool.
  public mutating func add(_ other: MemoryPool) {
    blockCount += other.blockCount
    byteCount &+= other.byteCount
    usedByteCount &+= other.usedByteCount
    emptiedByteCount &+= other.emptiedByteCount
    largeCount += other.largeCount
    cleanupCount += other.cleanupCount
    freeChunkCount += other.freeChunkCount
  }
}

/// The pools of one kind that were found.
public struct PoolList: Sendable {
  /// The pools, in the order of their addresses; those that are in each other as in a tree, from the root on.
  public var pools: [MemoryPool] = []
  /// What was wanted and is in a pool: the number of the pool in ``pools``, and whether the allocation is one that is too
  /// large for a block.
  public var members: [Address: (pool: Int, isLarge: Bool)] = [:]
  /// The number of pools that were freed and can still be seen, in memory that nobody has used since.
  public var freedCount = 0

  /// Makes an empty list.
  public init() {}
}
