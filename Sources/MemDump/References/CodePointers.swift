/// The functions whose addresses stand in blocks: what a library keeps beside its data tells which library it is, where
/// no variable does.
struct CodePointers: ~Copyable {
  private let regions: [MemoryRegion]
  private var names: ModuleNames
  private var words: WordCache
  /// The number of blocks with each address.
  private var counts: [Address: Int] = [:]

  /// The most words of a block that are looked at, and the most different addresses that are kept.
  private static let (mostWords, mostAddresses) = (128, 1 << 12)

  init(_ source: any MemorySource, process: TargetProcess?) throws(MemDumpError) {
    regions = source.regions
    names = ModuleNames(source, process: process)
    words = try WordCache(source, .jumps)
  }

  /// Counts the functions whose addresses stand in a block, each once.
  mutating func add(_ block: HeapBlock) throws(MemDumpError) {
    var found: Set<Address> = []
    for number in 0..<min(Self.mostWords, Int(clamping: block.targets.byteCount / 8)) {
      guard let value = try words.word(at: block.address + UInt64(number) * 8), value > 4096,
        let region = regions.index(holding: Address(value)), regions[region].kind == .file,
        regions[region].permissions.contains(.execute)
      else { continue }
      found.insert(Address(value))
    }
    for address in found where counts[address] != nil || counts.count < Self.mostAddresses {
      counts[address, default: 0] += 1
    }
  }

  /// The functions that begin at such an address, with the number of blocks, those of most blocks first.
  mutating func functions() -> [(name: String, count: Int)] {
    var functions: [String: Int] = [:]
    for (address, count) in counts {
      // The middle of a function is where a call returns to, or nothing.
      guard let (file, symbol, offset) = names.symbol(of: address), offset == 0 else { continue }
      functions["\(EscapedText(file)):\(SymbolName(symbol))", default: 0] += count
    }
    return functions.map { ($0.key, $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
  }
}
