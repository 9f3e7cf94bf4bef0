/// Names for addresses in modules, such as `libapp.so:vtable for Session+0x10`; the file of each module is opened once.
struct ModuleNames {
  private let source: any MemorySource
  private let process: TargetProcess?
  private let modules: [Module]
  private var variables: [Int: ModuleSymbols] = [:]
  private var functions: [Int: ModuleSymbols] = [:]
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
    guard let (file, symbol, offset) = symbol(of: address) else { return nil }
    let (module, place) = (EscapedText(file), offset == 0 ? "" : "+\(Address(offset))")
    let name = SymbolName(symbol)
    return ("\(module):\(EscapedText(symbol))\(place)", name.demangled != nil ? "\(module):\(name)\(place)" : nil)
  }

  /// The symbol that an address lies in, as the module has it, with the last part of the module's path, and the offset in
  /// the symbol, in bytes; nil where there is none.
  mutating func symbol(of address: Address) -> (file: [UInt8], symbol: [UInt8], offset: UInt64)? {
    guard let region = source.regions.index(holding: address).map({ source.regions[$0] }),
      let number = modules.lastIndex(where: { $0.path == region.name && $0.start <= address })
    else { return nil }
    let isCode = region.permissions.contains(.execute)
    return symbols(isCode ? .functions : .variables, of: number).name(of: address).map {
      (modules[number].fileName, $0.name, $0.offset)
    }
  }

  /// The symbols of a module, read once for variables and once for functions: most are asked for one of these alone.
  private mutating func symbols(_ subject: SymbolTable.Subject, of number: Int) -> ModuleSymbols {
    if let known = subject == .functions ? functions[number] : variables[number] { return known }
    let found = ModuleSymbols(subject, of: modules[number], process: process, source: source, allowance)
    switch subject {
    case .variables: variables[number] = found
    case .functions: functions[number] = found
    }
    return found
  }
}
