// What is told by the tables as a whole.
extension GoFunctionTable {
  /// How many functions a vote asks.
  private static let voteCount = 256

  /// Reads the index of functions. False where it is not in order.
  mutating func readIndex() throws(MemDumpError) -> Bool {
    let rowByteCount: UInt64 = module.layout == .go116 ? 16 : 8
    var last: UInt64 = 0
    var row: UInt64 = 0
    while row < module.indexCount {
      let count = min(4096, module.indexCount - row)
      let bytes = try code.bytes(at: module.index + row * rowByteCount, count: Int(count * rowByteCount))
      guard bytes.count == Int(count * rowByteCount) else { return false }
      for place in 0..<Int(count) {
        let entry: UInt64
        let record: UInt64
        if module.layout == .go116 {
          entry = bytes.load(UInt64.self, at: place * 16) ?? 0
          record = bytes.load(UInt64.self, at: place * 16 + 8) ?? 0
        } else {
          entry = module.text &+ UInt64(bytes.load(UInt32.self, at: place * 8) ?? 0)
          record = UInt64(bytes.load(UInt32.self, at: place * 8 + 4) ?? 0)
        }
        // The last row is the end of code.
        if row + UInt64(place) == module.indexCount - 1 { return entry >= last && entry == module.code.upperBound }
        guard entry > last || entries.isEmpty, module.code.contains(entry), record <= UInt32.max else { return false }
        entries.append(entry)
        records.append(UInt32(record))
        last = entry
      }
      row += count
    }
    return false
  }

  /// Finds what offsets of inlined calls are relative to (`gofunc`), in the words of the module: with the right word, the
  /// first call of every function has a whole name, and lies in its function.
  mutating func findInlinedBase() throws(MemDumpError) -> UInt64? {
    guard module.layout != .go116 else { return nil }
    var samples: [(function: Function, calls: UInt64)] = []
    let stride = max(1, entries.count / 4096)
    for index in Swift.stride(from: 0, to: entries.count, by: stride) where samples.count < Self.voteCount {
      guard let function = function(at: entries[index]) else { continue }
      inlinedBase = 0
      if let inlined = try record(of: function)?.inlined { samples.append((function, inlined.calls)) }
    }
    inlinedBase = nil
    guard samples.count >= 4 else { return nil }
    for word in module.words.dropFirst(23) where word > 4096 && word < 1 << 47 {
      var agreed = 0
      for (number, sample) in samples.enumerated() {
        guard let call = try inlinedCall(0, word &+ sample.calls, of: sample.function) else {
          if number > 8, agreed * 100 < number * 99 { break }
          continue
        }
        if try isWholeName(call.name, sample, word) { agreed += 1 }
      }
      if agreed * 100 >= samples.count * 99 { return word }
    }
    return nil
  }

  /// Whether the name of a first call begins where a name begins: behind the end of another.
  private mutating func isWholeName(
    _ name: [UInt8], _ sample: (function: Function, calls: UInt64), _ base: UInt64
  ) throws(MemDumpError) -> Bool {
    let place = base &+ sample.calls &+ (module.layout == .go118 ? 12 : 4)
    guard let offset = try code.number(UInt32.self, at: place), offset > 0 else { return false }
    return try code.bytes(at: module.names.lowerBound + UInt64(offset) - 1, count: 1) == [0]
  }

  /// Finds the kind of wrappers, whose number differs from version to version: it is the one of functions that bind a method
  /// to a value (`-fm`), or arguments to a `go` statement (`.gowrapN`).
  mutating func findWrapperKind() throws(MemDumpError) -> UInt8? {
    let names = try wrapperNames()
    guard !names.isEmpty else { return nil }
    var votes: [UInt8: Int] = [:]
    var asked = 0
    for index in entries.indices where asked < Self.voteCount {
      let address = module.functions.lowerBound + UInt64(records[index])
      guard let name = try code.number(UInt32.self, at: address + (module.layout == .go116 ? 8 : 4)),
        names.contains(name),
        let kind = try code.number(UInt8.self, at: address + (module.layout == .go118 ? 36 : 40))
      else { continue }
      asked += 1
      if kind != 0 { votes[kind, default: 0] += 1 }
    }
    guard let best = votes.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }), best.value * 2 > asked else {
      return nil
    }
    return best.key
  }

  /// The offsets of the names that only wrappers have.
  private mutating func wrapperNames() throws(MemDumpError) -> Set<UInt32> {
    let pieceByteCount: UInt64 = 1 << 16
    var (found, start): (Set<UInt32>, UInt64) = ([], 0)
    var name: [UInt8] = []
    for offset in stride(from: module.names.lowerBound, to: module.names.upperBound, by: Int(pieceByteCount)) {
      let bytes = try code.bytes(at: offset, count: Int(min(pieceByteCount, module.names.upperBound - offset)))
      guard !bytes.isEmpty else { break }
      for byte in bytes {
        if byte != 0 {
          if name.count < 512 { name.append(byte) }
          start += 1
          continue
        }
        if Self.isWrapper(name) { found.insert(UInt32(truncatingIfNeeded: start - UInt64(name.count))) }
        start += 1
        name.removeAll(keepingCapacity: true)
      }
      if bytes.count < Int(pieceByteCount) { break }
    }
    return found
  }

  private static func isWrapper(_ name: [UInt8]) -> Bool {
    guard let last = name.last else { return false }
    if last == UInt8(ascii: "m") { return name.suffix(3).elementsEqual("-fm".utf8) }
    guard last >= UInt8(ascii: "0"), last <= UInt8(ascii: "9") else { return false }
    let word = name.reversed().drop { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    return word.starts(with: ".gowrap".utf8.reversed())
  }
}
