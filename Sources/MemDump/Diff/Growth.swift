/// A growth: a subject of which there is more in one look at memory than in an earlier look.
public struct Growth: Hashable, Sendable {
  /// The kind of subject that is counted.
  public enum Kind: String, CaseIterable, Sendable {
    /// Objects of one type of a language's runtime, with what is theirs.
    case objectType = "object-type"
    /// Chunks of malloc in use, of one size.
    case chunkSize = "chunk-size"
    /// Socket addresses as programs hold them: a single address, or all together.
    case sockaddr
    /// Printable texts of one template.
    case template
    /// Mapped memory of one name.
    case region
    /// Memory of one name that a process itself wrote, or has in use of shared memory, present or swapped; of a live
    /// process only.
    case resident
  }

  /// An amount: a count, with the bytes of all that was counted.
  public struct Amount: Hashable, Sendable {
    /// The count.
    public var count: UInt64 = 0
    /// The number of bytes.
    public var byteCount: UInt64 = 0

    /// Makes an amount; zero by default.
    public init(count: UInt64 = 0, byteCount: UInt64 = 0) { (self.count, self.byteCount) = (count, byteCount) }

    /// Adds one more, with its bytes.
    mutating func add(_ byteCount: UInt64) {
      count += 1
      self.byteCount &+= byteCount
    }
  }

  /// The subject that was counted.
  public var subject: Subject
  /// The amount at the earlier look.
  public var before: Amount
  /// The amount at the later look.
  public var after: Amount
  /// The numbers of distinct socket addresses before and after, for all of them together; nil for other subjects.
  public var distinct: (before: UInt64, after: UInt64)? { distinctCounts.map { ($0[0], $0[1]) } }

  var distinctCounts: [UInt64]?
  /// The allocator of the chunks, for people, where there are several heaps to tell apart; nil otherwise.
  public var heapTitle: String?

  /// The kind of the subject.
  public var kind: Kind { subject.kind }

  /// The class of the chunks that were counted; nil for other subjects.
  public var blockClass: BlockClass? { if case .chunks(let row) = subject { row } else { nil } }
  /// The size of the chunks that were counted, in bytes; nil for other subjects.
  public var chunkByteCount: UInt64? { blockClass?.footprint }

  /// The number of bytes that the subject grew by.
  public var byteCount: UInt64 { after.byteCount - min(after.byteCount, before.byteCount) }

  /// Whether the subject is blocks of the own allocator of a runtime whose objects are counted by type too: Python's or PHP's.
  public var isOfRuntime: Bool {
    blockClass.map { [Pymalloc().name, ZendMM().name].contains($0.allocator) } ?? false
  }
}
