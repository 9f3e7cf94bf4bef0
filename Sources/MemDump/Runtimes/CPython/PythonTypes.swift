/// The types of a Python program, found by what proves itself: `type` is the type whose type is itself, and every other type has
/// it, or a type that derives from it, as its own.
struct PythonTypes: ~Copyable {
  /// What tells an object of a type in a block.
  struct Shape: Sendable {
    var flags: UInt64
    var leastByteCount: UInt64
  }

  /// The types that were found, in the order in which they were met.
  private(set) var all: [PythonType] = []
  /// What the walk over all blocks asks of each type, by its number.
  private(set) var shapes: [Shape] = []
  /// The type of all types; nil until the first type is found.
  private(set) var root: Address?

  private var words: WordCache
  private var names: WordCache
  private let memory: [Range<Address>]
  private var table = AddressNumbers()
  /// Addresses that are no types, each at a place by a few of its bits.
  private var refused = [UInt64](repeating: 0, count: 1 << refusedBits)

  private static let refusedBits = 16
  /// The most types there are, the longest name, the largest object without items, the largest item, and how far the type
  /// of a type of a type goes on.
  private static let (mostTypes, longestName) = (1 << 16, 4096)
  private static let (largest, largestItem, deepest): (UInt64, UInt64, Int) = (1 << 20, 1 << 16, 4)

  /// - Parameters:
  ///   - source: the memory.
  ///   - constants: the memory with the constants of programs, in which names are.
  ///   - memory: where a type can lie, in order.
  init(_ source: any MemorySource, constants: any MemorySource, in memory: [Range<Address>]) throws(MemDumpError) {
    // All that can fail comes first: a part of what cannot be copied cannot be taken back.
    let words = try WordCache(source, .jumps)
    let names = try WordCache(constants, .jumps)
    self.memory = memory
    self.words = words
    self.names = names
  }

  /// The number of the type at an address in ``all``; nil where none is.
  @inline(__always)
  mutating func number(of address: UInt64) throws(MemDumpError) -> Int? {
    if let number = table[address] { return number }
    guard address & 7 == 0, address >> 16 != 0, address >> 47 == 0, refused[Self.place(of: address)] != address else {
      return nil
    }
    return try look(at: address, depth: 0)
  }

  private static func place(of address: UInt64) -> Int {
    Int(truncatingIfNeeded: (address &* 0x9e37_79b9_7f4a_7c15) >> UInt64(64 - refusedBits))
  }

  @inline(never)
  private mutating func look(at address: UInt64, depth: Int) throws(MemDumpError) -> Int? {
    if let number = table[address] { return number }
    guard all.count < Self.mostTypes, let type = try read(address, depth) else {
      refused[Self.place(of: address)] = address
      return nil
    }
    all.append(type)
    shapes.append(Shape(flags: type.flags, leastByteCount: type.leastByteCount))
    table.insert(address, all.count - 1)
    return all.count - 1
  }

  private mutating func read(_ address: UInt64, _ depth: Int) throws(MemDumpError) -> PythonType? {
    let place = Address(address)
    guard memory.index(holding: place) != nil, let meta = try words.word(at: place + 8) else { return nil }
    if meta == address {
      guard root == nil else { return nil }
    } else {
      guard depth < Self.deepest, meta & 7 == 0, let number = try look(at: meta, depth: depth + 1), all[number].isType
      else { return nil }
    }
    guard let name = try words.word(at: place + PythonType.nameOffset),
      let basic = try words.word(at: place + PythonType.basicOffset), basic >= 16, basic <= Self.largest,
      let item = try words.word(at: place + PythonType.itemOffset), item <= Self.largestItem,
      let flags = try words.word(at: place + PythonType.flagsOffset),
      let base = try words.word(at: place + PythonType.baseOffset), let text = try text(at: Address(name))
    else { return nil }
    let type = PythonType(
      address: place, name: text, basicByteCount: basic, itemByteCount: item, flags: flags, meta: meta, base: base)
    if meta == address {
      guard text == Array("type".utf8), type.isType else { return nil }
      root = place
    }
    return type
  }

  /// The name at an address: at least one character, of UTF-8. A program may give a type any name.
  private mutating func text(at address: Address) throws(MemDumpError) -> [UInt8]? {
    // A name of a type of C is a constant of its program, one of Python is in the heap.
    for fromConstants in [false, true] {
      let bytes =
        fromConstants
        ? try names.bytes(at: address, count: Self.longestName) : try words.bytes(at: address, count: Self.longestName)
      guard let end = bytes.firstIndex(of: 0) else { continue }
      let name = Array(bytes[..<end])
      return name.isEmpty || String(validating: name, as: UTF8.self) == nil ? nil : name
    }
    return nil
  }

  /// The number of the type of a type.
  func metatype(of number: Int) -> Int? { table[all[number].meta] }

  /// Whether a type, or one that it derives from over a few steps, answers to a name.
  func isDerived(_ number: Int, from name: [UInt8]) -> Bool {
    var number = number
    for _ in 0..<8 {
      if all[number].name == name { return true }
      guard let base = table[all[number].base], base != number else { return false }
      number = base
    }
    return false
  }
}

/// Numbers of addresses, found by address: open addressing, at most half full.
struct AddressNumbers: Sendable {
  private var keys = [UInt64](repeating: 0, count: 1 << 10)
  private var numbers = [Int32](repeating: 0, count: 1 << 10)
  private var count = 0

  @inline(__always)
  private func place(of key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 32) & (keys.count - 1)
  }

  /// The number of an address; nil for none.
  @inline(__always)
  subscript(key: UInt64) -> Int? {
    guard key != 0 else { return nil }
    var place = place(of: key)
    while keys[place] != 0 {
      if keys[place] == key { return Int(numbers[place]) }
      place = (place + 1) & (keys.count - 1)
    }
    return nil
  }

  /// Adds an address that is not there, and not 0.
  mutating func insert(_ key: UInt64, _ number: Int) {
    if count * 2 >= keys.count { grow() }
    var place = place(of: key)
    while keys[place] != 0 { place = (place + 1) & (keys.count - 1) }
    (keys[place], numbers[place], count) = (key, Int32(truncatingIfNeeded: number), count + 1)
  }

  private mutating func grow() {
    let old = zip(keys, numbers).filter { $0.0 != 0 }
    (keys, count) = ([UInt64](repeating: 0, count: keys.count * 2), 0)
    numbers = [Int32](repeating: 0, count: keys.count)
    for (key, number) in old { insert(key, Int(number)) }
  }
}
