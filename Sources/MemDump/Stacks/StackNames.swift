/// Names for the frames of stacks: the function with the offset in it, or else the module; and where there is debug information,
/// the line of source code, and the calls that were inlined there.
public struct StackNames {
  /// The name of a function that is under way.
  public struct Name: Hashable, Sendable {
    /// The last part of the module's path, or what the map calls the memory; as the map has it.
    public var module: [UInt8]
    /// The function as the module has it; nil where neither a symbol nor debug information tells it.
    public var symbol: [UInt8]?
    /// The offset of the frame's address in the function, or in the module without one, in bytes; nil of an inlined call,
    /// and where only debug information tells the function.
    public var offset: UInt64?
    /// The path of the file of source code; nil where that is not known.
    public var file: [UInt8]?
    /// The number of the line in the file; nil where that is not known.
    public var line: UInt64?
    /// Whether the call was inlined: it has no frame of its own on the stack.
    public var isInlined = false
    /// Whether it is a call of a program that the frame interprets.
    public var isInterpreted = false
  }

  private let regions: [MemoryRegion]
  private var names: ModuleNames
  private var lines: ModuleLines
  private var known: [Address: [Name]] = [:]
  private let runtime: (any RuntimeFrames)?

  /// The most frames whose names are remembered.
  private static let mostKnown = 1 << 16

  /// - Parameters:
  ///   - source: the memory.
  ///   - process: the process, where it still runs: its files have the names.
  public init(_ source: any MemorySource, process: TargetProcess?) {
    self.init(source, process: process, runtime: nil)
  }

  /// - Parameter runtime: what names the functions of its own code.
  init(_ source: any MemorySource, process: TargetProcess?, runtime: (any RuntimeFrames)?) {
    self.runtime = runtime
    (regions, names) = (source.regions, ModuleNames(source, process: process))
    lines = ModuleLines(source, process: process, BlockStore(byteCount: 128 << 20))
  }

  /// The functions that are under way in a frame: calls of a program that it interprets and inlined calls first, the innermost
  /// before all, and last the function that the frame is of. None where its address is not mapped.
  public mutating func names(of frame: ThreadStack.Frame) -> [Name] {
    frame.calls.map { Name($0) } + ownNames(frame)
  }

  private mutating func ownNames(_ frame: ThreadStack.Frame) -> [Name] {
    if let names = known[frame.address] { return names }
    let names = find(frame)
    if known.count >= Self.mostKnown { known = [:] }
    known[frame.address] = names
    return names
  }

  /// The function that a frame is of, without the calls that were inlined there; nil where its address is not mapped.
  public mutating func name(of frame: ThreadStack.Frame) -> Name? { names(of: frame).last }

  /// Which debug information was not used, and why, a sentence for each module.
  public var notes: [String] { lines.notes }

  private mutating func find(_ frame: ThreadStack.Frame) -> [Name] {
    if let names = runtime?.names(of: frame), !names.isEmpty { return names }
    guard var name = functionName(frame) else { return [] }
    var frames = lines.frames(at: frame.instruction)
    guard let own = frames.popLast() else { return [name] }
    (name.file, name.line) = (own.file, own.line)
    if name.symbol == nil, own.name != nil { (name.symbol, name.offset) = (own.name, nil) }
    return frames.map { inlined in
      Name(module: name.module, symbol: inlined.name, file: inlined.file, line: inlined.line, isInlined: true)
    } + [name]
  }

  private mutating func functionName(_ frame: ThreadStack.Frame) -> Name? {
    guard let index = regions.index(holding: frame.instruction) else { return nil }
    // Of a call, the instruction is that of the call, and the address may be behind the end of the function.
    let lead = frame.address - frame.instruction
    if let (file, symbol, offset) = names.symbol(of: frame.instruction) {
      return Name(module: file, symbol: symbol, offset: offset + lead)
    }
    let region = regions[index]
    guard region.kind == .file, region.inode != 0 else {
      return Name(module: Array(region.label.utf8), offset: frame.address - region.range.lowerBound)
    }
    let first = regions.last {
      $0.name == region.name && $0.fileOffset == 0 && $0.range.lowerBound <= region.range.lowerBound
    }
    return Name(module: Array(region.fileName), offset: frame.address - (first ?? region).range.lowerBound)
  }
}

extension StackNames.Name {
  /// The name of a call of an interpreted program.
  public init(_ call: InterpretedCall) {
    (module, symbol, line, isInterpreted) = (call.language, call.function, call.line, true)
    file = call.file.isEmpty ? nil : call.file
  }
}
