import SystemPackage

/// The symbols of a module's variables, or of its functions: from the module's file, or a file of debug information of the same build.
///
/// Files of a live process are opened in its own root, so a container's files are those of the container, wherever links
/// in it lead. For a core or a dump, files of this machine are used where their build-id is that of the memory, as far as the memory
/// tells it.
struct ModuleSymbols: Sendable {
  /// Whether the file under the module's name is of another build than the one in memory, and was not used.
  private(set) var isOtherBuild = false
  private var bias: UInt64?
  private var table: SymbolTable?

  /// Finds the symbols of a module; never fails: what has no symbol is told by its place in the module.
  ///
  /// - Parameters:
  ///   - subject: what is to have a name.
  ///   - module: the module.
  ///   - process: the process, where it still runs.
  ///   - source: the memory.
  ///   - allowance: what is left for it and the modules to come.
  init(
    _ subject: SymbolTable.Subject = .variables, of module: Module, process: TargetProcess?,
    source: any MemorySource, _ allowance: SymbolAllowance
  ) {
    let files = ModuleFiles(module, process: process, source: source, allowance)
    isOtherBuild = files.isOtherBuild
    guard let headers = files.headers, let bias = files.bias else { return }
    self.bias = bias
    table =
      files.own?.symbols(.all, of: subject)
      ?? Self.debugFile(of: headers, files.own?.object.debugLink, module, process, allowance)?.symbols(
        .all, of: subject)
      ?? files.own?.symbols(.dynamic, of: subject)
  }

  /// The name of what an address of the process lies in, with the offset in that, in bytes; nil
  /// where that is not known.
  func name(of address: Address) -> (name: [UInt8], offset: UInt64)? {
    guard let bias, let table else { return nil }
    let place = address.rawValue &- bias
    return table.symbol(at: place).map { ($0.name, place &- $0.address) }
  }

  /// The file that has the debug information of a module, and the module's load bias: its own file, or a separate one; nil
  /// where neither has any.
  static func debugInformation(
    of module: Module, process: TargetProcess?, source: any MemorySource, _ allowance: SymbolAllowance
  ) -> (file: ObjectFile, bias: UInt64)? {
    let files = ModuleFiles(module, process: process, source: source, allowance)
    guard let headers = files.headers, let bias = files.bias else { return nil }
    if let own = files.own, own.object.hasDebugInformation { return (own, bias) }
    let file = debugFile(of: headers, files.own?.object.debugLink, module, process, allowance)
    return file.flatMap { $0.object.hasDebugInformation ? ($0, bias) : nil }
  }

  /// The symbols that have one of some names, with where they are in the process.
  func symbols(named names: Set<[UInt8]>) -> [(name: [UInt8], range: Range<Address>)] {
    guard let bias, let table else { return [] }
    return table.symbols(named: names).map {
      ($0.name, Range(start: Address($0.address &+ bias), byteCount: $0.byteCount))
    }
  }

  /// The address where the memory of a module ends, .bss included (p_memsz of its last PT_LOAD): by the file of a live
  /// process, or else by the headers in memory; nil where neither is there.
  static func end(of module: Module, process: TargetProcess?, source: any MemorySource) -> Address? {
    let headers = process == nil ? inMemory(module, source) : open(module, process, SymbolAllowance())?.object
    guard let headers, let start = headers.address(ofFileOffset: module.first.fileOffset) else { return nil }
    let ends = headers.segments.filter { $0.kind == .memory }.map { $0.address &+ $0.memoryByteCount }
    return ends.max().map { Address(module.start.rawValue &- start &+ $0) }
  }

  /// The file of a module: of a live process the very one, or else one of that name.
  static func open(
    _ module: Module, _ process: TargetProcess?, _ allowance: SymbolAllowance
  ) -> ObjectFile? {
    if let process { return ObjectFile(MappedFile.file(module.first, in: process), allowance) }
    return open(FilePath(String(decoding: module.path, as: UTF8.self)), in: "/", allowance)
  }

  /// Opens a file by its name as a process of some root sees it.
  private static func open(_ path: FilePath, in root: FilePath, _ allowance: SymbolAllowance) -> ObjectFile? {
    ObjectFile(
      ForeignFile.open(at: .directory(root), about: Array(path.string.utf8)) {
        guard let file = try? Descriptor(openingRegular: path, in: root) else { return nil }
        return OpenedFile(file)
      }, allowance)
  }

  /// The headers as they are in memory, where the first page is there.
  static func inMemory(_ module: Module, _ source: any MemorySource) -> ELFObject? {
    guard module.first.fileOffset == 0, var words = try? WordCache(source, .jumps) else { return nil }
    let byteCount = module.first.byteCount
    return ELFObject { range in
      guard range.upperBound <= byteCount else { return [] }
      return (try? words.bytes(at: module.start + range.lowerBound, count: range.count)) ?? []
    }
  }

  /// The file of debug information: by build-id, or by the name that the module gives; gdb(1), Separate Debug Files.
  private static func debugFile(
    of object: ELFObject, _ link: ELFObject.DebugLink?, _ module: Module, _ process: TargetProcess?,
    _ allowance: SymbolAllowance
  ) -> ObjectFile? {
    var names: [FilePath] = []
    if let id = object.buildID, id.count > 1 {
      let digits = id.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      names.append(FilePath("\(debugDirectory)/.build-id/\(digits[0])/\(digits[1...].joined()).debug"))
    }
    if let link {
      let directory = FilePath(String(decoding: module.path, as: UTF8.self)).removingLastComponent()
      let name = String(decoding: link.name, as: UTF8.self)
      names += [
        directory.appending(name), directory.appending(".debug").appending(name),
        FilePath(debugDirectory + directory.string).appending(name),
      ]
    }
    if process?.opensFiles == false { return nil }
    let roots = (process.map { [$0.path(.root)] } ?? []) + ["/"]
    for root in roots {
      for name in names {
        guard let found = open(name, in: root, allowance),
          object.buildID != nil ? found.object.buildID == object.buildID : found.checksum == link?.checksum
        else { continue }
        return found
      }
    }
    return nil
  }

  private static let debugDirectory = "/usr/lib/debug"
}
