/// A stretch of the memory of a core (PT_LOAD), and where in the file its bytes are.
public struct CoreSegment: Hashable, Sendable, Spanning {
  /// The addresses.
  public var range: Range<Address>
  /// Where its bytes start in the file; 0 as long as that is not laid out.
  public var fileOffset: UInt64 = 0
  /// How many bytes of it the file holds; what is behind them was there but was not written.
  public var fileByteCount: UInt64
  /// What might be done with it.
  public var permissions: MemoryRegion.Permissions

  /// What of it the file holds.
  var held: Stretch<FileOffset> {
    Stretch(range: Range(start: range.lowerBound, byteCount: fileByteCount), content: FileOffset(fileOffset))
  }

  /// What of it the file does not hold.
  var missing: Range<Address> { range.lowerBound + fileByteCount..<range.upperBound }
}
