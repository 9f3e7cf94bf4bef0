/// A source of some regions of another source, as if there were no others.
public final class MemoryPart: MemorySource {
  /// The regions of the part.
  public let regions: [MemoryRegion]
  /// Whether addresses in the whole source are those of a process.
  public var hasAddresses: Bool { whole.hasAddresses }
  /// Whether the whole source can be read only once.
  public var isSequential: Bool { whole.isSequential }

  /// By what it is.
  public var isExcerpt: Bool { true }
  /// As of the whole.
  public var isTruncated: Bool { whole.isTruncated }
  /// As of the whole.
  public var omittedSegmentCount: Int { whole.omittedSegmentCount }
  /// As of the whole.
  public var registers: [ThreadRegisters]? { whole.registers }

  private let whole: any MemorySource

  /// Makes a source of regions of another one, in order.
  public init(_ whole: any MemorySource, regions: [MemoryRegion]) { (self.whole, self.regions) = (whole, regions) }

  /// The file offset of an address in the whole source.
  public func fileOffset(of address: Address) -> UInt64? { whole.fileOffset(of: address) }

  /// See ``MemorySource/read(at:into:)``.
  public func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard let index = regions.index(holding: address) else { return [] }
    // The whole may go on where the part ends.
    var left = regions[index].range.upperBound - address
    let runs = try buffer.withPart(0..<Int(min(UInt64(buffer.byteCount), left))) {
      (part: inout MutableRawSpan) throws(MemDumpError) in try whole.read(at: address, into: &part)
    }
    var inside: [MemoryRun] = []
    for run in runs where left > 0 {
      inside.append(MemoryRun(run.content, min(run.byteCount, left)))
      left -= min(run.byteCount, left)
    }
    return inside
  }
}
