/// An allocator that hands out the memory of a process: how to recognise its heap, how to walk the heap, and what to
/// say of it. All that is above the heap sees blocks alone, whichever allocator handed them out.
///
/// The memory is that of a process that may be broken, or of a file that someone made up: nothing in it is believed
/// before it was checked.
public protocol Allocator: Sendable {
  /// The name of the allocator in JSON, such as `glibc`.
  var name: String { get }

  /// The name of the allocator for people, as in "the heap is that of …".
  var title: String { get }

  /// Whether the allocator serves requests of any kind, so that the whole heap of a process can be its own. Otherwise
  /// it stands beside another, as that of a language for small objects. True by default.
  var isGeneral: Bool { get }

  /// Whether ``walk(_:into:_:)`` walks the heap of the allocator; otherwise it is only named. False by default.
  var isWalked: Bool { get }

  /// Whether a collector takes blocks back when it runs, so that the memory of the heap comes and goes while no more of it
  /// survives. False by default.
  var isCollected: Bool { get }

  /// The alignment of the footprints of blocks, in bytes: 8 or a larger power of 2. 16 by default.
  var granularity: UInt64 { get }

  /// The signs by which the allocator is known without a look at its heap. None by default.
  var signs: AllocatorSigns { get }

  /// The names of the facts that descriptions of the allocator may hold, in their order. None by default.
  var factNames: [AllocatorFact.Name] { get }

  /// What the names of environment variables begin with that set how much the allocator keeps. None by default.
  var settingPrefixes: [String] { get }

  /// Looks whether a process has the allocator; nil where it has not.
  ///
  /// - Parameters:
  ///   - source: a look at the process, a core or a dump.
  ///   - sign: the one of ``signs`` that was found, in a few words; nil for none. By default, a sign is enough.
  func recognise(in source: any MemorySource, sign: String?) throws(MemDumpError) -> AllocatorRecognition?

  /// Walks the heap of the allocator, and hands to a record every block, in use or free, the stretches of memory
  /// walked, which of them are the allocator's own data, where the walk broke, and a description.
  ///
  /// - Parameters:
  ///   - source: a look at a process, a core or a dump.
  ///   - record: an empty record with the ``granularity`` of the allocator.
  ///   - control: is told how far the walk is, and may end it.
  /// - Returns: the layout that tells the size of a block from where its footprint begins; nil without such a heap.
  func walk(
    _ source: any MemorySource, into record: inout HeapRecord, _ control: WorkControl
  ) throws(MemDumpError) -> (any BlockLayout)?

  /// The state of a block that a program asked for, without a walk; nil where the allocator tells none that fits.
  ///
  /// - Parameters:
  ///   - address: the block, as the program got it.
  ///   - byteCount: how many bytes the program asked for.
  ///   - words: the memory, read through a cache.
  func state(
    of address: Address, byteCount: UInt64, in words: inout WordCache
  ) throws(MemDumpError) -> HeapBlock.State?
}

extension Allocator {
  /// See ``isGeneral``.
  public var isGeneral: Bool { true }
  /// See ``isWalked``.
  public var isWalked: Bool { false }
  /// See ``isCollected``.
  public var isCollected: Bool { false }
  /// See ``granularity``.
  public var granularity: UInt64 { 16 }
  /// See ``signs``.
  public var signs: AllocatorSigns { AllocatorSigns() }
  /// See ``factNames``.
  public var factNames: [AllocatorFact.Name] { [] }

  /// See ``settingPrefixes``.
  public var settingPrefixes: [String] { [] }

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

/// An allocator that a process has, with what tells of it.
public struct AllocatorRecognition: Sendable {
  /// The allocator.
  public let allocator: any Allocator
  /// The evidence for the allocator, in a few words.
  public let evidence: String
  /// The description of the allocator, as far as it is known without a walk.
  public var description: AllocatorDescription
  /// Why its heap is not believed, and so not walked; nil where none was looked at.
  public var refusal: Phrase?

  /// Makes a recognition from its parts.
  public init(
    _ allocator: any Allocator, evidence: String, description: AllocatorDescription = AllocatorDescription()
  ) {
    (self.allocator, self.evidence, self.description) = (allocator, evidence, description)
  }
}
