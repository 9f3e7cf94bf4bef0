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
    /// Which one of the rests is its own; -1 for none.
    var rest: Int32
    /// Which one of the bounds was that of the shard when the entry was made: its error.
    var bound: UInt16
    var pattern: UInt16
    var head: TextHead
  }

  /// The first bytes of a text, of most texts all of them.
  private typealias TextHead = (UInt64, UInt64)
  private static let headByteCount = 16

  /// What few entries have: those of longer texts, with an example, and found in several regions.
  private struct Rest {
    /// The second region of a text; most texts are in one or two regions, and others have a set.
    var secondPlace = TallyItem.FoundIn.none
    /// The chance of the finding that the example is of; the lowest one wins.
    var exampleChance: UInt64 = 0
    /// Where in `texts` a text is that is longer than a head, and then the example.
    var textStart: Int
    var regionSet: Int32 = -1
    var exampleLength: UInt32 = 0
  }

  private let grouping: Tally.Grouping
  private var entries: [Entry] = []
  private var rests: [Rest] = []
  private var texts: [UInt8] = []
  private var regionSets: [Set<TallyItem.FoundIn>] = []
  /// The upper half of a hash over the index of its entry plus one; 0 for an empty slot. So a different text is told
  /// apart without a look at the entry, which is most likely in no cache.
  private var slots: [UInt64] = Array(repeating: 0, count: 64)
  /// The largest weight that a text without an entry can have had, as it grew.
  private var bounds: [UInt64] = [0]
  private var cost: UInt64 = 0

  init(_ grouping: Tally.Grouping) { self.grouping = grouping }

  /// The largest weight that a text without an entry can have had.
  var bound: UInt64 { bounds[bounds.count - 1] }

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
    let added = cost(ofEntry: entries.count - 1)
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
    for item in batch.items where item.textLength > Self.headByteCount || item.exampleLength > 0 {
      if let rest = likelyRest(of: item.key) { ScanKernel.prefetch(rests, at: rest) }
    }
    for item in batch.items where item.textLength > Self.headByteCount {
      if let rest = likelyRest(of: item.key) { ScanKernel.prefetch(texts, at: rests[rest].textStart) }
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

  /// The rest of that entry, where it has one.
  private func likelyRest(of key: TallyKey) -> Int? {
    likelyIndex(of: key).flatMap { entries[$0].rest < 0 ? nil : Int(entries[$0].rest) }
  }

  private mutating func append(_ item: TallyItem, _ text: RawSpan, _ example: RawSpan) {
    Self.makeRoom(in: &entries)
    var head: TextHead = (0, 0)
    unsafe withUnsafeMutableBytes(of: &head) { bytes in
      unsafe text.extracting(first: Self.headByteCount).withUnsafeBytes { unsafe bytes.copyMemory(from: $0) }
    }
    entries.append(
      Entry(
        count: item.count, byteCount: item.byteCount, firstAddress: item.address, firstPlace: item.place,
        firstSource: item.place.source, textLength: UInt32(text.byteCount), rest: -1, bound: UInt16(bounds.count - 1),
        pattern: item.pattern, head: head))
    guard text.byteCount > Self.headByteCount || example.byteCount > 0 else { return }
    let rest = makeRest(of: entries.count - 1)
    (rests[rest].exampleLength, rests[rest].exampleChance) = (UInt32(example.byteCount), item.chance)
    if text.byteCount > Self.headByteCount { keep(text) }
    keep(example)
  }

  /// Makes the rest of an entry that has none yet.
  private mutating func makeRest(of index: Int) -> Int {
    entries[index].rest = Int32(truncatingIfNeeded: rests.count)
    Self.makeRoom(in: &rests)
    rests.append(Rest(textStart: texts.count))
    return rests.count - 1
  }

  /// Grows an array by half, not by the double that it takes by itself: the limit counts on this.
  private static func makeRoom<Element>(in array: inout [Element]) {
    if array.count == array.capacity { array.reserveCapacity(array.count + array.count / 2 + 16) }
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
    if example.byteCount > 0, entries[index].rest >= 0, item.chance < rests[Int(entries[index].rest)].exampleChance {
      rests[Int(entries[index].rest)].exampleChance = item.chance
      replaceExample(of: index, with: example)
    }
    return item.place == entries[index].firstPlace ? 0 : insert(item.place, at: index)
  }

  /// Notes one more region of a text. Returns how many bytes of memory the shard takes up more.
  private mutating func insert(_ place: TallyItem.FoundIn, at index: Int) -> UInt64 {
    let before = cost
    if entries[index].rest < 0 {
      let rest = makeRest(of: index)
      rests[rest].secondPlace = place
      cost += Self.cost(hasRest: true, 0) - Self.cost(hasRest: false, 0)
      return cost - before
    }
    let rest = Int(entries[index].rest)
    if rests[rest].secondPlace == place { return 0 }
    if rests[rest].secondPlace == .none {
      rests[rest].secondPlace = place
      return 0
    }
    if rests[rest].regionSet < 0 {
      rests[rest].regionSet = Int32(regionSets.count)
      regionSets.append([])
    }
    if regionSets[Int(rests[rest].regionSet)].insert(place).inserted { cost += Self.regionCost }
    return cost - before
  }

  /// Takes another text as example. That is seldom: of a million findings, for fifteen.
  private mutating func replaceExample(of index: Int, with example: RawSpan) {
    let (old, rest) = (exampleRange(of: index), Int(entries[index].rest))
    if example.byteCount <= old.count {
      unsafe example.withUnsafeBytes { bytes in
        unsafe texts.replaceSubrange(old.lowerBound..<old.lowerBound + bytes.count, with: bytes)
      }
    } else {
      let text = textRange(of: index)
      rests[rest].textStart = texts.count
      texts += texts[text]
      keep(example)
    }
    rests[rest].exampleLength = UInt32(example.byteCount)
  }

  /// Where in `texts` the text of an entry is; empty where the head has all of the text.
  private func textRange(of index: Int) -> Range<Int> {
    let (length, rest) = (Int(entries[index].textLength), Int(entries[index].rest))
    let start = rest < 0 ? 0 : rests[rest].textStart
    return start..<start + (length > Self.headByteCount ? length : 0)
  }

  private func exampleRange(of index: Int) -> Range<Int> {
    let (start, rest) = (textRange(of: index).upperBound, Int(entries[index].rest))
    return start..<start + (rest < 0 ? 0 : Int(rests[rest].exampleLength))
  }

  // MARK: Memory

  /// The memory that an entry takes up, in bytes, with the reserve of arrays, the allocator around them, and the slots:
  /// measured, the limit is kept by the process as a whole.
  private static func cost(hasRest: Bool, _ textByteCount: Int) -> UInt64 {
    UInt64((MemoryLayout<Entry>.stride + (hasRest ? MemoryLayout<Rest>.stride : 0) + textByteCount) * 7 / 4 + 48)
  }

  private static let regionCost: UInt64 = 64

  /// Forgets the lightest texts if the shard is larger than `share` bytes. Returns how many bytes that frees.
  mutating func trim(to share: UInt64) -> UInt64 {
    guard cost > share else { return 0 }
    let before = cost
    var step: UInt64 = 1
    while costOfEntries(above: bound + step) > share / 2 { step *= 2 }
    let next = bound + step
    // Of more bounds than can be told apart the last one grows: an error may be told too large, and never too small.
    if bounds.count > UInt16.max { bounds.removeLast() }
    bounds.append(next)
    rebuild()
    return before - cost
  }

  private func costOfEntries(above bound: UInt64) -> UInt64 {
    entries.indices.reduce(0) { sum, index in weightAtMost(index) > bound ? sum + cost(ofEntry: index) : sum }
  }

  private func cost(ofEntry index: Int) -> UInt64 {
    let rest = Int(entries[index].rest)
    guard rest >= 0 else { return Self.cost(hasRest: false, 0) }
    let set = rests[rest].regionSet
    let regions = set < 0 ? 0 : UInt64(regionSets[Int(set)].count)
    let kept = textRange(of: index).count + exampleRange(of: index).count
    return Self.cost(hasRest: true, kept) + regions * Self.regionCost
  }

  /// Keeps the entries above the bound, each with its text.
  private mutating func rebuild() {
    let old = self
    (entries, rests, texts, regionSets, cost) = ([], [], [], [], 0)
    for index in old.entries.indices where old.weightAtMost(index) > bound {
      cost += old.cost(ofEntry: index)
      Self.makeRoom(in: &entries)
      entries.append(old.entries[index])
      guard old.entries[index].rest >= 0 else { continue }
      var rest = old.rests[Int(old.entries[index].rest)]
      rest.textStart = texts.count
      let kept = old.textRange(of: index).lowerBound..<old.exampleRange(of: index).upperBound
      unsafe keep(old.texts.span.bytes.extracting(kept))
      if rest.regionSet >= 0 {
        regionSets.append(old.regionSets[Int(rest.regionSet)])
        rest.regionSet = Int32(regionSets.count - 1)
      }
      entries[entries.count - 1].rest = Int32(rests.count)
      Self.makeRoom(in: &rests)
      rests.append(rest)
    }
    var slotCount = 64
    while entries.count * 2 > slotCount { slotCount *= 2 }
    makeSlots(slotCount)
  }

  private mutating func makeSlots(_ count: Int) {
    slots = Array(repeating: 0, count: count)
    for index in entries.indices {
      let hash = hash(of: index)
      var slot = Int(truncatingIfNeeded: hash) & (count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (count - 1) }
      slots[slot] = Self.slot(hash, index)
    }
  }

  /// The hash of the text of an entry, made anew: to keep it would take more than it is worth.
  private func hash(of index: Int) -> UInt64 {
    let (length, pattern) = (Int(entries[index].textLength), Int(entries[index].pattern))
    if length > Self.headByteCount {
      return TallyKey(unsafe texts.span.bytes.extracting(textRange(of: index)), of: pattern).hash
    }
    return unsafe withUnsafeBytes(of: entries[index].head) { bytes in
      unsafe TallyKey(RawSpan(_unsafeBytes: bytes[..<length]), of: pattern).hash
    }
  }

  // MARK: Rows

  /// What decides the order of the row of an entry.
  func rank(_ index: Int) -> TallyRank {
    let entry = entries[index]
    return TallyRank(
      weight: weight(index), address: entry.firstAddress, source: entry.firstSource,
      index: UInt32(truncatingIfNeeded: index), pattern: entry.pattern)
  }

  /// Gets ready for ``rank(_:)``.
  func prepare(_ index: Int) { ScanKernel.prefetch(entries, at: index) }

  /// The entries in the order of their rows.
  ///
  /// - Parameters:
  ///   - limit: the largest number of them; nil for all.
  ///   - minimumCount: how often a text must have been found.
  func order(limit: Int?, minimumCount: UInt64) -> [UInt32] {
    var best: [TallyRank] = []
    // No more are kept than can be among the first ones.
    let most = limit.map { 2 * min($0, 1 << 40) + 1024 } ?? .max
    for index in entries.indices.prefix(Tally.Rows.mostInShard) where entries[index].count >= minimumCount {
      best.append(rank(index))
      if best.count > most { best = Array(best.sorted().prefix(limit ?? .max)) }
    }
    best.sort()
    return best.prefix(limit ?? .max).map(\.index)
  }

  /// The row of an entry.
  func row(_ index: Int) -> Tally.Row {
    let entry = entries[index]
    var row = Tally.Row(
      pattern: Int(entry.pattern), text: text(of: index), example: [], count: entry.count, byteCount: entry.byteCount,
      error: error(index), regionCount: 1, firstAddress: entry.firstAddress, sources: [Int(entry.firstPlace.source)])
    guard entry.rest >= 0 else { return row }
    let (rest, example) = (rests[Int(entry.rest)], exampleRange(of: index))
    if !example.isEmpty { row.example = Array(texts[example]) }
    // Most texts are in one region, and need no set.
    guard rest.secondPlace != .none else { return row }
    let more = [rest.secondPlace] + (rest.regionSet < 0 ? [] : regionSets[Int(rest.regionSet)])
    row.regionCount = 1 + more.count
    row.sources = Set([entry.firstPlace.source] + more.map(\.source)).sorted().map { Int($0) }
    return row
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
  private func weightAtMost(_ index: Int) -> UInt64 { weight(index) + error(index) }

  /// What the text of an entry may have weighed before it was made.
  private func error(_ index: Int) -> UInt64 { bounds[Int(entries[index].bound)] }

  private static func slot(_ hash: UInt64, _ index: Int) -> UInt64 {
    (hash >> 32) << 32 | UInt64(truncatingIfNeeded: index + 1) & 0xffff_ffff
  }

  private func isEntry(_ index: Int, of text: RawSpan, _ pattern: UInt16) -> Bool {
    guard Int(entries[index].textLength) == text.byteCount, entries[index].pattern == pattern else { return false }
    guard text.byteCount > Self.headByteCount else {
      return unsafe withUnsafeBytes(of: entries[index].head) { unsafe Self.isSame(text, $0, at: 0) }
    }
    let start = textRange(of: index).lowerBound
    return unsafe texts.withUnsafeBytes { unsafe Self.isSame(text, $0, at: start) }
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
