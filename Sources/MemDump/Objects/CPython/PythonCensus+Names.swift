extension PythonCensus {
  /// The modules whose types are named without them, as a programmer does.
  private static let silentModules = ["builtins", "__builtin__", "__main__"].map { Array($0.utf8) }
  /// The most bytes of a table of keys that are looked at for one of them.
  private static let longestTable: UInt64 = 1 << 14

  /// The full name of a type: one that the program made has its module before its name, unless that is the program itself. Names
  /// of types of C have it already.
  mutating func name(of number: Int, _ words: inout WordCache) throws(MemDumpError) -> [UInt8] {
    let type = reader.types.all[number]
    guard type.isMade, !type.name.contains(UInt8(ascii: ".")),
      let dictionary = try words.word(at: type.address + PythonType.dictOffset),
      let value = try value(of: Array("__module__".utf8), in: Address(dictionary), &words),
      let module = try reader.text(at: value, &words), !module.isEmpty, !Self.silentModules.contains(module)
    else { return type.name }
    return module + [UInt8(ascii: ".")] + type.name
  }

  /// The value of a key in a dictionary that is an object; nil where it has none. The value stands behind the key, whatever
  /// else the table has.
  mutating func value(
    of key: [UInt8], in dictionary: Address, _ words: inout WordCache
  ) throws(MemDumpError) -> UInt64? {
    guard let object = try reader.object(at: dictionary, &words), reader.types.all[object.type].isDictionary,
      let keys = try words.word(at: dictionary + keysOffset)
    else { return nil }
    // Before 3.3, a small dictionary has its table in itself.
    let own = dictionary..<(dictionary + reader.types.all[object.type].basicByteCount)
    guard let range = others.index(holding: keys).map(others.range(of:)) ?? (own.contains(Address(keys)) ? own : nil)
    else { return nil }
    let end = min(range.upperBound, range.lowerBound + Self.longestTable)
    var place = range.lowerBound
    while end - place >= 16 {
      if let word = try words.word(at: place), word & 7 == 0, word >> 16 != 0, try reader.text(at: word, &words) == key
      {
        return try words.word(at: place + 8)
      }
      place = place + 8
    }
    return nil
  }
}
