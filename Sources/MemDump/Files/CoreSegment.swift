/// A segment of a core (PT_LOAD): a stretch of memory, and the file offset of its bytes.
public struct CoreSegment: Hashable, Sendable, Spanning {
  /// The addresses of the segment.
  public var range: Range<Address>
  /// The file offset of the segment's bytes; 0 as long as the file is not laid out.
  public var fileOffset: UInt64 = 0
  /// The number of the segment's bytes in the file; the memory behind them was there but was not written.
  public var fileByteCount: UInt64
  /// The permissions of the memory.
  public var permissions: MemoryRegion.Permissions

  /// The part of the segment that the file holds.
  var held: Stretch<FileOffset> {
    Stretch(range: Range(start: range.lowerBound, byteCount: fileByteCount), content: FileOffset(fileOffset))
  }

  /// The part of the segment that the file does not hold.
  var missing: Range<Address> { range.lowerBound + fileByteCount..<range.upperBound }
}
