/// Counts findings by pattern and text.
///
/// An open-addressed table over one arena of text, because a scan may bring millions of distinct texts. The hash is seeded
/// at random: the texts are chosen by whoever writes to the target's memory.
public struct Tally: FindingSink, Sendable {
  /// A text and how often it was found.
  public struct Row: Hashable, Sendable {
    /// The place of the pattern in the scan's list.
    public var pattern: Int
    /// The text.
    public var text: [UInt8]
    /// How often it was found.
    public var count: UInt64
    /// In how many regions.
    public var regionCount: Int
    /// Where it was found first.
    public var firstAddress: Address
    /// The number of the source it was found first in.
    public var firstSource: Int
  }

  private struct Entry {
    var hash: UInt64
    var count: UInt64
    var firstAddress: Address
    var textStart: Int
    var textLength: UInt32
    var pattern: UInt32
    var firstSource: UInt32
    var regions: RegionSet
  }

  /// The regions that a text was found in. Most are found in one or two, so these are kept in place.
  private struct RegionSet {
    private(set) var first: UInt64
    private var second: UInt64 = .max
    private var more: Set<UInt64>?

    init(_ region: UInt64) { first = region }

    var count: Int { (second == .max ? 1 : 2) + (more?.count ?? 0) }

    mutating func insert(_ region: UInt64) {
      if region == first || region == second { return }
      if second == .max {
        second = region
      } else if more == nil {
        more = [region]
      } else {
        more?.insert(region)
      }
    }

    mutating func formUnion(_ other: RegionSet) {
      insert(other.first)
      if other.second != .max { insert(other.second) }
      for region in other.more ?? [] { insert(region) }
    }
  }

  /// How many findings there were.
  public private(set) var total: UInt64 = 0
  private var entries: [Entry] = []
  private var texts: [UInt8] = []
  /// The upper half of a hash over the place of its entry plus one; 0 where there is none. So that a text that is not the
  /// one is told apart without a look at its entry, which is most likely in no cache.
  private var slots: [UInt64]
  /// One for all tallies of the process, so that they can be merged by their hashes.
  private static let seed = UInt64.random(in: 1...UInt64.max)

  /// Makes an empty tally.
  public init() { slots = Array(repeating: 0, count: 1024) }

  /// How many distinct texts there are.
  public var distinctCount: Int { entries.count }

  /// Counts a finding.
  public mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
    let region = UInt64(truncatingIfNeeded: finding.source) << 32 | UInt64(truncatingIfNeeded: finding.region)
    _ = add(finding, text, 1, region, hash: Self.hash(text, finding.pattern))
    return true
  }

  /// Adds what another tally counted.
  mutating func merge(_ other: consuming Tally) {
    if entries.isEmpty {
      self = other
      return
    }
    let bytes = unsafe other.texts.span.bytes
    for entry in other.entries {
      let finding = Finding(
        pattern: Int(entry.pattern), address: entry.firstAddress, region: 0, source: Int(entry.firstSource))
      let text = bytes.extracting(entry.textStart..<entry.textStart + Int(entry.textLength))
      let index = add(finding, text, entry.count, entry.regions.first, hash: entry.hash)
      entries[index].regions.formUnion(entry.regions)
    }
  }

  /// Returns the place of the entry.
  private mutating func add(
    _ finding: Finding, _ text: RawSpan, _ count: UInt64, _ region: UInt64, hash: UInt64
  ) -> Int {
    total += count
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let index = Int(truncatingIfNeeded: slots[slot] & 0xffff_ffff) - 1
      if slots[slot] >> 32 == hash >> 32, entries[index].pattern == UInt32(truncatingIfNeeded: finding.pattern),
        isText(of: index, text)
      {
        entries[index].count += count
        entries[index].regions.insert(region)
        if (finding.source, finding.address) < (Int(entries[index].firstSource), entries[index].firstAddress) {
          entries[index].firstSource = UInt32(truncatingIfNeeded: finding.source)
          entries[index].firstAddress = finding.address
        }
        return index
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Self.slot(hash, entries.count)
    entries.append(
      Entry(
        hash: hash, count: count, firstAddress: finding.address, textStart: texts.count,
        textLength: UInt32(text.byteCount), pattern: UInt32(truncatingIfNeeded: finding.pattern),
        firstSource: UInt32(truncatingIfNeeded: finding.source), regions: RegionSet(region)))
    unsafe text.withUnsafeBytes { unsafe texts.append(contentsOf: $0) }
    if entries.count * 2 > slots.count { grow() }
    return entries.count - 1
  }

  /// The texts, most frequent first, those found equally often in the order of their first address.
  ///
  /// - Parameters:
  ///   - limit: how many at most; nil for all.
  ///   - minimumCount: how often a text must have been found.
  public func rows(limit: Int? = nil, minimumCount: UInt64 = 1) -> [Row] {
    var order = entries.indices.filter { entries[$0].count >= minimumCount }
    order.sort { left, right in
      if entries[left].count != entries[right].count { return entries[left].count > entries[right].count }
      return (entries[left].firstSource, entries[left].firstAddress, entries[left].pattern)
        < (entries[right].firstSource, entries[right].firstAddress, entries[right].pattern)
    }
    return order.prefix(limit ?? order.count).map { index in
      let entry = entries[index]
      return Row(
        pattern: Int(entry.pattern),
        text: Array(texts[entry.textStart..<entry.textStart + Int(entry.textLength)]),
        count: entry.count, regionCount: entry.regions.count, firstAddress: entry.firstAddress,
        firstSource: Int(entry.firstSource))
    }
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 4)
    for index in entries.indices {
      var slot = Int(truncatingIfNeeded: entries[index].hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Self.slot(entries[index].hash, index)
    }
  }

  private static func slot(_ hash: UInt64, _ index: Int) -> UInt64 {
    (hash >> 32) << 32 | UInt64(truncatingIfNeeded: index + 1) & 0xffff_ffff
  }

  private func isText(of index: Int, _ text: RawSpan) -> Bool {
    let entry = entries[index]
    guard Int(entry.textLength) == text.byteCount else { return false }
    return unsafe text.withUnsafeBytes { other in
      unsafe texts.withUnsafeBytes { own in
        unsafe own[entry.textStart..<entry.textStart + text.byteCount].elementsEqual(other)
      }
    }
  }

  /// Eight bytes at a time through a 64 × 64 bit multiplication folded to 64 bits, as in wyhash.
  private static func hash(_ text: RawSpan, _ pattern: Int) -> UInt64 {
    func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
      let product = left.multipliedFullWidth(by: right)
      return product.high ^ product.low
    }
    var hash = seed ^ UInt64(truncatingIfNeeded: pattern) ^ (UInt64(truncatingIfNeeded: text.byteCount) << 32)
    var offset = 0
    while offset + 8 <= text.byteCount {
      hash = unsafe mix(
        hash ^ text.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self), 0x9e37_79b9_7f4a_7c15)
      offset += 8
    }
    var rest: UInt64 = 0
    while offset < text.byteCount {
      rest = unsafe rest << 8 | UInt64(text.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
      offset += 1
    }
    return mix(hash ^ rest, 0xd6e8_feb8_6659_fd93 ^ seed)
  }
}
