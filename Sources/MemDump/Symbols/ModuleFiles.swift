/// The file of a module, where it is the one in memory, and where the module was loaded.
struct ModuleFiles {
  /// The module's own file; nil where it cannot be opened, or is of another build.
  private(set) var own: ObjectFile?
  /// Whether the file under the module's name is of another build than the one in memory.
  private(set) var isOtherBuild = false
  /// The headers, of memory or of the file; nil where neither is there.
  let headers: ELFObject?
  /// What is added to an address of the file to have that in memory; nil where the headers do not tell.
  let bias: UInt64?

  /// - Parameters:
  ///   - module: the module.
  ///   - process: the process, where it still runs: the file is the very one that it has.
  ///   - source: the memory.
  ///   - allowance: what is left for it and the modules to come.
  init(_ module: Module, process: TargetProcess?, source: any MemorySource, _ allowance: SymbolAllowance) {
    let memory = process == nil ? ModuleSymbols.inMemory(module, source) : nil
    own = ModuleSymbols.open(module, process, allowance)
    if let expected = memory?.buildID, let found = own?.object.buildID, found != expected {
      (own, isOtherBuild) = (nil, true)
    }
    // A file of another machine may not be here; that of a process is.
    if own == nil, process?.opensFiles == true { allowance.miss(module.path) }
    headers = memory ?? own?.object
    bias = headers?.address(ofFileOffset: module.first.fileOffset).map { module.start.rawValue &- $0 }
  }
}
