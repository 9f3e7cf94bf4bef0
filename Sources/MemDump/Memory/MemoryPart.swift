/// Some regions of a source, as if there were no others.
public final class MemoryPart: MemorySource {
  /// The regions.
  public let regions: [MemoryRegion]
  /// As of the whole.
  public var hasAddresses: Bool { whole.hasAddresses }
  /// As of the whole.
  public var isSequential: Bool { whole.isSequential }

  /// By what it is.
  public var isExcerpt: Bool { true }
  /// As of the whole.
  public var isTruncated: Bool { whole.isTruncated }
  /// As of the whole.
  public var registers: [ThreadRegisters]? { whole.registers }

  private let whole: any MemorySource

  /// Makes a source of regions of another one, in order.
  public init(_ whole: any MemorySource, regions: [MemoryRegion]) { (self.whole, self.regions) = (whole, regions) }

  /// As of the whole.
  public func fileOffset(of address: Address) -> UInt64? { whole.fileOffset(of: address) }

  /// See ``MemorySource/read(at:into:)``.
  public func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    regions.index(holding: address) == nil ? [] : try whole.read(at: address, into: &buffer)
  }
}
