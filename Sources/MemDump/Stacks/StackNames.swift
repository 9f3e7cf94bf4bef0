/// Names for the frames of stacks: the function with the offset in it, or else the module.
public struct StackNames {
  /// The name of a frame.
  public struct Name: Hashable, Sendable {
    /// The last part of the module's path, or what the map calls the memory; as the map has it.
    public var module: [UInt8]
    /// The function as the module has it; nil where no symbol tells it.
    public var symbol: [UInt8]?
    /// The offset of the frame's address in the function, or in the module without one, in bytes.
    public var offset: UInt64
  }

  private let regions: [MemoryRegion]
  private var names: ModuleNames
  private var known: [Address: Name?] = [:]

  /// - Parameters:
  ///   - source: the memory.
  ///   - process: the process, where it still runs: its files have the names.
  public init(_ source: any MemorySource, process: TargetProcess?) {
    (regions, names) = (source.regions, ModuleNames(source, process: process))
  }

  /// The name of a frame; nil where its address is not mapped.
  public mutating func name(of frame: ThreadStack.Frame) -> Name? {
    if let name = known[frame.address] { return name }
    let name = find(frame)
    known[frame.address] = .some(name)
    return name
  }

  private mutating func find(_ frame: ThreadStack.Frame) -> Name? {
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
