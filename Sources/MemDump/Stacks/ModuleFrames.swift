/// The call frame information of the modules in some memory, read when it is asked for, each module once.
struct ModuleFrames {
  private struct Unwound {
    var frames: CallFrames
    var bias: UInt64
    let content: ModuleContent
  }

  private let source: any MemorySource
  private let process: TargetProcess?
  private let regions: [MemoryRegion]
  /// What tells of the code that a runtime has made, or brought along.
  private let runtime: (any RuntimeFrames)?
  private let allowance = SymbolAllowance()
  /// What was read of all modules.
  private let store = BlockStore()
  /// By the number of the region that holds the code; nil where a module has none that can be used.
  private var modules: [Int: Unwound?] = [:]

  /// The rows of the last addresses: many stacks have the same callers.
  private var known: [Address: (row: FrameRow, common: CommonFrame, bias: UInt64)?] = [:]

  /// The most modules, and the most rows, that are kept.
  private static let (mostModules, mostRows) = (1 << 14, 1 << 12)

  init(_ source: any MemorySource, process: TargetProcess?, runtime: (any RuntimeFrames)? = nil) {
    (self.source, self.process, regions, self.runtime) = (source, process, source.regions, runtime)
  }

  /// How to find the caller from an address in code; nil where there is no call frame information for it.
  mutating func row(at address: Address) -> (row: FrameRow, common: CommonFrame, bias: UInt64)? {
    if let row = known[address] { return row }
    let row = find(address)
    if known.count >= Self.mostRows { known = [:] }
    known[address] = .some(row)
    return row
  }

  private mutating func find(_ address: Address) -> (row: FrameRow, common: CommonFrame, bias: UInt64)? {
    guard let index = regions.index(holding: address), regions[index].permissions.contains(.execute) else { return nil }
    if let row = runtime?.row(at: address) { return (row, CommonFrame.ofRuntime, 0) }
    if modules[index] == nil, modules.count < Self.mostModules { modules[index] = .some(module(of: regions[index])) }
    guard var module = modules[index] ?? nil else { return nil }
    let content = module.content
    guard
      let (row, common) = module.frames.row(at: address.rawValue &- module.bias, { content.bytes(at: $0, count: $1) })
    else { return nil }
    modules[index] = .some(module)
    return (row, common, module.bias)
  }

  private func module(of region: MemoryRegion) -> Unwound? {
    guard let content = ModuleContent(of: region, source, process, allowance, store) else { return nil }
    let header = content.object.segments.first { $0.kind == .callFrameTable }?.address
    let read: CallFrames.Reader = { content.bytes(at: $0, count: $1) }
    guard let frames = CallFrames(header: header, section: content.object.callFrames, read) else { return nil }
    return Unwound(frames: frames, bias: content.bias, content: content)
  }
}
