/// One occurrence of a pattern.
public struct Finding: Hashable, Sendable {
  /// The place of the pattern in the scan's list.
  public var pattern: Int
  /// Where the match starts: an address of the process, or an offset where the source has no addresses.
  public var address: Address
  /// The place in the source's list of the region that holds the first byte.
  public var region: Int
  /// The number of the source, as given to the scan.
  public var source: Int
  /// The length of the match in memory, in bytes.
  public var byteCount: UInt64
  /// The length of the context in bytes: memory from before, in and behind the match, which follows the text where the
  /// scan was asked for ``Scan/context``; 0 otherwise.
  public var contextByteCount: UInt32 = 0
  /// How many bytes of the context are before the match.
  public var contextLead: UInt32 = 0
}

/// A receiver of the findings of a scan, one by one, in the order of their addresses.
public protocol FindingSink {
  /// The list in which a thread gathers the findings of a part of the memory, while those of the parts before are not
  /// taken yet. A sink that has work to do for each finding does the work there, in all threads at once.
  associatedtype Batch: FindingSink = FindingList

  /// Takes a finding with its text, and its context behind the text. The bytes are valid during the call only. Returns
  /// whether the scan shall go on.
  mutating func receive(_ finding: Finding, text: RawSpan) throws(MemDumpError) -> Bool

  /// Makes an empty batch.
  func makeBatch() -> Batch

  /// Takes all findings of a batch, and empties the batch. Returns whether the scan shall go on.
  mutating func take(_ batch: inout Batch) throws(MemDumpError) -> Bool
}

extension FindingSink where Batch == FindingList {
  /// Makes an empty list.
  public func makeBatch() -> FindingList { FindingList() }

  /// Takes the findings of a list one after the other.
  public mutating func take(_ batch: inout FindingList) throws(MemDumpError) -> Bool {
    try batch.deliver(to: &self)
  }
}
