/// A part of a tally: an open-addressed table over one arena of text, because a scan may bring millions of distinct texts.
///
/// A shard that grows too large forgets by the rule of Lossy Counting (Manku and Motwani, "Approximate Frequency Counts
/// over Data Streams", VLDB 2002), with weights, and with a full table in place of a full bucket: entries whose weight
/// and error together do not exceed a bound go. A text that comes later may have weighed up to that bound before, which
/// is its error. So a text weighs `weight ... weight + error`, or `bound` at most without an entry. The bound grows by
/// what has to go for half of the room to be free: with a table of k entries, to about twice the total weight over k.
struct TallyShard: Sendable {
  /// What every finding needs, no larger than a cache line: where there are many texts, an entry is in no cache.
  private struct Entry {
    var count: UInt64
    var byteCount: UInt64
    var firstAddress: Address
    var firstPlace: TallyItem.FoundIn
    var firstSource: UInt32
    var textLength: UInt32
    var head: TextHead
    var pattern: UInt16
  }

  /// The first bytes of a text, of most texts all of them.
  private typealias TextHead = (UInt64, UInt64, UInt32, UInt16)
  private static let headByteCount = 22

  /// What few findings need of an entry.
  private struct Rest {
    var hash: UInt64
    var error: UInt64
    /// The second region of a text; most texts are in one or two regions, and others have a set.
    var secondPlace = TallyItem.FoundIn.none
    var regionSet: Int32 = -1
    var exampleLength: UInt32
    /// The chance of the finding that the example is of; the lowest one wins.
    var exampleChance: UInt64
    /// Where in `texts` a text is that is longer than a head, and then the example.
    var textStart: Int
  }

  private let grouping: Tally.Grouping
  private var entries: [Entry] = []
  private var rests: [Rest] = []
  private var texts: [UInt8] = []
  private var regionSets: [Set<TallyItem.FoundIn>] = []
  /// The upper half of a hash over the index of its entry plus one; 0 for an empty slot. So a different text is told
  /// apart without a look at the entry, which is most likely in no cache.
  private var slots: [UInt64] = Array(repeating: 0, count: 64)
  /// The largest weight that a text without an entry can have had.
  private(set) var bound: UInt64 = 0
  private var cost: UInt64 = 0

  init(_ grouping: Tally.Grouping) { self.grouping = grouping }

  /// The number of texts in the shard.
  var count: Int { entries.count }

  /// Counts a finding. Returns how many bytes of memory the shard takes up more.
  mutating func add(_ item: TallyItem, _ text: RawSpan, example: RawSpan) -> UInt64 {
    var slot = slot(of: item.key)
    while slots[slot] != 0 {
      let index = Int(truncatingIfNeeded: slots[slot] & 0xffff_ffff) - 1
      if slots[slot] >> 32 == item.key.hash >> 32, isEntry(index, of: text, item.pattern) {
        return count(item, example, at: index)
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Self.slot(item.key.hash, entries.count)
    append(item, text, example)
    if entries.count * 2 > slots.count { makeSlots(slots.count * 2) }
    let added = Self.cost(text.byteCount + example.byteCount)
    cost += added
    return added
  }

  /// Counts many findings. Returns how many bytes of memory the shard takes up more.
  mutating func add(_ batch: TallyBatch) -> UInt64 {
    // A large table has the parts of a text in places far apart. Each part is asked for, for all findings, before any
    // is waited for.
    for item in batch.items { ScanKernel.prefetch(slots, at: slot(of: item.key)) }
    for item in batch.items {
      if let index = likelyIndex(of: item.key) { ScanKernel.prefetch(entries, at: index) }
    }
    for item in batch.items where item.textLength > Self.headByteCount {
      if let index = likelyIndex(of: item.key) { ScanKernel.prefetch(texts, at: rests[index].textStart) }
    }
    let texts = unsafe batch.texts.span.bytes
    var added: UInt64 = 0
    var start = 0
    for item in batch.items {
      let end = start + Int(item.textLength)
      let next = end + Int(item.exampleLength)
      added += add(item, texts.extracting(start..<end), example: texts.extracting(end..<next))
      start = next
    }
    return added
  }

  private func slot(of key: TallyKey) -> Int { Int(truncatingIfNeeded: key.hash) & (slots.count - 1) }

  /// The index in the slot where the search for a text begins, unless the entry is surely that of another text.
  private func likelyIndex(of key: TallyKey) -> Int? {
    let slot = slots[slot(of: key)]
    return slot != 0 && slot >> 32 == key.hash >> 32 ? Int(truncatingIfNeeded: slot & 0xffff_ffff) - 1 : nil
  }

  private mutating func append(_ item: TallyItem, _ text: RawSpan, _ example: RawSpan) {
    makeRoom()
    var head: TextHead = (0, 0, 0, 0)
    unsafe withUnsafeMutableBytes(of: &head) { bytes in
      unsafe text.extracting(first: Self.headByteCount).withUnsafeBytes { unsafe bytes.copyMemory(from: $0) }
    }
    entries.append(
      Entry(
        count: item.count, byteCount: item.byteCount, firstAddress: item.address, firstPlace: item.place,
        firstSource: item.place.source, textLength: UInt32(text.byteCount), head: head, pattern: item.pattern))
    rests.append(
      Rest(
        hash: item.key.hash, error: bound, exampleLength: UInt32(example.byteCount), exampleChance: item.chance,
        textStart: texts.count))
    if text.byteCount > Self.headByteCount { keep(text) }
    keep(example)
  }

  /// Grows arrays by half, not by the double that they take by themselves: the limit counts on this.
  private mutating func makeRoom() {
    guard entries.count == entries.capacity || rests.count == rests.capacity else { return }
    let needed = entries.count + entries.count / 2 + 16
    entries.reserveCapacity(needed)
    rests.reserveCapacity(needed)
  }

  private mutating func keep(_ text: RawSpan) {
    let needed = texts.count + text.byteCount
    if needed > texts.capacity { texts.reserveCapacity(needed + needed / 2) }
    unsafe text.withUnsafeBytes { unsafe texts.append(contentsOf: $0) }
  }

  private mutating func count(_ item: TallyItem, _ example: RawSpan, at index: Int) -> UInt64 {
    entries[index].count += item.count
    entries[index].byteCount += item.byteCount
    if (item.place.source, item.address) < (entries[index].firstSource, entries[index].firstAddress) {
      entries[index].firstSource = item.place.source
      entries[index].firstAddress = item.address
    }
    if example.byteCount > 0, item.chance < rests[index].exampleChance {
      rests[index].exampleChance = item.chance
      replaceExample(of: index, with: example)
    }
    return item.place == entries[index].firstPlace || item.place == rests[index].secondPlace
      ? 0 : insert(item.place, at: index)
  }

  private mutating func insert(_ place: TallyItem.FoundIn, at index: Int) -> UInt64 {
    if rests[index].secondPlace == .none {
      rests[index].secondPlace = place
      return 0
    }
    if rests[index].regionSet < 0 {
      rests[index].regionSet = Int32(regionSets.count)
      regionSets.append([])
    }
    guard regionSets[Int(rests[index].regionSet)].insert(place).inserted else { return 0 }
    cost += Self.regionCost
    return Self.regionCost
  }

  /// Takes another text as example. That is seldom: of a million findings, for fifteen.
  private mutating func replaceExample(of index: Int, with example: RawSpan) {
    let old = exampleRange(of: index)
    if example.byteCount <= old.count {
      unsafe example.withUnsafeBytes { bytes in
        unsafe texts.replaceSubrange(old.lowerBound..<old.lowerBound + bytes.count, with: bytes)
      }
    } else {
      let text = textRange(of: index)
      rests[index].textStart = texts.count
      texts += texts[text]
      keep(example)
    }
    rests[index].exampleLength = UInt32(example.byteCount)
  }

  /// Where in `texts` the text of an entry is; empty where the head has all of the text.
  private func textRange(of index: Int) -> Range<Int> {
    let length = Int(entries[index].textLength)
    return rests[index].textStart..<rests[index].textStart + (length > Self.headByteCount ? length : 0)
  }

  private func exampleRange(of index: Int) -> Range<Int> {
    let start = textRange(of: index).upperBound
    return start..<start + Int(rests[index].exampleLength)
  }

  // MARK: Memory

  /// The memory that an entry takes up, in bytes, with the reserve of arrays, the allocator around them, and the slots:
  /// measured, the limit is kept by the process as a whole.
  private static func cost(_ textByteCount: Int) -> UInt64 {
    UInt64((MemoryLayout<Entry>.stride + MemoryLayout<Rest>.stride + textByteCount) * 7 / 4 + 48)
  }

  private static let regionCost: UInt64 = 64

  /// Forgets the lightest texts if the shard is larger than `share` bytes. Returns how many bytes that frees.
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
    entries.indices.reduce(0) { sum, index in weightAtMost(index) > bound ? sum + cost(ofEntry: index) : sum }
  }

  private func cost(ofEntry index: Int) -> UInt64 {
    let set = rests[index].regionSet
    let regions = set < 0 ? 0 : UInt64(regionSets[Int(set)].count)
    return Self.cost(Int(entries[index].textLength) + Int(rests[index].exampleLength)) + regions * Self.regionCost
  }

  /// Keeps the entries above the bound, each with its text.
  private mutating func rebuild() {
    let old = self
    (entries, rests, texts, regionSets, cost) = ([], [], [], [], 0)
    for index in old.entries.indices where old.weightAtMost(index) > bound {
      var rest = old.rests[index]
      rest.textStart = texts.count
      let kept = old.textRange(of: index).lowerBound..<old.exampleRange(of: index).upperBound
      unsafe keep(old.texts.span.bytes.extracting(kept))
      if rest.regionSet >= 0 {
        regionSets.append(old.regionSets[Int(rest.regionSet)])
        rest.regionSet = Int32(regionSets.count - 1)
      }
      cost += old.cost(ofEntry: index)
      makeRoom()
      entries.append(old.entries[index])
      rests.append(rest)
    }
    var slotCount = 64
    while entries.count * 2 > slotCount { slotCount *= 2 }
    makeSlots(slotCount)
  }

  private mutating func makeSlots(_ count: Int) {
    slots = Array(repeating: 0, count: count)
    for index in rests.indices {
      var slot = Int(truncatingIfNeeded: rests[index].hash) & (count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (count - 1) }
      slots[slot] = Self.slot(rests[index].hash, index)
    }
  }

  // MARK: Rows

  /// How often the text of an entry was found.
  func countOf(_ index: Int) -> UInt64 { entries[index].count }

  /// What decides the order of the row of an entry.
  func rank(_ index: Int, shard: Int) -> TallyRank {
    let entry = entries[index]
    return TallyRank(
      weight: weight(index), source: entry.firstSource, pattern: entry.pattern, address: entry.firstAddress,
      shard: shard, index: index)
  }

  /// The row of an entry.
  func row(_ index: Int) -> Tally.Row {
    let (entry, rest) = (entries[index], rests[index])
    let second = rest.secondPlace == .none ? [] : [rest.secondPlace]
    let more = rest.regionSet < 0 ? [] : regionSets[Int(rest.regionSet)]
    let sources = Set([entry.firstPlace.source] + second.map(\.source) + more.map(\.source))
    return Tally.Row(
      pattern: Int(entry.pattern), text: text(of: index), example: Array(texts[exampleRange(of: index)]),
      count: entry.count, byteCount: entry.byteCount, error: rest.error,
      regionCount: 1 + second.count + more.count, firstAddress: entry.firstAddress,
      sources: sources.sorted().map { Int($0) })
  }

  /// The text of an entry.
  func text(of index: Int) -> [UInt8] {
    let entry = entries[index]
    guard entry.textLength <= Self.headByteCount else { return Array(texts[textRange(of: index)]) }
    return unsafe withUnsafeBytes(of: entry.head) { unsafe Array($0.prefix(Int(entry.textLength))) }
  }

  private func weight(_ index: Int) -> UInt64 {
    switch grouping {
    case .text: entries[index].count
    case .template, .textByBytes: entries[index].byteCount
    }
  }

  /// The largest weight that the text of an entry can have, forgotten weight included.
  private func weightAtMost(_ index: Int) -> UInt64 { weight(index) + rests[index].error }

  private static func slot(_ hash: UInt64, _ index: Int) -> UInt64 {
    (hash >> 32) << 32 | UInt64(truncatingIfNeeded: index + 1) & 0xffff_ffff
  }

  private func isEntry(_ index: Int, of text: RawSpan, _ pattern: UInt16) -> Bool {
    guard Int(entries[index].textLength) == text.byteCount, entries[index].pattern == pattern else { return false }
    guard text.byteCount > Self.headByteCount else {
      return unsafe withUnsafeBytes(of: entries[index].head) { unsafe Self.isSame(text, $0, at: 0) }
    }
    return unsafe texts.withUnsafeBytes { unsafe Self.isSame(text, $0, at: rests[index].textStart) }
  }

  /// Whether two texts are the same, by eight bytes at a time: most texts are too short to be worth a call.
  private static func isSame(_ text: RawSpan, _ own: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    unsafe text.withUnsafeBytes { other in
      let count = other.count
      guard let left = other.baseAddress, let right = own.baseAddress, count >= 8 else {
        return (0..<count).allSatisfy { unsafe other[$0] == own[offset + $0] }
      }
      func differs(at place: Int) -> Bool {
        unsafe left.loadUnaligned(fromByteOffset: place, as: UInt64.self)
          != (right + offset).loadUnaligned(fromByteOffset: place, as: UInt64.self)
      }
      for place in stride(from: 0, to: count - 8, by: 8) where differs(at: place) { return false }
      return !differs(at: count - 8)
    }
  }
}
