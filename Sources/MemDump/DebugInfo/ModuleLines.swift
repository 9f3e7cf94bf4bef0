/// The functions and lines of the modules in some memory, by their debug information, each module opened once.
struct ModuleLines {
  private struct Opened {
    let information: DebugInformation
    let bias: UInt64
    let name: [UInt8]
    let hasSharedFile: Bool
  }

  private let source: any MemorySource
  private let process: TargetProcess?
  private let modules: [Module]
  private let store: BlockStore
  private let allowance = SymbolAllowance(kept: mostKept)
  private var opened: [Int: Opened?] = [:]

  /// How many bytes of names and paths may come yet, and the modules of which some did not.
  private var textLeft = 64 << 20
  private var shared: Set<Int> = []

  /// The most memory for what is kept of all modules besides blocks of their files, in bytes.
  private static let mostKept: UInt64 = 256 << 20

  /// - Parameters:
  ///   - source: the memory.
  ///   - process: the process, where it still runs: its files have the debug information.
  ///   - store: where blocks of files are kept.
  init(_ source: any MemorySource, process: TargetProcess?, _ store: BlockStore) {
    (self.source, self.process, self.store) = (source, process, store)
    modules = Module.all(in: source.regions, heap: []) { _ in nil }
  }

  /// The functions whose code is at an address, the innermost first, and last the one that has the frame; none where nothing
  /// is known of it.
  mutating func frames(at address: Address) -> [SourceFrame] {
    guard let region = source.regions.index(holding: address).map({ source.regions[$0] }),
      let number = modules.lastIndex(where: { $0.path == region.name && $0.start <= address })
    else { return [] }
    let module = opened[number] ?? open(modules[number])
    opened[number] = .some(module)
    guard let module else { return [] }
    guard textLeft > 0 else { return [] }
    let frames = module.information.frames(at: address.rawValue &- module.bias)
    for frame in frames { textLeft -= (frame.name?.count ?? 0) + (frame.file?.count ?? 0) }
    if module.hasSharedFile, frames.contains(where: { $0.name == nil }) { shared.insert(number) }
    return frames
  }

  /// What was not used, and why, a sentence for each module.
  var notes: [String] {
    opened.sorted { $0.key < $1.key }.compactMap { number, module -> String? in
      guard let module, let note = note(module, number) else { return nil }
      return "debug information of \(EscapedText(module.name)) is not used, or not all of it: \(note)"
    }
  }

  private func note(_ module: Opened, _ number: Int) -> String? {
    if let note = module.information.note { return note }
    if textLeft <= 0 { return "its names are longer than what is kept of them" }
    return shared.contains(number)
      ? "some names are in a file that modules share (.gnu_debugaltlink), which is not read" : nil
  }

  private func open(_ module: Module) -> Opened? {
    guard
      let (file, bias) = ModuleSymbols.debugInformation(of: module, process: process, source: source, allowance),
      let information = DebugInformation(file.object, store, { file.bytes($0) }, keep: { file.keep($0) })
    else { return nil }
    return Opened(
      information: information, bias: bias, name: module.fileName, hasSharedFile: file.object.hasSharedDebugFile)
  }
}
