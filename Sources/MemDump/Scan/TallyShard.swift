internal import Glibc

/// A part of a tally: an open-addressed table over one arena of text, because a scan may bring millions of distinct texts.
///
/// Where it grows too large it forgets by the rule of Lossy Counting (Manku and Motwani, "Approximate Frequency Counts over
/// Data Streams", VLDB 2002), with weights, and with a full table in place of a full bucket: entries whose weight and
/// error together do not exceed a bound go, and who comes later may have weighed up to that bound before, which is its
/// error. So an entry weighs `weight ... weight + error`, and who has no entry weighs `bound` at most. The bound grows by
/// what has to go for half of the room to be free: with a table of k entries it is about twice the total weight over k.
struct TallyShard: Sendable {
  private struct Entry {
    var hash: UInt64
    var count: UInt64
    var byteCount: UInt64
    var error: UInt64
    var firstAddress: Address
    var firstSource: UInt32
    var pattern: UInt32
    var textStart: Int
    var textLength: UInt32
    var exampleLength: UInt32
    /// Most texts are found in one or two regions; others have a set.
    var firstRegion: UInt64
    var secondRegion: UInt64
    var regionSet: Int
  }

  private let grouping: Tally.Grouping
  private var entries: [Entry] = []
  /// The text of an entry, then its example.
  private var texts: [UInt8] = []
  private var regionSets: [Set<UInt64>] = []
  /// The upper half of a hash over the place of its entry plus one; 0 where there is none. So that a text that is not the
  /// one is told apart without a look at its entry, which is most likely in no cache.
  private var slots: [UInt64] = Array(repeating: 0, count: 64)
  /// What a text weighs at most that is not here.
  private(set) var bound: UInt64 = 0
  private var cost: UInt64 = 0

  init(_ grouping: Tally.Grouping) { self.grouping = grouping }

  /// How many texts it has.
  var count: Int { entries.count }

  /// Counts a finding. Returns how much more memory that costs.
  mutating func add(_ finding: Finding, _ key: TallyKey, _ text: RawSpan, example: RawSpan) -> UInt64 {
    var slot = slot(of: key)
    while slots[slot] != 0 {
      let index = Int(truncatingIfNeeded: slots[slot] & 0xffff_ffff) - 1
      if slots[slot] >> 32 == key.hash >> 32, entries[index].pattern == UInt32(truncatingIfNeeded: finding.pattern),
        isText(of: index, text)
      {
        return count(finding, example, at: index)
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Self.slot(key.hash, entries.count)
    append(finding, key, text, example)
    if entries.count * 2 > slots.count { makeSlots(slots.count * 2) }
    let added = Self.cost(text.byteCount + example.byteCount)
    cost += added
    return added
  }

  /// Counts many findings. Returns how much more memory that costs.
  mutating func add(_ batch: TallyBatch) -> UInt64 {
    // What a large table has of a text lies in three places far apart. Each is asked for, for all findings, before any is
    // waited for.
    for item in batch.items { Syscall.prefetch(slots, at: slot(of: item.key)) }
    for item in batch.items {
      if let index = likelyIndex(of: item.key) { Syscall.prefetch(entries, at: index) }
    }
    for item in batch.items {
      if let index = likelyIndex(of: item.key) { Syscall.prefetch(texts, at: entries[index].textStart) }
    }
    let texts = unsafe batch.texts.span.bytes
    var added: UInt64 = 0
    var start = 0
    for item in batch.items {
      let end = start + item.textLength
      added += add(
        item.finding, item.key, texts.extracting(start..<end), example: texts.extracting(end..<end + item.exampleLength)
      )
      start = end + item.exampleLength
    }
    return added
  }

  private func slot(of key: TallyKey) -> Int { Int(truncatingIfNeeded: key.hash) & (slots.count - 1) }

  /// The entry in the slot where the search for a text begins, unless it is surely that of another.
  private func likelyIndex(of key: TallyKey) -> Int? {
    let slot = slots[slot(of: key)]
    return slot != 0 && slot >> 32 == key.hash >> 32 ? Int(truncatingIfNeeded: slot & 0xffff_ffff) - 1 : nil
  }

  private mutating func append(_ finding: Finding, _ key: TallyKey, _ text: RawSpan, _ example: RawSpan) {
    // By half, not by the double that an array takes: this is what the limit counts on.
    if entries.count == entries.capacity { entries.reserveCapacity(entries.count + entries.count / 2 + 16) }
    entries.append(
      Entry(
        hash: key.hash, count: 1, byteCount: finding.byteCount, error: bound, firstAddress: finding.address,
        firstSource: UInt32(truncatingIfNeeded: finding.source), pattern: UInt32(truncatingIfNeeded: finding.pattern),
        textStart: texts.count, textLength: UInt32(text.byteCount), exampleLength: UInt32(example.byteCount),
        firstRegion: Self.region(finding), secondRegion: .max, regionSet: -1))
    keep(text)
    keep(example)
  }

  private mutating func keep(_ text: RawSpan) {
    let needed = texts.count + text.byteCount
    if needed > texts.capacity { texts.reserveCapacity(needed + needed / 2) }
    unsafe text.withUnsafeBytes { unsafe texts.append(contentsOf: $0) }
  }

  private mutating func count(_ finding: Finding, _ example: RawSpan, at index: Int) -> UInt64 {
    entries[index].count += 1
    entries[index].byteCount += finding.byteCount
    let source = UInt32(truncatingIfNeeded: finding.source)
    if (source, finding.address) < (entries[index].firstSource, entries[index].firstAddress) {
      entries[index].firstSource = source
      entries[index].firstAddress = finding.address
      if example.byteCount > 0 { replaceExample(of: index, with: example) }
    }
    let region = Self.region(finding)
    return region == entries[index].firstRegion || region == entries[index].secondRegion
      ? 0 : insertRegion(region, at: index)
  }

  private mutating func insertRegion(_ region: UInt64, at index: Int) -> UInt64 {
    if entries[index].secondRegion == .max {
      entries[index].secondRegion = region
      return 0
    }
    if entries[index].regionSet < 0 {
      entries[index].regionSet = regionSets.count
      regionSets.append([])
    }
    guard regionSets[entries[index].regionSet].insert(region).inserted else { return 0 }
    cost += Self.regionCost
    return Self.regionCost
  }

  /// Another thread has found an earlier one. That is seldom, for threads take memory in order.
  private mutating func replaceExample(of index: Int, with example: RawSpan) {
    let text = entries[index].textStart..<entries[index].textStart + Int(entries[index].textLength)
    if example.byteCount <= Int(entries[index].exampleLength) {
      unsafe example.withUnsafeBytes { bytes in
        unsafe texts.replaceSubrange(text.upperBound..<text.upperBound + bytes.count, with: bytes)
      }
    } else {
      entries[index].textStart = texts.count
      texts += texts[text]
      keep(example)
    }
    entries[index].exampleLength = UInt32(example.byteCount)
  }

  // MARK: Memory

  /// What an entry takes up, with what arrays have in reserve and the allocator around them, and its slots: measured, the
  /// limit is kept by the process as a whole.
  private static func cost(_ textByteCount: Int) -> UInt64 {
    UInt64((MemoryLayout<Entry>.stride + textByteCount) * 7 / 4 + 48)
  }

  private static let regionCost: UInt64 = 64

  /// Forgets the lightest texts if it is larger than `share`. Returns how much less memory it takes up then.
  mutating func trim(to share: UInt64) -> UInt64 {
    guard cost > share else { return 0 }
    let before = cost
    var step: UInt64 = 1
    while costOfEntries(above: bound + step) > share / 2 { step *= 2 }
    bound += step
    rebuild()
    return before - cost
  }

  private func costOfEntries(above bound: UInt64) -> UInt64 {
    entries.reduce(0) { sum, entry in
      weight(entry) + entry.error > bound ? sum + cost(of: entry) : sum
    }
  }

  private func cost(of entry: Entry) -> UInt64 {
    let regions = entry.regionSet < 0 ? 0 : UInt64(regionSets[entry.regionSet].count)
    return Self.cost(Int(entry.textLength + entry.exampleLength)) + regions * Self.regionCost
  }

  /// Keeps the entries above the bound, each with its text.
  private mutating func rebuild() {
    let (oldEntries, oldTexts, oldSets) = (entries, texts, regionSets)
    (entries, texts, regionSets, cost) = ([], [], [], 0)
    for var entry in oldEntries where weight(entry) + entry.error > bound {
      let text = entry.textStart..<entry.textStart + Int(entry.textLength) + Int(entry.exampleLength)
      entry.textStart = texts.count
      unsafe keep(oldTexts.span.bytes.extracting(text))
      if entry.regionSet >= 0 {
        regionSets.append(oldSets[entry.regionSet])
        entry.regionSet = regionSets.count - 1
      }
      cost += cost(of: entry)
      if entries.count == entries.capacity { entries.reserveCapacity(entries.count + entries.count / 2 + 16) }
      entries.append(entry)
    }
    var slotCount = 64
    while entries.count * 2 > slotCount { slotCount *= 2 }
    makeSlots(slotCount)
  }

  private mutating func makeSlots(_ count: Int) {
    slots = Array(repeating: 0, count: count)
    for index in entries.indices {
      var slot = Int(truncatingIfNeeded: entries[index].hash) & (count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (count - 1) }
      slots[slot] = Self.slot(entries[index].hash, index)
    }
  }

  // MARK: Rows

  /// How often the text at a place was found.
  func countOf(_ index: Int) -> UInt64 { entries[index].count }

  /// What decides the order of the text at a place.
  func rank(_ index: Int, shard: Int) -> TallyRank {
    let entry = entries[index]
    return TallyRank(
      weight: weight(entry), source: entry.firstSource, pattern: entry.pattern, address: entry.firstAddress,
      shard: shard, index: index)
  }

  /// The text at a place.
  func text(_ index: Int) -> ArraySlice<UInt8> {
    let start = entries[index].textStart
    return texts[start..<start + Int(entries[index].textLength)]
  }

  /// All that there is of the text at a place.
  func row(_ index: Int) -> Tally.Row {
    let entry = entries[index]
    let text = text(index)
    let more = entry.regionSet < 0 ? 0 : regionSets[entry.regionSet].count
    return Tally.Row(
      pattern: Int(entry.pattern), text: Array(text),
      example: Array(texts[text.endIndex..<text.endIndex + Int(entry.exampleLength)]), count: entry.count,
      byteCount: entry.byteCount, error: entry.error, regionCount: (entry.secondRegion == .max ? 1 : 2) + more,
      firstAddress: entry.firstAddress, firstSource: Int(entry.firstSource))
  }

  private func weight(_ entry: Entry) -> UInt64 {
    switch grouping {
    case .text: entry.count
    case .template: entry.byteCount
    }
  }

  private static func region(_ finding: Finding) -> UInt64 {
    UInt64(truncatingIfNeeded: finding.source) << 32 | UInt64(truncatingIfNeeded: finding.region)
  }

  private static func slot(_ hash: UInt64, _ index: Int) -> UInt64 {
    (hash >> 32) << 32 | UInt64(truncatingIfNeeded: index + 1) & 0xffff_ffff
  }

  private func isText(of index: Int, _ text: RawSpan) -> Bool {
    let entry = entries[index]
    guard Int(entry.textLength) == text.byteCount else { return false }
    return unsafe text.withUnsafeBytes { other in
      unsafe texts.withUnsafeBytes { own in
        guard let left = other.baseAddress, let right = own.baseAddress else { return text.byteCount == 0 }
        return unsafe memcmp(left, right + entry.textStart, text.byteCount) == 0
      }
    }
  }
}
