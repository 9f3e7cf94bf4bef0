/// One occurrence of a pattern.
public struct Finding: Hashable, Sendable {
  /// The place of the pattern in the scan's list.
  public var pattern: Int
  /// Where it starts: an address of the process, or an offset where the source has no addresses.
  public var address: Address
  /// The place in the source's list of the region of its first byte.
  public var region: Int
  /// The number of the source, as the scan was told.
  public var source: Int
  /// How many bytes it has in memory.
  public var byteCount: UInt64
  /// How many bytes of memory from before, in and behind it follow its text, where the scan was asked for
  /// ``Scan/context``; 0 otherwise.
  public var contextByteCount: UInt32 = 0
  /// How many of these are before it.
  public var contextLead: UInt32 = 0
}

/// Who takes the findings of a scan, one by one, in the order of their addresses.
public protocol FindingSink {
  /// What a thread gathers the findings of a part of the memory in, while those of the parts before are not taken yet. A
  /// sink that has work to do for each finding does it there, in all threads at once.
  associatedtype Batch: FindingSink = FindingList

  /// Takes a finding with its text, and its context behind that. It is valid during the call only. Returns whether the
  /// scan shall go on.
  mutating func receive(_ finding: Finding, text: RawSpan) throws(MemDumpError) -> Bool

  /// An empty batch.
  func makeBatch() -> Batch

  /// Takes all findings of a batch, which is empty then. Returns whether the scan shall go on.
  mutating func take(_ batch: inout Batch) throws(MemDumpError) -> Bool
}

extension FindingSink where Batch == FindingList {
  /// A list.
  public func makeBatch() -> FindingList { FindingList() }

  /// Takes one after the other.
  public mutating func take(_ batch: inout FindingList) throws(MemDumpError) -> Bool {
    try batch.deliver(to: &self)
  }
}
