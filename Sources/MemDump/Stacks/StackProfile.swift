/// A profile of stacks of threads: how many threads have each.
struct StackProfile {
  private let regions: [MemoryRegion]
  private let source: any MemorySource
  private let process: TargetProcess?
  private var names: StackNames
  private let allowance = SymbolAllowance()
  private let store = BlockStore(byteCount: 16 << 20)
  private var profile = Profile([.samples])
  /// The numbers of mappings, by those of regions.
  private var mappings: [Int: Int] = [:]

  init(_ source: any MemorySource, process: TargetProcess?) {
    (self.source, self.process, regions) = (source, process, source.regions)
    names = StackNames(source, process: process)
  }

  mutating func profile(of stacks: [ThreadStack]) -> Profile {
    addMappings(of: stacks)
    for (stack, threads) in ThreadStack.groups(stacks) {
      var frames = stack.frames.reversed().flatMap { self.frames($0) }
      // What is not known further is no outermost frame.
      if stack.end != .root { frames.insert(Profile.Frame("[not known further]"), at: 0) }
      profile.add(frames, [UInt64(threads.count)])
    }
    return profile
  }

  /// Adds the mappings with the code of all frames, in the order of their addresses.
  private mutating func addMappings(of stacks: [ThreadStack]) {
    let numbers = Set(stacks.flatMap(\.frames).compactMap { regions.index(holding: $0.instruction) })
    for number in numbers.sorted() where regions[number].kind == .file {
      let region = regions[number]
      mappings[number] = profile.mappings.count
      let buildID = ModuleContent(of: region, source, process, allowance, store)?.object.buildID
      profile.mappings.append(
        Profile.Mapping(range: region.range, fileOffset: region.fileOffset, path: region.name, buildID: buildID))
    }
  }

  /// The function that a frame is of, and the calls that were inlined there, the innermost last.
  private mutating func frames(_ frame: ThreadStack.Frame) -> [Profile.Frame] {
    let names: [StackNames.Name?] = names.names(of: frame).reversed()
    return (names.isEmpty ? [nil] : names).map { name in
      var made = Profile.Frame(of: frame, name)
      made.mapping = regions.index(holding: frame.instruction).flatMap { mappings[$0] }
      return made
    }
  }
}

extension Profile.Frame {
  /// A frame of a stack, by the name that it has, if any.
  init(of frame: ThreadStack.Frame, _ name: StackNames.Name?) {
    self.init(frame.address.description)
    if let symbol = name?.symbol {
      self.name = SymbolName(symbol).description
      systemName = EscapedText(symbol).description
      // pprof takes out what stands in angle brackets where both names are the same, which is all of `<module>`.
      if let name, name.isInterpreted { systemName = "\(EscapedText(name.module)):\(EscapedText(symbol))" }
    } else {
      isSymbol = false
      if let name, let offset = name.offset { self.name = "\(EscapedText(name.module))+\(Address(offset))" }
    }
    (file, line) = (name?.file.map { EscapedText($0).description }, name?.line ?? 0)
    address = frame.instruction
  }
}

extension Profile {
  /// A profile of stacks: the number of threads that have each, as ``ThreadStack/groups(_:)`` counts them.
  ///
  /// - Parameters:
  ///   - stacks: the stacks.
  ///   - source: the memory of that instant.
  ///   - process: the process, where it still runs: its files have the names.
  public init(of stacks: [ThreadStack], in source: any MemorySource, process: TargetProcess?) {
    var maker = StackProfile(source, process: process)
    self = maker.profile(of: stacks)
  }
}
