/// The parts of some memory that are worth to be gone over: those without the long stretches that hold no bytes.
///
/// A process can reserve terabytes and touch megabytes of them, and a core can claim any size: work is cut by what is present.
struct PresentMemory: Sendable {
  /// The parts, in order.
  private(set) var ranges: [Range<Address>] = []
  /// How many bytes of untouched memory were left out.
  private(set) var absentByteCount: UInt64 = 0
  /// How many bytes that cannot be read were left out.
  private(set) var unreadByteCount: UInt64 = 0

  /// What of a stretch without bytes stays at either end, for those who look at the surroundings of a byte.
  private static let margin: UInt64 = 256 << 10

  /// Finds the parts.
  ///
  /// - Parameters:
  ///   - source: memory that can be read anywhere.
  ///   - ranges: which of it, in order.
  ///   - step: how far apart it is looked, in bytes: a stretch without bytes that is shorter may stay.
  init(of source: any MemorySource, in ranges: [Range<Address>], step: UInt64) throws(MemDumpError) {
    let step = max(step, 4 * Self.margin)
    for range in ranges {
      var (start, address) = (range.lowerBound, range.lowerBound)
      while address < range.upperBound {
        guard let gap = try Self.gap(at: address, in: source) else {
          address = address + step
          continue
        }
        let left = address == range.lowerBound ? address : address + Self.margin
        let end = min(address + gap.byteCount, range.upperBound)
        let right = end == range.upperBound ? end : max(left, end - Self.margin)
        if right - left >= step {
          if start < left { self.ranges.append(start..<left) }
          if gap.content == .absent { absentByteCount += right - left } else { unreadByteCount += right - left }
          start = right
        }
        address = max(end, address + pageSize)
      }
      if start < range.upperBound { self.ranges.append(start..<range.upperBound) }
    }
  }

  /// The rest of the stretch without bytes that an address lies in; nil where there are bytes, or nothing is mapped.
  private static func gap(at address: Address, in source: any MemorySource) throws(MemDumpError) -> MemoryRun? {
    var bytes: [UInt8] = [0]
    var span = bytes.mutableSpan
    var target = unsafe span.mutableBytes
    guard let run = try source.read(at: address, into: &target).first, run.content != .bytes else { return nil }
    return run
  }
}
