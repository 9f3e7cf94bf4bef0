/// A state of LuaJIT: a VM with its list of all objects.
///
/// It is found by its shape. The main thread is an object of type thread whose third word leads right behind itself, where the
/// state is; and the list of all objects, which begins in the state, comes by that very thread, which was made first and has nothing
/// behind it but userdata.
struct LuaState: Sendable {
  /// The main thread, and the state.
  let thread: Address
  let global: Address
  /// What LuaJIT itself counts as in use, in bytes (`collectgarbage("count")`).
  let total: UInt64
  /// The first object.
  let first: Address
  /// The strings, which are in no list of objects but in a hash table: where that is, and how many chains it has.
  let (strings, chainCount): (Address, UInt64)
  /// Where in a string its length stands, in bytes.
  let lengthOffset: UInt64
  /// How much memory of the program is present, in bytes: there are no more words than that to go over.
  let presentByteCount: UInt64
  /// The registry; nil where it was not found.
  let registry: Address?

  /// Where in the state the sum of bytes is, where the head of the list of objects may be, where the other things are looked
  /// for, in bytes.
  private static let (totalOffset, listOffsets, searched): (UInt64, ClosedRange<UInt64>, UInt64) = (16, 32...112, 1024)
  /// The objects of the list that are looked at to tell it.
  private static let provenCount = 64
  /// The chains of strings that are looked at to tell the table of them, and the fewest chains of one.
  private static let (triedChains, leastChains): (UInt64, UInt64) = (2048, 256)

  /// Finds the states of a process, in the order of their addresses.
  static func all(in source: any MemorySource, _ control: WorkControl) throws(MemDumpError) -> [LuaState] {
    let present = try PresentMemory(of: source, in: written(in: source), step: 1 << 20).ranges
    let byteCount = present.reduce(0) { $0 &+ $1.byteCount }
    var words = try WordCache(source)
    var candidates: [(thread: Address, global: Address)] = []
    try GoImage.forEachWord(in: present, &words) { (address, _, bits, global) throws(MemDumpError) in
      let distance = global &- address.rawValue
      if LuaLayout.stateDistances.contains(distance), global & 7 == 0,
        UInt8(truncatingIfNeeded: bits >> 8) == LuaLayout.Kind.thread.rawValue
      {
        candidates.append((address, Address(global)))
      }
      return candidates.count < mostCandidates && !control.isStopped
    }
    var jumps = try WordCache(source, .jumps)
    var states: [LuaState] = []
    for (thread, global) in candidates {
      if let state = try LuaState(thread, global, byteCount, &jumps) { states.append(state) }
    }
    return states
  }

  /// The most places that may be a main thread.
  private static let mostCandidates = 1 << 12

  /// The memory that a program wrote; all of it where there is no map, as in a raw dump.
  private static func written(in source: any MemorySource) -> [Range<Address>] {
    let written = OwnWriting.privateMemory.ranges(in: source.regions).union()
    return written.isEmpty ? source.regions.map(\.range).union() : written
  }

  private init?(
    _ thread: Address, _ global: Address, _ presentByteCount: UInt64, _ words: inout WordCache
  ) throws(MemDumpError) {
    guard let total = try words.word(at: global + Self.totalOffset), total > 4096, total < 1 << 46,
      let first = try Self.list(in: global, &words),
      let strings = try Self.strings(in: global, &words)
    else { return nil }
    (self.thread, self.global, self.total, self.first) = (thread, global, total, first)
    (self.strings, chainCount, lengthOffset) = strings
    self.presentByteCount = presentByteCount
    registry = try Self.registry(in: global, lengthOffset: strings.lengthOffset, &words)
  }

  /// The first object, at the one place from which a chain of objects leads.
  private static func list(in global: Address, _ words: inout WordCache) throws(MemDumpError) -> Address? {
    for offset in stride(from: listOffsets.lowerBound, through: listOffsets.upperBound, by: 8) {
      guard let first = try words.word(at: global + offset), first != 0 else { continue }
      var (place, count) = (first, 0)
      while count < provenCount, place != 0, let header = try LuaLayout.Header(at: Address(place), &words),
        header.kind != .string
      {
        (place, count) = (header.next, count + 1)
      }
      if count == provenCount { return Address(first) }
    }
    return nil
  }

  /// The table of strings: a pointer to chains, with their number less one beside it, of which nearly all begin with a string.
  private static func strings(
    in global: Address, _ words: inout WordCache
  ) throws(MemDumpError) -> (table: Address, chainCount: UInt64, lengthOffset: UInt64)? {
    var best: (table: Address, chainCount: UInt64, sample: [Address])?
    for offset in stride(from: UInt64(16), to: searched, by: 8) {
      guard let table = try words.word(at: global + offset), table > 4096, table & 7 == 0 else { continue }
      for beside in [offset - 8, offset - 4, offset + 8, offset + 12] {
        guard let word = try words.word(at: global + beside & ~7) else { continue }
        let mask = beside & 7 == 0 ? word & 0xffff_ffff : word >> 32
        guard mask >= leastChains - 1, mask < LuaLayout.mostNodes, mask & (mask + 1) == 0 else { continue }
        var (sample, filled): ([Address], Int) = ([], 0)
        for chain in 0..<min(mask + 1, triedChains) {
          guard let head = try words.word(at: Address(table) + chain * 8) else {
            filled = .max
            break
          }
          // The lowest bits say something of the chain.
          let place = Address(head & ~7)
          if place == Address(0) { continue }
          filled += 1
          if try LuaLayout.Header(at: place, &words)?.kind == .string { sample.append(place) }
        }
        if filled < .max, filled > 16, sample.count * 50 >= filled * 49, sample.count > best?.sample.count ?? 0 {
          best = (Address(table), mask + 1, sample)
        }
      }
    }
    guard let best else { return nil }
    // The length stands where a 0 follows so many bytes behind the head; its place changed within 2.1.
    var votes: [UInt64: Int] = [:]
    for place in best.sample.prefix(256) {
      for offset in [16, 20] as [UInt64] {
        guard let word = try words.word(at: place + 16) else { continue }
        let length = offset == 16 ? word & 0xffff_ffff : word >> 32
        guard length < 1 << 16 else { continue }
        let text = try words.bytes(at: place + 24, count: Int(length) + 1)
        if text.count == Int(length) + 1, text.firstIndex(of: 0) == Int(length) { votes[offset, default: 0] += 1 }
      }
    }
    guard let (offset, count) = votes.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
      count * 10 >= min(best.sample.count, 256) * 9
    else { return nil }
    return (best.table, best.chainCount, offset)
  }

  /// The registry: the first value of the state that is a table with the key `_LOADED`.
  private static func registry(
    in global: Address, lengthOffset: UInt64, _ words: inout WordCache
  ) throws(MemDumpError) -> Address? {
    for offset in stride(from: UInt64(16), to: searched, by: 8) {
      guard let word = try words.word(at: global + offset), case .object(.table, let place) = LuaLayout.Value(word),
        let header = try LuaLayout.Header(at: place, &words), header.kind == .table,
        let table = try LuaLayout.Table(header, at: place, &words)
      else { continue }
      for node in 0..<min(table.nodeCount, 4096) {
        guard let key = try words.word(at: table.nodes + node * LuaLayout.nodeByteCount + 8),
          case .object(.string, let string) = LuaLayout.Value(key),
          try text(at: string, lengthOffset: lengthOffset, limit: 16, &words) == Array("_LOADED".utf8)
        else { continue }
        return place
      }
    }
    return nil
  }

  /// The first bytes of a string; nil where there is none.
  func text(at address: Address, limit: Int, _ words: inout WordCache) throws(MemDumpError) -> [UInt8]? {
    try Self.text(at: address, lengthOffset: lengthOffset, limit: limit, &words)
  }

  private static func text(
    at address: Address, lengthOffset: UInt64, limit: Int, _ words: inout WordCache
  ) throws(MemDumpError) -> [UInt8]? {
    guard let header = try LuaLayout.Header(at: address, &words), header.kind == .string,
      let length = try length(ofString: address, at: lengthOffset, &words)
    else { return nil }
    let wanted = Int(min(length, UInt64(limit)))
    let bytes = try words.bytes(at: address + 24, count: wanted)
    return bytes.count == wanted ? bytes : nil
  }

  /// The length of a string.
  static func length(
    ofString address: Address, at offset: UInt64, _ words: inout WordCache
  ) throws(MemDumpError) -> UInt64? {
    guard let word = try words.word(at: address + 16) else { return nil }
    let length = offset == 16 ? word & 0xffff_ffff : word >> 32
    return length < LuaLayout.longestString ? length : nil
  }
}
