/// The variables of a module by their addresses, from a table of symbols of an ELF file. Pure, and never traps.
public struct SymbolTable: Sendable {
  /// A variable with its name.
  public struct Symbol: Hashable, Sendable {
    /// The name of the variable as it stands in the table; that of C++ is mangled, see ``SymbolName``.
    public var name: [UInt8]
    /// The address where the variable begins, from the load bias on.
    public var address: UInt64
    /// The size of the variable, in bytes.
    public var byteCount: UInt64
  }

  /// A variable whose name is an offset in the table of names.
  private struct Entry {
    var address: UInt64
    var byteCount: UInt64
    var name: UInt32
    /// The rank of the name: of several for one place, a global one counts most, then a local one, then a weak one.
    var rank: UInt8
  }

  /// The most variables that begin before an address and are looked at: one may lie in another.
  private static let mostCandidates = 64

  private var entries: [Entry] = []
  private let names: [UInt8]

  /// The number of variables.
  public var count: Int { entries.count }

  /// Reads a table of symbols with its names.
  public init(entries bytes: [UInt8], names: [UInt8]) {
    self.names = names
    for start in stride(from: 0, to: bytes.count, by: ELFSymbol.byteCount) {
      // What is defined here, and is data.
      guard let symbol = ELFSymbol(bytes, at: start),
        symbol.kind == .unknown || symbol.kind == .variable || symbol.kind == .common, symbol.section != 0,
        symbol.byteCount > 0, Int(symbol.name) < names.count, names[Int(symbol.name)] != 0
      else { continue }
      let rank: UInt8 = symbol.binding == .global ? 0 : symbol.binding == .local ? 1 : 2
      entries.append(Entry(address: symbol.address, byteCount: symbol.byteCount, name: symbol.name, rank: rank))
    }
    // The best of those at one place comes last, where a look from behind meets it first.
    entries.sort { ($0.address, $1.byteCount, $1.rank, $1.name) < ($1.address, $0.byteCount, $0.rank, $0.name) }
  }

  /// The variable that an address lies in, from the load bias on; the innermost where several do.
  public func symbol(at address: UInt64) -> Symbol? {
    let end = entries.partitionIndex { $0.address > address }
    for entry in entries[max(0, end - Self.mostCandidates)..<end].reversed()
    where address - entry.address < entry.byteCount {
      return Symbol(name: name(at: Int(entry.name)), address: entry.address, byteCount: entry.byteCount)
    }
    return nil
  }

  private func name(at start: Int) -> [UInt8] {
    Array(names[start...].prefix(SymbolName.mostBytes).prefix { $0 != 0 })
  }
}
