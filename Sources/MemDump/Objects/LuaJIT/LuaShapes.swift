/// The shapes of tables: what a program of Lua has in place of types. A table with few keys, all of them texts, has these as its
/// shape; the name that its metatable gives (`__name`) stands in front.
struct LuaShapes {
  /// What tables of one shape have in common.
  private enum Shape: Hashable {
    case empty
    case array
    case map
    /// The strings that are the keys, by their addresses: of a text there is one.
    case keys([UInt64])
  }

  private struct Key: Hashable {
    var shape: Shape
    var metatable: UInt64
  }

  /// A table of more nodes is a map.
  private static let mostKeys: UInt64 = 32
  /// The most shapes that are told apart, the keys that a name has, and the characters of a key.
  private static let (mostShapes, shownKeys, longestKey) = (1 << 14, 8, 40)

  private var numbers: [Key: Int] = [:]
  /// The names of the shapes, as bytes of the target.
  private(set) var names: [[UInt8]] = []
  private var places: [[UInt8]: Int] = [:]
  private var metanames: [UInt64: [UInt8]] = [:]
  private static let metaname = Array("__name".utf8)

  /// The number of a table's shape; nil where there are too many.
  mutating func number(
    of table: LuaLayout.Table, _ state: LuaState, _ words: inout WordCache
  ) throws(MemDumpError) -> Int? {
    let key = Key(shape: try shape(of: table, &words), metatable: table.metatable)
    if let number = numbers[key] { return number }
    guard names.count < Self.mostShapes else { return nil }
    var name = try metaname(table.metatable, state, &words) ?? Array("table".utf8)
    name += try text(of: key.shape, state, &words)
    // Two metatables may have one name.
    let number = places[name] ?? names.count
    if number == names.count {
      names.append(name)
      places[name] = number
    }
    numbers[key] = number
    return number
  }

  private func shape(of table: LuaLayout.Table, _ words: inout WordCache) throws(MemDumpError) -> Shape {
    guard table.nodeCount > 0 else { return table.arrayCount > 0 ? .array : .empty }
    guard table.nodeCount <= Self.mostKeys else { return .map }
    var keys: [UInt64] = []
    var others = 0
    for node in 0..<table.nodeCount {
      let place = table.nodes + node * LuaLayout.nodeByteCount
      guard let value = try words.word(at: place), let key = try words.word(at: place + 8) else { continue }
      if LuaLayout.Value(value) == .none { continue }
      if case .object(.string, let text) = LuaLayout.Value(key) { keys.append(text.rawValue) } else { others += 1 }
    }
    if keys.isEmpty { return others > 0 ? .map : table.arrayCount > 0 ? .array : .empty }
    return others > keys.count ? .map : .keys(keys.sorted())
  }

  private func text(of shape: Shape, _ state: LuaState, _ words: inout WordCache) throws(MemDumpError) -> [UInt8] {
    switch shape {
    case .empty: return Array(" {}".utf8)
    case .array: return Array(" []".utf8)
    case .map: return Array(" map".utf8)
    case .keys(let keys):
      var texts: [[UInt8]] = []
      for key in keys {
        if let text = try state.text(at: Address(key), limit: Self.longestKey, &words) { texts.append(text) }
      }
      texts.sort { $0.lexicographicallyPrecedes($1) }
      var name = Array(" {".utf8) + texts.prefix(Self.shownKeys).joined(separator: [UInt8(ascii: ",")])
      if texts.count > Self.shownKeys { name += Array(",… \(texts.count - Self.shownKeys) more".utf8) }
      return name + [UInt8(ascii: "}")]
    }
  }

  /// The name that a metatable gives.
  private mutating func metaname(
    _ metatable: UInt64, _ state: LuaState, _ words: inout WordCache
  ) throws(MemDumpError) -> [UInt8]? {
    guard metatable != 0 else { return nil }
    if let known = metanames[metatable] { return known.isEmpty ? nil : known }
    var found: [UInt8] = []
    let place = Address(metatable)
    if let header = try LuaLayout.Header(at: place, &words), header.kind == .table,
      let table = try LuaLayout.Table(header, at: place, &words)
    {
      for node in 0..<min(table.nodeCount, 256) {
        let node = table.nodes + node * LuaLayout.nodeByteCount
        guard let key = try words.word(at: node + 8), case .object(.string, let text) = LuaLayout.Value(key),
          try state.text(at: text, limit: 8, &words) == Self.metaname, let value = try words.word(at: node),
          case .object(.string, let name) = LuaLayout.Value(value)
        else { continue }
        found = try state.text(at: name, limit: Self.longestKey, &words) ?? []
        break
      }
    }
    if metanames.count < Self.mostShapes { metanames[metatable] = found }
    return found.isEmpty ? nil : found
  }
}
