/// What lies at an address: its region, and what a program has there.
public struct AddressPlace: Sendable {
  /// What a program has at a place.
  public enum Use: Hashable, Sendable {
    /// A block in use: the address lies so many bytes behind its start.
    case block(HeapBlock, offset: UInt64)
    /// The heap, and no block in use: free memory, or what the allocator keeps beside its blocks.
    case heap
    /// A variable or a function: the module with the symbol and the offset in that, such as `libapp.so:table+0x10`; the
    /// text as people read it, where the symbol is mangled.
    case symbol(String, readable: String?)
    /// A module, so many bytes from where that begins, without a symbol.
    case module(String, offset: UInt64)
    /// The stack of a thread, from the stack pointer on.
    case stack(ThreadID)
    /// The thread-local variables of a thread.
    case threadLocal(ThreadID)
    /// The stack of a goroutine, from its stack pointer on.
    case goroutines
    /// The region, so many bytes from its start, and nothing else is known.
    case region(offset: UInt64)
  }

  /// The address.
  public var address: Address
  /// The region that holds the address.
  public var region: MemoryRegion
  /// What the program has there.
  public var use: Use
  /// What a block begins with, where that is an address with a symbol: the table of functions (vtable) of an object of
  /// C++, or a function; with the text as people read it, where the symbol is mangled.
  public var beginning: (text: String, readable: String?)?
}

/// A lookup of what lies at addresses, in a look at a process, a core or a dump.
public struct AddressLookup: ~Copyable {
  private let source: any MemorySource
  private let map: PlaceMap
  private let heaps: Heaps
  private var words: WordCache
  private var names: ModuleNames

  /// Prepares the lookup.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - heaps: the heaps that ``HeapWalk`` found in the memory.
  ///   - process: the process with that memory, where it still runs: its files have the names. nil for the files of this
  ///     machine, as far as their build-ids fit.
  public init(
    _ source: any MemorySource, heaps: Heaps, process: TargetProcess? = nil
  ) throws(MemDumpError) {
    words = try WordCache(source, .jumps)
    (self.source, self.heaps) = (source, heaps)
    map = PlaceMap(source.regions, heaps, source.registers ?? []) {
      ModuleSymbols.end(of: $0, process: process, source: source)
    }
    names = ModuleNames(source, process: process)
  }

  /// What lies at an address; nil where no memory is mapped there.
  public mutating func place(of address: Address) throws(MemDumpError) -> AddressPlace? {
    guard let index = source.regions.index(holding: address) else { return nil }
    let region = source.regions[index]
    var place = AddressPlace(address: address, region: region, use: .heap)
    if let block = try map.block(using: address, &words) {
      place.use = .block(block, offset: address - block.address)
      place.beginning = try beginning(of: block)
    } else if heaps.ranges.index(holding: address) == nil {
      place.use = try use(of: address, region)
    }
    return place
  }

  /// The word at an address; nil where it is not known.
  public mutating func word(at address: Address) throws(MemDumpError) -> UInt64? {
    let bytes = try words.bytes(at: address, count: 8)
    return bytes.load(UInt64.self, at: 0)
  }

  private mutating func use(of address: Address, _ region: MemoryRegion) throws(MemDumpError) -> AddressPlace.Use {
    if let name = names.name(of: address) { return .symbol(name.text, readable: name.readable) }
    switch try map.place(of: address, &words) {
    case .stack(let thread): return .stack(thread)
    case .threadLocal(let thread): return .threadLocal(thread)
    case .goroutines: return .goroutines
    case .variable(let number):
      let module = map.modules[number]
      return .module(EscapedText(module.fileName).description, offset: address - module.start)
    case .block, .memory, nil: break
    }
    guard region.kind == .file, region.inode != 0 else { return .region(offset: address - region.range.lowerBound) }
    let first = source.regions.last { $0.name == region.name && $0.fileOffset == 0 && $0.range.lowerBound <= address }
    return .module(
      EscapedText(region.fileName).description, offset: address - (first ?? region).range.lowerBound)
  }

  private mutating func beginning(of block: HeapBlock) throws(MemDumpError) -> (text: String, readable: String?)? {
    guard let word = try word(at: block.address) else { return nil }
    return names.name(of: Address(word))
  }
}
