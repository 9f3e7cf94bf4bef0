/// The functions of a program of PHP (`zend_op_array` of Zend/zend_compile.h): their names and those of their variables.
///
/// Where the names of the variables stand, and how many there are, is told by the functions: the one word leads to a block of that
/// many addresses of strings, and of no size that has room for more.
struct PHPFunctions: Sendable {
  private let heaps: Heaps
  /// Where the address of the names, and where their number stands; nil where that was not found.
  private let layout: (names: UInt64, count: UInt64)?

  private static let (namesOffsets, countOffsets) = (
    stride(from: UInt64(40), through: 240, by: 8), stride(from: UInt64(40), to: 112, by: 4)
  )
  private static let (mostVariables, mostTried): (UInt64, Int) = (1 << 12, 256)

  /// Learns the layout from some functions.
  init(learningFrom functions: [Address], _ heaps: Heaps, _ words: inout WordCache) throws(MemDumpError) {
    self.heaps = heaps
    var votes: [UInt64: Int] = [:]
    for function in functions.prefix(Self.mostTried) {
      for names in Self.namesOffsets {
        guard let word = try words.word(at: function + names) else { continue }
        let block = word == 0 ? nil : try heaps.block(holding: Address(word), &words)
        for offset in Self.countOffsets {
          guard let count = try Self.number(at: function + offset, &words), count > 0 else { continue }
          var isRight = false
          if let block, block.address.rawValue == word { isRight = try Self.areNames(in: block, count, &words) }
          votes[names << 32 | offset, default: 0] += isRight ? 1 : -1
        }
      }
    }
    layout = votes.filter { $0.value > 0 }.max { ($0.value, $1.key) < ($1.value, $0.key) }
      .map { ($0.key >> 32, $0.key & 0xffff_ffff) }
  }

  private static func number(at place: Address, _ words: inout WordCache) throws(MemDumpError) -> UInt64? {
    guard let word = try words.word(at: Address(place.rawValue & ~7)) else { return nil }
    return place.rawValue & 4 == 0 ? word & 0xffff_ffff : word >> 32
  }

  /// Whether a block has so many names, and no room for more than its size brings.
  private static func areNames(
    in block: HeapBlock, _ count: UInt64, _ words: inout WordCache
  ) throws(MemDumpError) -> Bool {
    guard count <= mostVariables, count * 8 <= block.byteCount else { return false }
    let size = ZendChunk.blockByteCount(for: count * 8)
    guard block.byteCount == size else { return false }
    for number in 0..<count {
      guard let name = try words.word(at: block.address + number * 8),
        try PHPLayout.name(at: Address(name), &words) != nil
      else { return false }
    }
    return true
  }

  /// The names of the variables of a function.
  func variables(of function: Address, _ words: inout WordCache) throws(MemDumpError) -> [Address] {
    guard let layout, let start = try words.word(at: function + layout.names), start & 7 == 0,
      let count = try Self.number(at: function + layout.count, &words), count <= Self.mostVariables
    else { return [] }
    var names: [Address] = []
    for number in 0..<count {
      guard words.step(), let name = try words.word(at: Address(start) + number * 8) else { break }
      names.append(Address(name))
    }
    return names
  }

  /// The tables of the static variables of a function: those with nothing but names of its variables as keys.
  func statics(of function: Address, _ words: inout WordCache) throws(MemDumpError) -> [Address] {
    var names: Set<[UInt8]> = []
    for name in try variables(of: function, &words) {
      if let text = try PHPLayout.text(at: name, &words) { names.insert(text) }
    }
    var (found, places): ([Address], [UInt64]) = ([], [])
    if names.isEmpty { return [] }
    for offset in Self.namesOffsets {
      guard let word = try words.word(at: function + offset), word & 7 == 0, word >> 16 != 0, word >> 47 == 0 else {
        continue
      }
      places.append(word)
      // Before 8.2 the word leads to one that leads there.
      if let next = try words.word(at: Address(word)), next & 7 == 0, next >> 16 != 0 { places.append(next) }
    }
    for place in places where !found.contains(Address(place)) {
      guard let table = try PHPTable(at: Address(place), &words), table.count > 0, table.count == table.usedCount,
        table.count <= UInt64(names.count)
      else { continue }
      let keys = try table.keys(Int(table.count), &words)
      if keys.count == Int(table.count), keys.allSatisfy(names.contains) { found.append(Address(place)) }
    }
    return found
  }

  /// The name of a function, with its class; nil where it has none, as the code of a file.
  func name(
    of function: Address, _ classes: inout PHPClasses, _ words: inout WordCache
  ) throws(MemDumpError) -> [UInt8]? {
    guard let place = try words.word(at: function + 8), let name = try PHPLayout.name(at: Address(place), &words),
      let scope = try words.word(at: function + 16)
    else { return nil }
    guard scope != 0, let owner = try classes.find(Address(scope), &words) else { return name }
    return owner.name + Array("::".utf8) + name
  }

  /// Where a function begins: `worker.php:12`.
  func place(of function: Address, _ words: inout WordCache) throws(MemDumpError) -> [UInt8]? {
    for offset in Self.namesOffsets {
      guard let word = try words.word(at: function + offset), word & 7 == 0, word >> 16 != 0,
        let lines = try words.word(at: function + offset + 8), lines & 0xffff_ffff > 0,
        lines & 0xffff_ffff <= lines >> 32, lines >> 32 < 1 << 24,
        let text = try PHPLayout.text(at: Address(word), &words), text.contains(UInt8(ascii: "/"))
      else { continue }
      return text.fileName + Array(":\(lines & 0xffff_ffff)".utf8)
    }
    return nil
  }
}
