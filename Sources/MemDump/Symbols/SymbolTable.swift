/// The variables or the functions of a module by their addresses, from a table of symbols of an ELF file. Pure, and never
/// traps.
public struct SymbolTable: Sendable {
  /// What the symbols of a table name.
  public enum Subject: Sendable {
    case variables
    case functions

    fileprivate func includes(_ kind: ELFSymbol.Kind) -> Bool {
      switch self {
      case .variables: kind == .unknown || kind == .variable || kind == .common
      case .functions: kind == .function || kind == .indirectFunction
      }
    }
  }

  /// A variable or a function with its name.
  public struct Symbol: Hashable, Sendable {
    /// The name as it stands in the table; that of C++ is mangled, see ``SymbolName``.
    public var name: [UInt8]
    /// The address where it begins, from the load bias on.
    public var address: UInt64
    /// Its size, in bytes.
    public var byteCount: UInt64
  }

  /// A symbol whose name is an offset in the names.
  private struct Entry {
    var address: UInt64
    var byteCount: UInt64
    var name: UInt32
    /// The rank of the name: of several for one place, a global one counts most, then a local one, then a weak one.
    var rank: UInt8
  }

  /// The most symbols that begin before an address and are looked at: one may lie in another.
  private static let mostCandidates = 64

  /// The most symbols of a table, and the most bytes of their names: a file may claim any number.
  static let (mostEntries, mostNameBytes) = (4 << 20, 128 << 20)
  /// So many bytes of the file are held at once.
  private static let pieceByteCount: UInt64 = 1 << 20

  private var entries: [Entry] = []
  /// The names of the symbols, each with a NUL behind it.
  private var names: [UInt8] = []

  /// The number of symbols.
  public var count: Int { entries.count }

  /// The memory that the table takes up, in bytes.
  var byteCount: UInt64 { UInt64(entries.count * MemoryLayout<Entry>.stride + names.count) }

  /// Reads a table of symbols with its names; nil where there are none, or more than a table is read of.
  public init?(_ subject: Subject = .variables, entries bytes: [UInt8], names: [UInt8]) {
    func reader(_ bytes: [UInt8]) -> ELFObject.Reader { { Array(bytes[Int($0.lowerBound)..<Int($0.upperBound)]) } }
    self.init(
      subject, 0..<UInt64(bytes.count), read: reader(bytes), names: 0..<UInt64(names.count), readNames: reader(names))
  }

  /// Reads a table of symbols, which lie in a range of a file, with its names; nil where none of it
  /// is there, or more than a table is read of.
  init?(_ subject: Subject, _ symbols: Range<UInt64>, names: Range<UInt64>, _ read: ELFObject.Reader) {
    self.init(subject, symbols, read: read, names: names, readNames: read)
  }

  private init?(
    _ subject: Subject, _ symbols: Range<UInt64>, read: ELFObject.Reader, names: Range<UInt64>,
    readNames: ELFObject.Reader
  ) {
    let step = Self.pieceByteCount / UInt64(ELFSymbol.byteCount) * UInt64(ELFSymbol.byteCount)
    var isThere = false
    for start in stride(from: symbols.lowerBound, to: symbols.upperBound, by: Int(step)) {
      let bytes = read(start..<min(symbols.upperBound, start + step))
      isThere = isThere || !bytes.isEmpty
      for offset in stride(from: 0, to: bytes.count, by: ELFSymbol.byteCount) { add(subject, bytes, at: offset) }
      guard entries.count <= Self.mostEntries else { return nil }
    }
    guard isThere, gatherNames(names, readNames) else { return nil }
    // The best of those at one place comes last, where a look from behind meets it first.
    entries.sort { ($0.address, $1.byteCount, $1.rank, $1.name) < ($1.address, $0.byteCount, $0.rank, $0.name) }
  }

  /// Takes a symbol that is defined in this module, and is of the subject.
  private mutating func add(_ subject: Subject, _ bytes: [UInt8], at offset: Int) {
    guard let symbol = ELFSymbol(bytes, at: offset),
      subject.includes(symbol.kind), symbol.section != 0,
      // Functions written in assembler may have no size, as glibc's __restore_rt: the name is of its start alone.
      symbol.byteCount > 0 || symbol.kind == .function
    else { return }
    let rank: UInt8 = symbol.binding == .global ? 0 : symbol.binding == .local ? 1 : 2
    entries.append(Entry(address: symbol.address, byteCount: symbol.byteCount, name: symbol.name, rank: rank))
  }

  /// Copies the names of the symbols, and leaves out symbols without one; false where the names are too many.
  private mutating func gatherNames(_ table: Range<UInt64>, _ read: ELFObject.Reader) -> Bool {
    entries.sort { $0.name < $1.name }
    var (piece, bytes): (Range<UInt64>, [UInt8]) = (table.lowerBound..<table.lowerBound, [])
    var last: (offset: UInt32, place: UInt32)?
    var kept: [Entry] = []
    for var entry in entries {
      if let last, last.offset == entry.name {
        entry.name = last.place
        kept.append(entry)
        continue
      }
      let start = table.lowerBound + UInt64(entry.name)
      guard start < table.upperBound else { break }
      if start + UInt64(SymbolName.mostBytes) > piece.upperBound, piece.upperBound < table.upperBound {
        piece = start..<min(table.upperBound, start + Self.pieceByteCount)
        bytes = read(piece)
      }
      let name = bytes.dropFirst(Int(start - piece.lowerBound)).prefix(SymbolName.mostBytes).prefix { $0 != 0 }
      guard !name.isEmpty else { continue }
      guard names.count + name.count < Self.mostNameBytes else { return false }
      last = (entry.name, UInt32(names.count))
      entry.name = UInt32(names.count)
      names += name
      names.append(0)
      kept.append(entry)
    }
    entries = kept
    return true
  }

  /// The variable or function that an address lies in, from the load bias on; the innermost where several do.
  public func symbol(at address: UInt64) -> Symbol? {
    let end = entries.partitionIndex { $0.address > address }
    var start: Entry?
    for entry in entries[max(0, end - Self.mostCandidates)..<end].reversed() {
      if address - entry.address < entry.byteCount { return symbol(entry) }
      if entry.byteCount == 0, entry.address == address { start = start ?? entry }
    }
    return start.map(symbol)
  }

  private func symbol(_ entry: Entry) -> Symbol {
    Symbol(name: name(at: Int(entry.name)), address: entry.address, byteCount: entry.byteCount)
  }

  /// The symbols that have one of some names, in the order of their addresses.
  func symbols(named wanted: Set<[UInt8]>) -> [Symbol] {
    entries.compactMap { entry in
      let name = name(at: Int(entry.name))
      return wanted.contains(name) ? Symbol(name: name, address: entry.address, byteCount: entry.byteCount) : nil
    }
  }

  private func name(at start: Int) -> [UInt8] {
    Array(names[start...].prefix { $0 != 0 })
  }
}
