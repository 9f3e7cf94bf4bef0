/// Who hands out the memory of a process: how to know that it is there, how to go over what it handed out, and what to say
/// of it. All that is above the heap sees blocks alone, whoever handed them out.
///
/// What stands in memory is that of a process that may be broken, or of a file that someone made up: nothing of it is
/// believed before it was checked.
public protocol Allocator: Sendable {
  /// What JSON calls it, such as `glibc`.
  var name: String { get }

  /// What people call it, as in "the heap is that of …".
  var title: String { get }

  /// Whether it serves requests of any kind, so that the heap of a process can be its alone. Otherwise it is one that stands
  /// beside another, as that of a language for its small objects. Yes unless said.
  var isGeneral: Bool { get }

  /// Whether ``walk(_:into:_:)`` goes over its heap; otherwise it is named only. No unless said.
  var isWalked: Bool { get }

  /// What the addresses are multiples of at which footprints of its blocks begin: 8 or a larger power of 2. 16 unless said.
  var granularity: UInt64 { get }

  /// What tells of it from afar. Nothing unless said.
  var signs: AllocatorSigns { get }

  /// The names of the facts that its descriptions may hold, in the order in which they are told. None unless said.
  var factNames: [AllocatorFact.Name] { get }

  /// Looks whether a process has it; nil where it has not.
  ///
  /// - Parameters:
  ///   - source: a look at the process, a core or a dump.
  ///   - sign: which of its ``signs`` was found, in a few words; nil for none. Unless it is said how, a sign is enough.
  func recognise(in source: any MemorySource, sign: String?) throws(MemDumpError) -> AllocatorRecognition?

  /// Goes over its heap, and hands every block to a record: those in use and those that are free, the stretches of memory that
  /// it went over, what of these is its own data, where it broke, and what there is to say of it.
  ///
  /// - Parameters:
  ///   - source: a look at a process, a core or a dump.
  ///   - record: an empty one of its ``granularity``.
  ///   - control: is told how far it is, and may end it.
  /// - Returns: what tells the size of a block from where its footprint begins; nil where there is no heap of this allocator.
  func walk(
    _ source: any MemorySource, into record: inout HeapRecord, _ control: WorkControl
  ) throws(MemDumpError) -> (any BlockLayout)?

  /// What it says, without a walk, of a block that a program asked for; nil where it says nothing, or nothing that fits.
  ///
  /// - Parameters:
  ///   - address: the block, as the program got it.
  ///   - byteCount: how many bytes it asked for.
  func state(
    of address: Address, byteCount: UInt64, in words: inout WordCache
  ) throws(MemDumpError) -> HeapBlock.State?
}

extension Allocator {
  /// See ``isGeneral``.
  public var isGeneral: Bool { true }
  /// See ``isWalked``.
  public var isWalked: Bool { false }
  /// See ``granularity``.
  public var granularity: UInt64 { 16 }
  /// See ``signs``.
  public var signs: AllocatorSigns { AllocatorSigns() }
  /// See ``factNames``.
  public var factNames: [AllocatorFact.Name] { [] }

  /// See ``recognise(in:sign:)``.
  public func recognise(
    in source: any MemorySource, sign: String?
  ) throws(MemDumpError) -> AllocatorRecognition? {
    sign.map { AllocatorRecognition(self, evidence: $0) }
  }

  /// See ``walk(_:into:_:)``.
  public func walk(
    _ source: any MemorySource, into record: inout HeapRecord, _ control: WorkControl
  ) throws(MemDumpError) -> (any BlockLayout)? { nil }

  /// See ``state(of:byteCount:in:)``.
  public func state(
    of address: Address, byteCount: UInt64, in words: inout WordCache
  ) throws(MemDumpError) -> HeapBlock.State? { nil }
}

/// An allocator that a process has.
public struct AllocatorRecognition: Sendable {
  /// Which.
  public let allocator: any Allocator
  /// What tells of it, in a few words.
  public let evidence: String
  /// What there is to say of it without a walk.
  public var description: AllocatorDescription

  /// Makes it.
  public init(
    _ allocator: any Allocator, evidence: String, description: AllocatorDescription = AllocatorDescription()
  ) {
    (self.allocator, self.evidence, self.description) = (allocator, evidence, description)
  }
}
