/// The debug information of a file (DWARF 2 to 5): which line of which file the code at an address came of, and which calls were
/// inlined there. It reads what is asked for, believes nothing that it reads, and makes no more steps than it was given.
public final class DebugInformation {
  private let sections: DebugSections
  private let work: DebugWork
  private let keep: (UInt64) -> Bool
  private var index: UnitIndex
  private var units: [UInt64: DebugFunctions?] = [:]
  private var tables: [UInt64: LineTable?] = [:]
  private var names: [UInt64: [UInt8]?] = [:]

  /// The most units and tables of lines that are kept, and the most entries that lead to one another for a name.
  private static let (mostUnits, mostTables, longestChain) = (1 << 12, 16, 8)
  private static let mostNames = 1 << 12
  /// The language Swift (DW_LANG_Swift).
  private static let swift: UInt64 = 0x1e

  /// - Parameters:
  ///   - object: the headers of the file.
  ///   - read: gives the bytes of a range of the file, as many as there are.
  public convenience init?(_ object: ELFObject, _ read: @escaping ELFObject.Reader) {
    self.init(object, BlockStore(), read) { _ in true }
  }

  /// Nil where the file has neither entries nor lines, nor a reason why they cannot be used.
  init?(
    _ object: ELFObject, _ store: BlockStore, _ read: @escaping ELFObject.Reader, steps: Int = 1 << 28,
    keep: @escaping (UInt64) -> Bool
  ) {
    sections = DebugSections(object, store, read, keep: keep)
    work = DebugWork(steps: steps)
    self.keep = keep
    index = UnitIndex(sections, work)
    guard sections[".debug_info"] != nil || sections.problem != nil else { return nil }
  }

  /// Why the information is not used, or not all of it; nil where it is.
  public var note: String? {
    switch sections.problem {
    case .compression(let method):
      return "its sections are compressed by \(method == 2 ? "zstd" : "method \(method)"), which is not read here"
    case .size: return "its compressed sections are larger than what is read"
    case .damaged: return "its compressed sections are damaged"
    case nil: return work.isUsedUp ? "it takes more steps than are made" : nil
    }
  }

  /// The functions whose code is at an address, from the load bias on: inlined calls first, the innermost before all, and
  /// last the function that has the code. None where nothing is known of it.
  public func frames(at address: UInt64) -> [SourceFrame] {
    guard let start = index.unit(at: address), let functions = functions(ofUnitAt: start) else { return [] }
    let (context, root) = (functions.context, functions.root)
    let table = root.lineProgram.flatMap { lineTable(at: $0, context, root) }
    let row = table.flatMap { LineProgram.row(at: address, in: $0, work) }
    var place = (file: row.flatMap { table?.path(ofFile: $0.file) }, line: row.flatMap { $0.line > 0 ? $0.line : nil })
    guard let chain = functions.chain(at: address, work) else {
      return place.line == nil ? [] : [SourceFrame(file: place.file, line: place.line)]
    }
    return chain.enumerated().reversed().map { number, entry in
      let frame = SourceFrame(
        name: name(of: entry, in: functions.unit, context), file: place.file, line: place.line, isInlined: number > 0)
      // The function around is where the call is.
      place = (entry.callFile.flatMap { table?.path(ofFile: $0) }, entry.callLine.flatMap { $0 > 0 ? $0 : nil })
      return frame
    }
  }

  private func functions(ofUnitAt start: UInt64) -> DebugFunctions? {
    if let known = units[start] { return known }
    guard units.count < Self.mostUnits, let info = sections[".debug_info"] else { return nil }
    var functions = DebugUnit(info, at: start).flatMap { DebugFunctions($0, sections, work) }
    if let found = functions, !keep(found.byteCount) { functions = nil }
    units[start] = .some(functions)
    return functions
  }

  private func lineTable(at offset: UInt64, _ context: DebugContext, _ root: DebugEntry) -> LineTable? {
    if let known = tables[offset] { return known }
    let table = LineTable(at: offset, context, directory: context.text(root.directory))
    if tables.count >= Self.mostTables { tables = [:] }
    tables[offset] = .some(table)
    return table
  }

  private func name(of entry: DebugEntry, in unit: DebugUnit, _ context: DebugContext) -> [UInt8]? {
    if let known = names[entry.offset] { return known }
    let name = findName(of: entry, in: unit, context)
    if names.count >= Self.mostNames { names = [:] }
    names[entry.offset] = .some(name)
    return name
  }

  /// The name of a function: as it is mangled, if that can be read; otherwise as it was written, after its namespaces and
  /// types.
  private func findName(of entry: DebugEntry, in unit: DebugUnit, _ context: DebugContext) -> [UInt8]? {
    var (entry, unit, context) = (entry, unit, context)
    var (written, linkageName): ([UInt8]?, [UInt8]?)
    for _ in 0..<Self.longestChain {
      linkageName = linkageName ?? context.text(entry.linkageName)
      if let linkageName, SymbolName(linkageName).demangled != nil { return linkageName }
      written = written ?? context.text(entry.name)
      guard case .reference(let offset) = entry.origin, work.take() else { break }
      if !(unit.firstEntry..<unit.end).contains(offset) {
        guard let other = index.unit(holding: offset) else { break }
        unit = other
        context = DebugContext(sections, unit.format, root: UnitIndex.root(of: unit, sections, work))
      }
      guard let next = self.entry(at: offset, in: unit) else { break }
      entry = next
    }
    guard let written, !written.isEmpty else { return linkageName.flatMap { $0.isEmpty ? nil : $0 } }
    return scope(around: entry, in: unit, context) + written
  }

  /// What stands before a name: `app::Worker<long>::`. Nothing, where a type has no name, as that of a lambda, or is within a
  /// function.
  private func scope(around entry: DebugEntry, in unit: DebugUnit, _ context: DebugContext) -> [UInt8] {
    guard let functions = functions(ofUnitAt: unit.start) else { return [] }
    let (offsets, isLocal) = functions.scopes(around: entry.offset)
    guard !isLocal else { return [] }
    let separator = functions.root.language == Self.swift ? "." : "::"
    var text: [UInt8] = []
    for offset in offsets {
      guard let scope = self.entry(at: offset, in: unit) else { return [] }
      let name = context.text(scope.name) ?? []
      guard !name.isEmpty || scope.tag == DebugEntry.Tag.namespace else { return [] }
      text += (name.isEmpty ? Array("(anonymous namespace)".utf8) : name) + Array(separator.utf8)
      guard text.count <= SymbolName.mostBytes else { return [] }
    }
    return text
  }

  private func entry(at offset: UInt64, in unit: DebugUnit) -> DebugEntry? {
    guard let info = sections[".debug_info"], let table = sections[".debug_abbrev"] else { return nil }
    var reader = info.reader(at: offset, count: min(4096, unit.end - offset))
    guard let code = reader.unsigned(),
      let shape = units[unit.start]??.shape(code)
        ?? DebugAbbreviations(table, at: unit.abbreviations, unit.format, upTo: code)[code]
    else { return nil }
    return DebugEntry(at: offset, shape, &reader, unit.format)
  }
}
