/// What HotSpot publishes of its own structures for the Serviceability Agent: rows of a type, a field, and where that is, to which
/// `gHotSpotVMStructs` of libjvm leads (vmStructs.hpp). It is the layout of this very build, so no version has to be known.
struct HotSpotStructs: Sendable {
  /// The address of a variable, or the offset of a member, by `Type.field`.
  private var places: [String: UInt64]
  /// The memory of libjvm.
  let library: [Range<Address>]

  private static let libraryName = Array("libjvm.so".utf8)
  private static let prefix = "gHotSpotVMStruct"
  /// The numbers that say how a row is built.
  private static let layout = ["TypeName", "FieldName", "IsStatic", "Offset", "Address"].map { "Entry\($0)Offset" }
  private static let stride = "EntryArrayStride"
  private static let (mostRows, mostNameLength): (UInt64, UInt64) = (8192, 64)

  init(_ places: [String: UInt64], library: [Range<Address>]) { (self.places, self.library) = (places, library) }

  /// Reads the rows of some types; nil where there is no libjvm that tells them.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - process: the process, where it still runs.
  ///   - types: the names of the types.
  init?(
    in source: any MemorySource, process: TargetProcess?, of types: Set<String>
  ) throws(MemDumpError) {
    let modules = Module.all(in: source.regions, heap: []) { _ in nil }
    guard let module = modules.first(where: { $0.fileName == Self.libraryName }) else { return nil }
    let allowance = SymbolAllowance()
    let files = ModuleFiles(module, process: process, source: source, allowance)
    guard let file = files.own, let bias = files.bias else { return nil }
    places = [:]
    library = source.regions.filter { $0.kind == .file && $0.name == module.path }.map(\.range)
    let names = Set(([Self.stride, "s"] + Self.layout).map { Array((Self.prefix + $0).utf8) })
    let symbols = ModuleSymbols(of: module, process: process, source: source, allowance).symbols(named: names)
    var words = try WordCache(source, .jumps)
    var numbers: [String: UInt64] = [:]
    for symbol in symbols {
      numbers[String(decoding: symbol.name.dropFirst(Self.prefix.utf8.count), as: UTF8.self)] = try words.word(
        at: symbol.range.lowerBound)
    }
    let offsets = Self.layout.compactMap { numbers[$0] }
    guard let rows = numbers["s"], let stride = numbers[Self.stride], stride >= 8, stride <= 256,
      offsets.count == Self.layout.count, offsets.allSatisfy({ $0 < stride }), rows & 7 == 0, rows >> 47 == 0,
      stride & 7 == 0
    else { return nil }
    /// A text of libjvm's constants.
    func text(_ address: UInt64) -> String? {
      guard let bytes = file.bytes(atAddress: address &- bias, count: Self.mostNameLength) else { return nil }
      return bytes.firstIndex(of: 0).map { String(decoding: bytes[..<$0], as: UTF8.self) }
    }
    var known: [UInt64: Bool] = [:]
    for number in 0..<Self.mostRows {
      let row = Address(rows + number * stride)
      guard let type = try words.word(at: row + offsets[0]), type != 0, let field = try words.word(at: row + offsets[1])
      else { break }
      let isWanted = known[type] ?? types.contains(text(type) ?? "")
      known[type] = isWanted
      // The flag has 32 bits.
      guard isWanted, let typeName = text(type), let fieldName = text(field),
        let flags = try words.word(at: Address((row + offsets[2]).rawValue & ~7))
      else { continue }
      let isStatic = flags >> (((row + offsets[2]).rawValue & 4) * 8) & 0xffff_ffff != 0
      places["\(typeName).\(fieldName)"] = try words.word(at: row + offsets[isStatic ? 4 : 3])
    }
  }

  /// The address of a variable, or the offset of a member, in bytes; nil where this build has none of that name.
  func place(_ name: String) -> UInt64? { places[name] }
}
