/// A part of a tally: an open-addressed table over one arena of text, because a scan may bring millions of distinct texts.
///
/// A shard that grows too large forgets by the rule of Lossy Counting (Manku and Motwani, "Approximate Frequency Counts
/// over Data Streams", VLDB 2002), with weights, and with a full table in place of a full bucket: entries whose weight
/// and error together do not exceed a bound go. A text that comes later may have weighed up to that bound before, which
/// is its error. So a text weighs `weight ... weight + error`, or `bound` at most without an entry. The bound grows by
/// what has to go for half of the room to be free: with a table of k entries, to about twice the total weight over k.
struct TallyShard: Sendable {
  private let grouping: Tally.Grouping
  private(set) var entries = PieceArray<TallyEntry>()
  private var rests: [TallyRest] = []
  private var texts: [UInt8] = []
  private var regionSets: [Set<TallyItem.FoundIn>] = []
  /// The tag of a text over the index of its entry plus one; 0 for an empty slot. So a different text is told apart without a
  /// look at the entry, which is most likely in no cache, and the table grows without one.
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
      if slots[slot] >> 32 == item.key.tag, isEntry(index, of: text, item.pattern) {
        return count(item, example, at: index)
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Self.slot(item.key, entries.count)
    append(item, text, example)
    if Self.isFull(entries.count, slots.count) { growSlots() }
    let isLong = text.byteCount > TallyEntry.headByteCount
    let added = Self.cost(
      hasRest: isLong || example.byteCount > 0, (isLong ? text.byteCount : 0) + example.byteCount)
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
    for item in batch.items where item.textLength > TallyEntry.headByteCount || item.exampleLength > 0 {
      if let rest = likelyRest(of: item.key) { ScanKernel.prefetch(rests, at: rest) }
    }
    for item in batch.items where item.textLength > TallyEntry.headByteCount {
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

  private func slot(of key: TallyKey) -> Int { Int(truncatingIfNeeded: key.tag) & (slots.count - 1) }

  /// The index in the slot where the search for a text begins, unless the entry is surely that of another text.
  private func likelyIndex(of key: TallyKey) -> Int? {
    let slot = slots[slot(of: key)]
    return slot != 0 && slot >> 32 == key.tag ? Int(truncatingIfNeeded: slot & 0xffff_ffff) - 1 : nil
  }

  /// The rest of that entry, where it has one.
  private func likelyRest(of key: TallyKey) -> Int? {
    likelyIndex(of: key).flatMap { entries[$0].rest }
  }

  private mutating func append(_ item: TallyItem, _ text: RawSpan, _ example: RawSpan) {
    entries.append(TallyEntry(item, text, bound: bounds.count - 1))
    guard text.byteCount > TallyEntry.headByteCount || example.byteCount > 0 else { return }
    let rest = makeRest(of: entries.count - 1, item.textLength)
    (rests[rest].exampleLength, rests[rest].exampleChance) = (UInt32(example.byteCount), item.chance)
    if text.byteCount > TallyEntry.headByteCount { keep(text) }
    keep(example)
  }

  /// Makes the rest of an entry that has none yet.
  private mutating func makeRest(of index: Int, _ textLength: UInt32) -> Int {
    entries[index].rest = rests.count
    Self.makeRoom(in: &rests)
    rests.append(TallyRest(textLength: textLength, textStart: texts.count))
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
    if example.byteCount > 0, let rest = entries[index].rest, item.chance < rests[rest].exampleChance {
      rests[rest].exampleChance = item.chance
      replaceExample(of: index, with: example)
    }
    let (first, address) = (entries[index].firstPlace, entries[index].firstAddress)
    guard (item.place.source, item.address) < (first.source, address) else {
      return item.place == first ? 0 : insert(item.place, at: index)
    }
    (entries[index].firstPlace, entries[index].firstAddress) = (item.place, item.address)
    if item.place == first { return 0 }
    let before = cost
    remove(item.place, at: index)
    _ = insert(first, at: index)
    return cost - before
  }

  /// Forgets one of the further regions of a text, which is the first one now.
  private mutating func remove(_ place: TallyItem.FoundIn, at index: Int) {
    guard let rest = entries[index].rest else { return }
    if rests[rest].secondPlace == place {
      rests[rest].secondPlace = .none
    } else if rests[rest].regionSet >= 0, regionSets[Int(rests[rest].regionSet)].remove(place) != nil {
      cost -= Self.regionCost
    }
  }

  /// Notes one more region of a text. Returns how many bytes of memory the shard takes up more.
  private mutating func insert(_ place: TallyItem.FoundIn, at index: Int) -> UInt64 {
    let before = cost
    guard let rest = entries[index].rest else {
      let rest = makeRest(of: index, UInt32(entries[index].length ?? 0))
      rests[rest].secondPlace = place
      cost += Self.cost(hasRest: true, 0) - Self.cost(hasRest: false, 0)
      return cost - before
    }
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
    guard let rest = entries[index].rest else { return }
    let old = exampleRange(of: index)
    if example.byteCount <= old.count {
      unsafe example.withUnsafeBytes { bytes in
        unsafe texts.replaceSubrange(old.lowerBound..<old.lowerBound + bytes.count, with: bytes)
      }
    } else {
      let text = textRange(of: index)
      rests[rest].textStart = texts.count
      // A slice of them would have all of them copied.
      for place in text { texts.append(texts[place]) }
      keep(example)
    }
    rests[rest].exampleLength = UInt32(example.byteCount)
  }

  /// Where in `texts` the text of an entry is; empty where the head has all of the text.
  private func textRange(of index: Int) -> Range<Int> {
    guard let rest = entries[index].rest else { return 0..<0 }
    let (start, length) = (rests[rest].textStart, Int(rests[rest].textLength))
    return start..<start + (length > TallyEntry.headByteCount ? length : 0)
  }

  private func exampleRange(of index: Int) -> Range<Int> {
    let start = textRange(of: index).upperBound
    return start..<start + (entries[index].rest.map { Int(rests[$0].exampleLength) } ?? 0)
  }

  private func textLength(of index: Int) -> Int {
    entries[index].length ?? entries[index].rest.map { Int(rests[$0].textLength) } ?? 0
  }

  // MARK: Memory

  /// The memory that an entry takes up, in bytes, with the reserve of arrays, the allocator around them, and the slots:
  /// measured, the limit is kept by the process as a whole.
  private static func cost(hasRest: Bool, _ textByteCount: Int) -> UInt64 {
    UInt64(
      MemoryLayout<TallyEntry>.stride + 40 + ((hasRest ? MemoryLayout<TallyRest>.stride : 0) + textByteCount) * 7 / 4)
  }

  private static let regionCost: UInt64 = 64

  /// Forgets the lightest texts if the shard is larger than `share` bytes. Returns how many bytes that frees.
  mutating func trim(to share: UInt64) -> UInt64 {
    guard cost > share else { return 0 }
    let before = cost
    // The costs of those that are above the bound by more than a power of two, and not by more than the next one.
    var (costs, above): ([UInt64], UInt64) = (Array(repeating: 0, count: 65), 0)
    for index in entries.indices {
      let weight = weightAtMost(index)
      guard weight > bound + 1 else { continue }
      let cost = cost(ofEntry: index)
      costs[64 - (weight - bound - 1).leadingZeroBitCount] += cost
      above += cost
    }
    var power = 0
    while above > share / 2, power < 63 {
      power += 1
      above -= costs[power]
    }
    let next = bound + 1 << UInt64(power)
    // Of more bounds than can be told apart the last one grows: an error may be told too large, and never too small.
    if bounds.count > UInt16.max { bounds.removeLast() }
    bounds.append(next)
    rebuild()
    return before - cost
  }

  private func cost(ofEntry index: Int) -> UInt64 {
    guard let rest = entries[index].rest else { return Self.cost(hasRest: false, 0) }
    let set = rests[rest].regionSet
    let regions = set < 0 ? 0 : UInt64(regionSets[Int(set)].count)
    let kept = textRange(of: index).count + exampleRange(of: index).count
    return Self.cost(hasRest: true, kept) + regions * Self.regionCost
  }

  /// Keeps the entries above the bound, each with its text.
  private mutating func rebuild() {
    let old = self
    (entries, rests, texts, regionSets, cost) = (PieceArray(), [], [], [], 0)
    for index in old.entries.indices where old.weightAtMost(index) > bound {
      cost += old.cost(ofEntry: index)
      entries.append(old.entries[index])
      guard let number = old.entries[index].rest else { continue }
      var rest = old.rests[number]
      rest.textStart = texts.count
      let kept = old.textRange(of: index).lowerBound..<old.exampleRange(of: index).upperBound
      unsafe keep(old.texts.span.bytes.extracting(kept))
      if rest.regionSet >= 0 {
        regionSets.append(old.regionSets[Int(rest.regionSet)])
        rest.regionSet = Int32(regionSets.count - 1)
      }
      entries[entries.count - 1].rest = rests.count
      Self.makeRoom(in: &rests)
      rests.append(rest)
    }
    var slotCount = 64
    while Self.isFull(entries.count, slotCount) { slotCount *= 2 }
    makeSlots(slotCount)
  }

  /// Whether there are too few slots for so many entries: what a slot tells of a text lets three of four be taken.
  private static func isFull(_ entryCount: Int, _ slotCount: Int) -> Bool { entryCount * 4 > slotCount * 3 }

  private mutating func makeSlots(_ count: Int) {
    slots = Array(repeating: 0, count: count)
    for index in entries.indices { Self.put(Self.slot(key(of: index), index), into: &slots) }
  }

  private mutating func growSlots() {
    var grown = [UInt64](repeating: 0, count: slots.count * 2)
    for slot in slots where slot != 0 { Self.put(slot, into: &grown) }
    slots = grown
  }

  private static func put(_ word: UInt64, into slots: inout [UInt64]) {
    var slot = Int(truncatingIfNeeded: word >> 32) & (slots.count - 1)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = word
  }

  /// The key of the text of an entry, made anew: to keep it would take more than it is worth.
  private func key(of index: Int) -> TallyKey {
    let (length, pattern) = (textLength(of: index), Int(entries[index].pattern))
    if length > TallyEntry.headByteCount {
      return TallyKey(unsafe texts.span.bytes.extracting(textRange(of: index)), of: pattern)
    }
    return unsafe withUnsafeBytes(of: entries[index].head) { bytes in
      unsafe TallyKey(RawSpan(_unsafeBytes: bytes[..<length]), of: pattern)
    }
  }

  // MARK: Rows

  /// What decides the order of the row of an entry.
  func rank(_ index: Int) -> TallyRank {
    let entry = entries[index]
    return TallyRank(
      weight: weight(index), address: entry.firstAddress, source: entry.firstPlace.source,
      index: UInt32(truncatingIfNeeded: index), pattern: entry.pattern)
  }

  /// Gets ready for ``rank(_:)``.
  func prepare(_ index: Int) { ScanKernel.prefetch(entries, at: index) }

  /// The pattern of a row, and its figures; nil where its text has bytes that are not printed as they are.
  func figures(_ index: Int) -> (pattern: UInt16, figures: TallyFigures)? {
    let (entry, length) = (entries[index], textLength(of: index))
    guard
      length > TallyEntry.headByteCount
        ? unsafe EscapedText.isPlain(texts.span.bytes.extracting(textRange(of: index)))
        : unsafe withUnsafeBytes(of: entry.head, { unsafe EscapedText.isPlain(RawSpan(_unsafeBytes: $0[..<length])) })
    else { return nil }
    let figures = TallyFigures(
      entry.count, entry.byteCount, UInt64(regionCount(of: index)), entry.firstAddress.rawValue, UInt64(length), 0, 0, 0
    )
    return (entry.pattern, figures)
  }

  private func regionCount(of index: Int) -> Int {
    guard let rest = entries[index].rest.map({ rests[$0] }) else { return 1 }
    return (rest.secondPlace == .none ? 1 : 2) + (rest.regionSet < 0 ? 0 : regionSets[Int(rest.regionSet)].count)
  }

  /// The row of an entry.
  func row(_ index: Int) -> Tally.Row {
    let entry = entries[index]
    var row = Tally.Row(
      pattern: Int(entry.pattern), text: text(of: index), example: [], count: entry.count, byteCount: entry.byteCount,
      error: error(index), regionCount: regionCount(of: index), firstAddress: entry.firstAddress,
      firstSource: Int(entry.firstPlace.source))
    // What is the only text of its template is not kept twice.
    if grouping == .template { row.example = row.text }
    guard let number = entry.rest else { return row }
    let (rest, example) = (rests[number], exampleRange(of: index))
    if !example.isEmpty { row.example = Array(texts[example]) }
    // Most texts are in one region, and need no set.
    guard row.regionCount > 1 else { return row }
    let more = [rest.secondPlace] + (rest.regionSet < 0 ? [] : regionSets[Int(rest.regionSet)])
    row.otherSources = Set(more.map(\.source)).subtracting([entry.firstPlace.source]).sorted().map { Int($0) }
    return row
  }

  /// The text of an entry.
  func text(of index: Int) -> [UInt8] {
    let entry = entries[index]
    let length = textLength(of: index)
    guard length <= TallyEntry.headByteCount else { return Array(texts[textRange(of: index)]) }
    return unsafe withUnsafeBytes(of: entry.head) { head in
      unsafe [UInt8](unsafeUninitializedCapacity: length) { bytes, count in
        unsafe UnsafeMutableRawBufferPointer(bytes).copyMemory(from: UnsafeRawBufferPointer(rebasing: head[..<length]))
        count = length
      }
    }
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

  private static func slot(_ key: TallyKey, _ index: Int) -> UInt64 {
    key.tag << 32 | UInt64(truncatingIfNeeded: index + 1) & 0xffff_ffff
  }

  private func isEntry(_ index: Int, of text: RawSpan, _ pattern: UInt16) -> Bool {
    guard entries[index].pattern == pattern, textLength(of: index) == text.byteCount else { return false }
    guard text.byteCount > TallyEntry.headByteCount else {
      return unsafe withUnsafeBytes(of: entries[index].head) { unsafe TallyEntry.isSame(text, $0, at: 0) }
    }
    let start = textRange(of: index).lowerBound
    return unsafe texts.withUnsafeBytes { unsafe TallyEntry.isSame(text, $0, at: start) }
  }
}
