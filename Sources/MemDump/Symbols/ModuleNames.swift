/// Names for addresses in modules, such as `libapp.so:vtable for Session+0x10`; the file of each module is opened once.
struct ModuleNames {
  private let source: any MemorySource
  private let process: TargetProcess?
  private let modules: [Module]
  private var symbols: [Int: ModuleSymbols] = [:]
  private let allowance = SymbolAllowance()

  /// - Parameters:
  ///   - source: the memory.
  ///   - process: the process, where it still runs: its files have the names.
  init(_ source: any MemorySource, process: TargetProcess?) {
    (self.source, self.process) = (source, process)
    modules = Module.all(in: source.regions, heap: []) { _ in nil }
  }

  /// The name of an address, with the symbol as the module has it, and as people write the symbol where that is another
  /// text; nil where the module has no name for the address.
  mutating func name(of address: Address) -> (text: String, readable: String?)? {
    guard let region = source.regions.index(holding: address).map({ source.regions[$0] }),
      let number = modules.lastIndex(where: { $0.path == region.name && $0.start <= address })
    else { return nil }
    let names = symbols[number] ?? ModuleSymbols(of: modules[number], process: process, source: source, allowance)
    symbols[number] = names
    guard let (symbol, offset) = names.name(of: address) else { return nil }
    let (file, place) = (EscapedText(modules[number].fileName), offset == 0 ? "" : "+\(Address(offset))")
    let name = SymbolName(symbol)
    return ("\(file):\(EscapedText(symbol))\(place)", name.demangled != nil ? "\(file):\(name)\(place)" : nil)
  }
}
