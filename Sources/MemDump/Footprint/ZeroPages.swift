/// The pages of zeros inside of huge pages: memory that the kernel gave because something near it was written to.
///
/// What a mapping has in huge pages the map tells; which pages these are, it does not: so a whole aligned stretch of the
/// size of a huge page counts that is resident, in a mapping with huge pages. Only such mappings are read.
struct ZeroPages {
  private let source: any MemorySource
  /// The mappings with huge pages, in order.
  private let huge: [Range<Address>]
  private var window = Address(.max)
  private var zeros: [Bool] = []
  private var left = Self.mostBytes
  private var buffer: [UInt8] = []

  /// The size of a huge page, in bytes.
  private static let hugeByteCount: UInt64 = 2 << 20
  /// The most bytes that are read: what lies behind counts as written.
  private static let mostBytes: UInt64 = 1 << 30

  init(_ source: any MemorySource) {
    self.source = source
    huge = source.regions.filter { $0.usage.map { $0.anonymousHuge > 0 } ?? false }.map(\.range)
  }

  /// Whether a page is zeros, inside of a huge page.
  ///
  /// - Parameters:
  ///   - page: the page.
  ///   - resident: resident memory around the page.
  mutating func isZero(_ page: Address, in resident: Range<Address>) throws(MemDumpError) -> Bool {
    if huge.isEmpty { return false }
    let start = Address(page.rawValue & ~(Self.hugeByteCount - 1))
    if start != window {
      window = start
      zeros = []
      let range = Range(start: start, byteCount: Self.hugeByteCount)
      if left >= Self.hugeByteCount, resident.clamped(to: range) == range, let index = huge.index(holding: start),
        huge[index].clamped(to: range) == range
      {
        try read(range)
      }
    }
    let index = Int((page - start) / pageSize)
    return index < zeros.count && zeros[index]
  }

  private static func zeros(_ bytes: RawSpan) -> [Bool] {
    let page = Int(pageSize)
    return (0..<bytes.byteCount / page).map { bytes.isZero($0 * page..<($0 + 1) * page) }
  }

  private mutating func read(_ range: Range<Address>) throws(MemDumpError) {
    left -= range.byteCount
    if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: Int(Self.hugeByteCount)) }
    let source = source
    var address = range.lowerBound
    while address < range.upperBound {
      let offset = Int(address - range.lowerBound)
      var span = buffer.mutableSpan
      var bytes = unsafe span.mutableBytes
      let runs = try bytes.withPart(offset..<Int(range.byteCount)) {
        (part: inout MutableRawSpan) throws(MemDumpError) in try source.read(at: address, into: &part)
      }
      let byteCount = runs.prefix { $0.content == .bytes }.reduce(0) { $0 + $1.byteCount }
      guard byteCount > 0 else { return }
      address = address + byteCount
    }
    zeros = Self.zeros(unsafe buffer.span.bytes)
  }
}
