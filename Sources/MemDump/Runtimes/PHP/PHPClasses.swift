/// The classes of a program of PHP (`zend_class_entry` of Zend/zend.h), by their addresses.
///
/// In every version the tables of functions, of properties and of constants stand one behind the other, and before them the
/// numbers of properties with their values. Where they begin is told by the classes: it is where the key of each element of the
/// first table is the name of the function there.
struct PHPClasses: Sendable {
  /// A class.
  struct Class: Sendable {
    var name: [UInt8]
    var isOfProgram: Bool
    /// The number of properties of each object, and their names by the offset in it.
    var propertyCount: UInt64 = 0
    var properties: [UInt64: Address] = [:]
    /// The static properties that are its own, by their number.
    var statics: [UInt64: Address] = [:]
    var staticCount: UInt64 = 0
    var parent: Address?
  }

  /// Where in a class the table of functions is; nil where that was not found.
  let functionsOffset: UInt64?
  /// The bit that static properties have: it is another one before PHP 7.4.
  private let staticBit: UInt64
  private var known: [Address: Class?] = [:]

  private static let (offsets, mostClasses) = (stride(from: UInt64(48), through: 128, by: 8), 1 << 16)
  /// The most properties of a class that have a name, and the most ancestors.
  private static let (mostProperties, mostAncestors) = (1 << 12, 64)
  /// How many more properties are looked at.
  private var propertiesLeft = 1 << 21
  /// The bytes between a class's tables, and between the first of them and what is before it.
  private static let (tableStep, staticsBefore, countsBefore): (UInt64, UInt64, UInt64) = (56, 8, 32)

  /// Learns the layout from some classes.
  init(learningFrom classes: [Address], _ words: inout WordCache) throws(MemDumpError) {
    var votes: [UInt64: Int] = [:]
    for place in classes.prefix(256) {
      for offset in Self.offsets where try Self.hasFunctions(place + offset, &words) { votes[offset, default: 0] += 1 }
    }
    let offset = votes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    functionsOffset = offset
    var (early, late) = (0, 0)
    if let offset {
      for place in classes {
        try Self.forEachProperty(of: place, offset, &words) { _, position, flags in
          let isInstance = position >= PHPLayout.propertiesOffset && position & 15 == 8
          early += (flags & 0x01 == 0) == isInstance ? 1 : -1
          late += (flags & 0x10 == 0) == isInstance ? 1 : -1
        }
      }
    }
    staticBit = early > late ? 0x01 : 0x10
  }

  /// Whether a table has functions under their names.
  private static func hasFunctions(_ place: Address, _ words: inout WordCache) throws(MemDumpError) -> Bool {
    guard let table = try PHPTable(at: place, &words), !table.isPacked,
      try PHPTable(at: place + tableStep, &words) != nil, try PHPTable(at: place + 2 * tableStep, &words) != nil
    else { return false }
    var (count, agreeing) = (0, 0)
    try table.forEach(packedByteCount: PHPTable.bucketByteCount, &words) {
      (place, _, key, words) throws(MemDumpError) in
      count += 1
      if case .text(let text) = key, let key = try PHPLayout.text(at: text, &words),
        let function = try words.word(at: place), let name = try words.word(at: Address(function) + 8),
        try PHPLayout.text(at: Address(name), &words)?.map(\.lowercased) == key
      {
        agreeing += 1
      }
      return count < 4
    }
    return count > 0 && agreeing == count
  }

  /// Hands out the properties of a class: the name, where it is in an object or its number among the static ones, and flags.
  private static func forEachProperty(
    of place: Address, _ functionsOffset: UInt64, _ words: inout WordCache, _ body: (Address, UInt64, UInt64) -> Void
  ) throws(MemDumpError) {
    guard let table = try PHPTable(at: place + functionsOffset + tableStep, &words), !table.isPacked else { return }
    var left = mostProperties
    try table.forEach(packedByteCount: PHPTable.bucketByteCount, &words) {
      (place, _, key, words) throws(MemDumpError) in
      if case .text(let name) = key, let info = try words.word(at: place), let bits = try words.word(at: Address(info))
      {
        body(name, bits & 0xffff_ffff, bits >> 32)
      }
      left -= 1
      return left > 0
    }
  }

  /// The class at an address; nil where there is none.
  mutating func find(_ place: Address, _ words: inout WordCache) throws(MemDumpError) -> Class? {
    if let found = known[place] { return found }
    guard known.count < Self.mostClasses else { return nil }
    let found = try read(place, &words)
    known[place] = .some(found)
    return found
  }

  private mutating func read(_ place: Address, _ words: inout WordCache) throws(MemDumpError) -> Class? {
    guard place.rawValue & 7 == 0, let kind = try words.word(at: place), [1, 2].contains(kind & 0xff),
      let text = try words.word(at: place + 8), let name = try PHPLayout.name(at: Address(text), &words)
    else { return nil }
    var found = Class(name: name, isOfProgram: kind & 0xff == 2)
    guard let functionsOffset, let counts = try words.word(at: place + functionsOffset - Self.countsBefore) else {
      return found
    }
    (found.propertyCount, found.staticCount) = (counts & 0xffff_ffff, counts >> 32)
    found.parent = try words.word(at: place + 16).flatMap { $0 == 0 ? nil : Address($0) }
    // Private properties of an ancestor are known to that alone.
    var (ancestor, left): (Address?, Int) = (place, Self.mostAncestors)
    while let current = ancestor, left > 0, propertiesLeft > 0 {
      try Self.forEachProperty(of: current, functionsOffset, &words) { name, position, flags in
        propertiesLeft -= 1
        if flags & staticBit == 0 {
          if found.properties[position] == nil { found.properties[position] = name }
        } else if current == place {
          found.statics[position] = name
        }
      }
      let next = try words.word(at: current + 16) ?? 0
      ancestor = next & 7 == 0 && next >> 16 != 0 ? Address(next) : nil
      left -= 1
    }
    return found
  }

  /// Where a class has the values of its static properties: the word leads there, or to a word that does.
  func statics(of place: Address, _ words: inout WordCache) throws(MemDumpError) -> [Address] {
    guard let functionsOffset, let word = try words.word(at: place + functionsOffset - Self.staticsBefore),
      word & 7 == 0, word >> 16 != 0
    else { return [] }
    let next = try words.word(at: Address(word)) ?? 0
    return [Address(word)] + (next & 7 == 0 && next >> 16 != 0 ? [Address(next)] : [])
  }

  /// The tables of a class's functions and constants.
  func functions(of place: Address) -> Address? { functionsOffset.map { place + $0 } }
  func constants(of place: Address) -> Address? { functionsOffset.map { place + $0 + 2 * Self.tableStep } }
}

extension UInt8 {
  /// The small letter of a capital one of ASCII.
  fileprivate var lowercased: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }
}
