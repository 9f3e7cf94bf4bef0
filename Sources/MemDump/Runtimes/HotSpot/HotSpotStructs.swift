/// What HotSpot publishes of its own structures for the Serviceability Agent: rows of a type, a field, and where that is, to which
/// `gHotSpotVMStructs` of libjvm leads (vmStructs.hpp). It is the layout of this very build, so no version has to be known.
struct HotSpotStructs: Sendable {
  /// The address of a variable, or the offset of a member, by `Type.field`; sizes of types and constants by their names.
  private var places: [String: UInt64]
  /// What the process was started with, by the names of the flags.
  private var flags: [String: UInt64]
  /// The memory of libjvm.
  let library: [Range<Address>]

  private static let libraryName = Array("libjvm.so".utf8)
  /// What the map has behind the name of a file that is gone.
  private static let goneLibraryName = Array("libjvm.so (deleted)".utf8)
  private static let (mostRows, mostNameLength): (UInt64, UInt64) = (8192, 64)

  init(_ places: [String: UInt64], flags: [String: UInt64] = [:], library: [Range<Address>]) {
    (self.places, self.flags, self.library) = (places, flags, library)
  }

  /// Whether libjvm is mapped, be its file there or not.
  static func isThere(in source: any MemorySource) -> Bool {
    source.regions.contains {
      $0.kind == .file && ($0.fileName.elementsEqual(libraryName) || $0.fileName.elementsEqual(goneLibraryName))
    }
  }

  /// Reads the rows of some types; nil where there is no libjvm that tells them.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - process: the process, where it still runs.
  ///   - types: the names of the types.
  ///   - flags: the names of the flags, that are on or off, or numbers.
  init?(
    in source: any MemorySource, process: TargetProcess?, of types: Set<String>, flags: Set<String> = []
  ) throws(MemDumpError) {
    let modules = Module.all(in: source.regions, heap: []) { _ in nil }
    guard let module = modules.first(where: { $0.fileName == Self.libraryName }) else { return nil }
    let allowance = SymbolAllowance()
    let files = ModuleFiles(module, process: process, source: source, allowance)
    guard let file = files.own, let bias = files.bias else { return nil }
    (places, self.flags) = ([:], [:])
    library = source.regions.filter { $0.kind == .file && $0.name == module.path }.map(\.range)
    var words = try WordCache(source, .jumps)
    let symbols = ModuleSymbols(of: module, process: process, source: source, allowance)
      .symbols(named: Set(Table.all.flatMap(\.symbols).map { Array($0.utf8) }))
    var numbers: [String: UInt64] = [:]
    for symbol in symbols {
      numbers[String(decoding: symbol.name, as: UTF8.self)] = try words.word(at: symbol.range.lowerBound)
    }
    /// A text of libjvm's constants.
    func text(_ address: UInt64) -> String? {
      guard let bytes = file.bytes(atAddress: address &- bias, count: Self.mostNameLength) else { return nil }
      return bytes.firstIndex(of: 0).map { String(decoding: bytes[..<$0], as: UTF8.self) }
    }
    var known: [UInt64: Bool] = [:]
    let isThere = try Table.structs.forEachRow(numbers, &words) { (row, words) throws(MemDumpError) in
      let type = row[0]
      let isWanted = known[type] ?? types.contains(text(type) ?? "")
      known[type] = isWanted
      guard isWanted, let typeName = text(type), let fieldName = text(row[1]) else { return }
      // The flag that tells variables has 32 bits.
      places["\(typeName).\(fieldName)"] = row[2] & 0xffff_ffff != 0 ? row[4] : row[3]
    }
    guard isThere else { return nil }
    if flags.isEmpty { return }
    _ = try Table.types.forEachRow(numbers, &words) { (row, _) throws(MemDumpError) in
      if let name = text(row[0]), name == "JVMFlag" || types.contains(name) { places[name] = row[1] }
    }
    _ = try Table.constants.forEachRow(numbers, &words) { (row, _) throws(MemDumpError) in
      if let name = text(row[0]), name.hasPrefix("markWord::") { places[name] = row[1] }
    }
    try readFlags(flags, &words, text)
  }

  private mutating func readFlags(
    _ names: Set<String>, _ words: inout WordCache, _ text: (UInt64) -> String?
  ) throws(MemDumpError) {
    guard let size = place("JVMFlag"), size & 7 == 0, (8...256).contains(size), let name = place("JVMFlag._name"),
      let value = place("JVMFlag._addr"), let list = place("JVMFlag.flags"), let length = place("JVMFlag.numFlags"),
      let first = try words.word(at: Address(list)), let count = try words.word(at: Address(length)), first >> 47 == 0,
      max(name, value) < size
    else { return }
    for number in 0..<min(count, Self.mostRows) {
      let row = Address(first &+ number * size)
      guard let title = try words.word(at: row + name).flatMap(text), names.contains(title),
        let place = try words.word(at: row + value), place >> 47 == 0,
        let word = try words.word(at: Address(place & ~7))
      else { continue }
      flags[title] = word >> ((place & 7) * 8)
    }
  }

  /// The address of a variable, or the offset of a member, in bytes, or a number; nil where this build has none of that name.
  func place(_ name: String) -> UInt64? { places[name] }

  /// The same for the first of several names that this build has: they changed from release to release.
  func place(_ names: [String]) -> UInt64? { names.lazy.compactMap { places[$0] }.first }

  /// Whether a flag is on; nil where this build has none of that name.
  func isOn(_ flag: String) -> Bool? { flags[flag].map { $0 & 0xff != 0 } }

  /// The value of a flag that is a number below 2 to the power of 32; nil where this build has none of that name.
  func number(_ flag: String) -> UInt64? { flags[flag].map { $0 & 0xffff_ffff } }

  /// A table that libjvm publishes: an array of rows, and the numbers that say how a row is built.
  private struct Table {
    /// What the names of its symbols have in common, and the columns that are read of it.
    let (name, columns): (String, [String])

    static let structs = Table(name: "Struct", columns: ["TypeName", "FieldName", "IsStatic", "Offset", "Address"])
    static let types = Table(name: "Type", columns: ["TypeName", "Size"])
    static let constants = Table(name: "LongConstant", columns: ["Name", "Value"])
    static let all = [structs, types, constants]

    private var rows: String { "gHotSpotVM\(name)s" }
    private var stride: String { "gHotSpotVM\(name)EntryArrayStride" }
    private var offsets: [String] { columns.map { "gHotSpotVM\(name)Entry\($0)Offset" } }
    var symbols: [String] { [rows, stride] + offsets }

    /// Goes over the rows, up to the first one without a name; false where the table is none.
    func forEachRow(
      _ numbers: [String: UInt64], _ words: inout WordCache,
      _ body: ([UInt64], inout WordCache) throws(MemDumpError) -> Void
    ) throws(MemDumpError) -> Bool {
      let offsets = offsets.compactMap { numbers[$0] }
      guard let first = numbers[rows], let stride = numbers[stride], stride >= 8, stride <= 256, stride & 7 == 0,
        offsets.count == columns.count, offsets.allSatisfy({ $0 < stride }), first & 7 == 0, first >> 47 == 0
      else { return false }
      for number in 0..<HotSpotStructs.mostRows {
        let row = Address(first + number * stride)
        var values: [UInt64] = []
        for offset in offsets {
          let place = row + offset
          guard let word = try words.word(at: Address(place.rawValue & ~7)) else { return true }
          values.append(word >> ((place.rawValue & 7) * 8))
        }
        if values[0] == 0 { break }
        try body(values, &words)
      }
      return true
    }
  }
}
