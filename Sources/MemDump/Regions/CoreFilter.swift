/// Which memory goes into a core, by the bits of /proc/PID/coredump_filter; see core(5).
public struct CoreFilter: OptionSet, Hashable, Sendable {
  /// The bits, as core(5) numbers them.
  public let rawValue: UInt32
  /// Makes a filter from bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Private memory that the process itself wrote: anonymous memory, and changed pages of file mappings.
  public static let anonymousPrivate = CoreFilter(rawValue: 1)
  /// Anonymous shared memory, with no file of a name.
  public static let anonymousShared = CoreFilter(rawValue: 2)
  /// Private file mappings, even if never written to.
  public static let mappedPrivate = CoreFilter(rawValue: 4)
  /// Shared file mappings.
  public static let mappedShared = CoreFilter(rawValue: 8)
  /// The first page of every mapped file, by which debuggers identify the file (build-id).
  public static let elfHeaders = CoreFilter(rawValue: 16)
  /// Private huge pages (hugetlbfs).
  public static let hugePrivate = CoreFilter(rawValue: 32)
  /// Shared huge pages (hugetlbfs).
  public static let hugeShared = CoreFilter(rawValue: 64)

  /// The default filter of the kernel.
  public static let standard: CoreFilter = [.anonymousPrivate, .anonymousShared, .elfHeaders, .hugePrivate]

  /// All memory that a core can have.
  public static let everything = CoreFilter(rawValue: 127)

  /// Reads the bits of a filter in hexadecimal, with or without `0x`.
  public init?(parsing text: some StringProtocol) {
    let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
    guard digits.allSatisfy({ $0.isHexDigit && $0.isASCII }), let bits = UInt32(digits, radix: 16) else { return nil }
    self.init(rawValue: bits)
  }

  /// The address ranges of a process's memory that the filter lets through, in order: the kernel's own rules
  /// (vma_dump_size in fs/coredump.c).
  ///
  /// Without the usage of a region, a private file mapping counts as written to where the process may write to it. The
  /// first page of every readable file counts as that of an ELF file.
  ///
  /// - Parameters:
  ///   - regions: the memory map of the process, with usage.
  ///   - includingDontDump: whether to take memory that the process asked to keep out of cores (MADV_DONTDUMP).
  public func contents(of regions: [MemoryRegion], includingDontDump: Bool = false) -> [Range<Address>] {
    regions.compactMap { contents(of: $0, includingDontDump) }
  }

  private func contents(of region: MemoryRegion, _ includingDontDump: Bool) -> Range<Address>? {
    // What reading could do something to; and the kernel's half, [vsyscall], which no one can read.
    guard !region.isDevice, region.range.upperBound.rawValue >> 63 == 0 else { return nil }
    if region.kind == .kernel { return region.range }
    let flags = region.usage?.flags ?? []
    if flags.contains("dd"), !includingDontDump { return nil }
    let isShared = region.permissions.contains(.shared)
    if flags.contains("ht") { return contains(isShared ? .hugeShared : .hugePrivate) ? region.range : nil }
    if isShared {
      let isUnnamed = region.inode == 0 || region.name.suffix(Self.deleted.count).elementsEqual(Self.deleted)
      return contains(isUnnamed ? .anonymousShared : .mappedShared) ? region.range : nil
    }
    if contains(.anonymousPrivate), region.isPrivateAnonymous || region.isWrittenTo { return region.range }
    guard !region.isPrivateAnonymous else { return nil }
    if contains(.mappedPrivate) { return region.range }
    guard contains(.elfHeaders), region.fileOffset == 0, region.permissions.contains(.read) else { return nil }
    return Range(start: region.range.lowerBound, byteCount: min(pageSize, region.byteCount))
  }

  private static let deleted = Array(" (deleted)".utf8)
}

extension CoreFilter: CustomStringConvertible {
  /// The bits of the filter in hexadecimal.
  public var description: String { "0x" + String(rawValue, radix: 16) }
}

extension MemoryRegion {
  /// Whether a private file mapping has anonymous pages, which the process wrote.
  fileprivate var isWrittenTo: Bool {
    usage.map { $0.anonymous > 0 || $0.swap > 0 } ?? permissions.contains(.write)
  }
}
