/// What there is more of in one look at memory than in an earlier one.
public struct Growth: Hashable, Sendable {
  /// The kinds of things that are counted.
  public enum Kind: String, CaseIterable, Sendable {
    /// Chunks of malloc in use, of one size.
    case chunkSize = "chunk-size"
    /// Socket addresses as programs hold them: one, or all of them together.
    case sockaddr
    /// Printable texts of one template.
    case template
    /// Mapped memory of one name.
    case region
    /// What a process itself wrote to memory of one name, present or swapped; of a live process only.
    case resident
  }

  /// How many there were, and how many bytes they had together.
  public struct Amount: Hashable, Sendable {
    /// How many.
    public var count: UInt64 = 0
    /// How many bytes.
    public var byteCount: UInt64 = 0

    /// An amount; none unless said.
    public init(count: UInt64 = 0, byteCount: UInt64 = 0) { (self.count, self.byteCount) = (count, byteCount) }

    /// Adds one more.
    mutating func add(_ byteCount: UInt64) {
      count += 1
      self.byteCount &+= byteCount
    }
  }

  /// What was counted.
  public var subject: Subject
  /// What there was.
  public var before: Amount
  /// What there is.
  public var after: Amount
  /// Of all socket addresses together, how many distinct ones there were and are.
  public var distinct: (before: UInt64, after: UInt64)? { distinctCounts.map { ($0[0], $0[1]) } }

  var distinctCounts: [UInt64]?

  /// The kind of what was counted.
  public var kind: Kind { subject.kind }

  /// The size of the chunks that were counted; nil of anything else.
  public var chunkByteCount: UInt64? { if case .chunks(let byteCount) = subject { byteCount } else { nil } }

  /// By how many bytes it grew.
  public var byteCount: UInt64 { after.byteCount - min(after.byteCount, before.byteCount) }
}
