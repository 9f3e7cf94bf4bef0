import SystemPackage

/// Reads memory word by word where pointers lead, and ends walks that lead nowhere.
///
/// Pages are kept, as the next pointer often leads back to one of them.
public struct PointerReader: ~Copyable {
  /// A page that is kept, and which of its bytes are known.
  private struct Slot {
    var page = Address(.max)
    var known = 0..<0
  }

  private static let slotCount = 256
  private static let slotByteCount = 4096

  private let source: any MemorySource
  private let pages: PageBuffer
  private var slots = [Slot](repeating: Slot(), count: slotCount)
  private var stepsLeft: UInt64

  /// Prepares to read.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - steps: how many nodes of lists there can be in it at most; see ``step()``.
  public init(_ source: any MemorySource, steps: UInt64) throws(MemDumpError) {
    (self.source, stepsLeft) = (source, steps)
    let byteCount = Self.slotCount * Self.slotByteCount
    do throws(Errno) { pages = try PageBuffer(byteCount: byteCount) } catch {
      throw MemDumpError(.memory(needed: UInt64(byteCount)))
    }
  }

  /// Counts a step from one node of a list to the next. False once there have been more than the memory has room for, which
  /// only happens in lists that lead back into themselves or into each other.
  public mutating func step() -> Bool {
    guard stepsLeft > 0 else { return false }
    stepsLeft -= 1
    return true
  }

  /// The word at an address, low byte first; nil where it is not known, or the address is no multiple of 8.
  public mutating func word(at address: Address) throws(MemDumpError) -> UInt64? {
    guard address.rawValue % 8 == 0 else { return nil }
    let page = Address(address.rawValue / UInt64(Self.slotByteCount) * UInt64(Self.slotByteCount))
    let index = Int(page.rawValue / UInt64(Self.slotByteCount) % UInt64(Self.slotCount))
    let offset = Int(address - page)
    if slots[index].page != page || !slots[index].known.contains(offset) {
      try load(address, of: page, into: index)
    }
    guard slots[index].known.contains(offset), slots[index].known.contains(offset + 7) else { return nil }
    let start = index * Self.slotByteCount + offset
    return pages.withBytes(start..<start + 8) { bytes in
      UInt64(littleEndian: unsafe bytes.unsafeLoad(fromByteOffset: 0, as: UInt64.self))
    }
  }

  /// Reads the page of an address, as far as it is there without a gap around or from the address on.
  private mutating func load(_ address: Address, of page: Address, into index: Int) throws(MemDumpError) {
    let regionStart = source.regions.index(holding: address).map { source.regions[$0].range.lowerBound } ?? address
    let first = max(page, regionStart)
    slots[index] = Slot(page: page, known: try known(from: first, of: page, in: index))
    let offset = Int(address - page)
    if first < address, !slots[index].known.contains(offset) {
      slots[index].known = try known(from: address, of: page, in: index)
    }
  }

  private func known(from first: Address, of page: Address, in index: Int) throws(MemDumpError) -> Range<Int> {
    let start = Int(first - page)
    var end = start
    while end < Self.slotByteCount {
      let place = index * Self.slotByteCount
      let runs = try pages.withMutableBytes(place + end..<place + Self.slotByteCount) {
        (part: inout MutableRawSpan) throws(MemDumpError) in try source.read(at: page + UInt64(end), into: &part)
      }
      for run in runs {
        if case .unread = run.content { return start..<end }
        end += Int(min(run.byteCount, UInt64(Self.slotByteCount - end)))
      }
      if runs.isEmpty { return start..<end }
    }
    return start..<end
  }
}
