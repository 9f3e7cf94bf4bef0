/// A census of the objects of a Python program: what each block in use is, and whose it is.
///
/// What is in use is told by the allocators, so no object needs its count of references for that.
struct PythonCensus: ~Copyable {
  /// The objects of a type.
  struct OfType: Sendable {
    var objects = HeapSummary.Sum()
    var owned = HeapSummary.Sum()
    /// Some of the objects, spread over all of them.
    var samples = BlockSamples(limit: 512)
  }

  /// How objects of a type lead to blocks of their own.
  private enum Owning {
    case nothing, list, dictionary, set, module, anything
  }

  private struct Claim {
    var pointer: UInt64
    var owner: PythonReader.Object
  }

  private struct Wait {
    var object: PythonReader.Object
    var end: Address
  }

  var reader: PythonReader
  /// The objects by the number of their type in ``PythonTypes/all``.
  private(set) var tallies: [OfType] = []
  /// Objects that their types keep for the next ones.
  private(set) var spare = HeapSummary.Sum()
  /// All that was asked.
  private(set) var total = HeapSummary.Sum()
  /// What of ``total`` is of pymalloc.
  private(set) var pooled: (total: HeapSummary.Sum, named: HeapSummary.Sum) = (.init(), .init())
  /// The blocks that are no objects.
  private(set) var others: PythonBlocks
  /// Where a dictionary has the address of its keys; the word behind it has that of its values.
  private(set) var keysOffset: UInt64 = 32

  /// The modules.
  private(set) var modules: [PythonReader.Object] = []

  private let heaps: Heaps
  private let isPool: [Bool]
  private var owning: [Owning] = []
  /// What leads to blocks of its own: words of objects that lead to them, and objects with a word that may, in parts.
  private var claims = [PieceArray<Claim>()]
  private var pending = [PieceArray<Wait>()]

  /// The most claims, the most objects whose words are looked at, and the most blocks that are no objects; of all parts together.
  private static let most = 1 << 26
  private let limit: Int
  private static let dictionaryOffsets: [UInt64] = [24, 32, 40]
  private static let setNames = ["set", "frozenset"].map { Array($0.utf8) }
  private static let (moduleName, mostModules) = (Array("module".utf8), 1 << 17)
  /// The most words of an object, or of a block of its own, that are looked at.
  private static let mostWords: UInt64 = 128

  private init(_ reader: consuming PythonReader, _ heaps: Heaps, limit: Int) {
    self.reader = reader
    self.limit = limit
    others = PythonBlocks(limit: limit)
    self.heaps = heaps
    isPool = heaps.all.map { $0.allocator is Pymalloc }
  }

  /// Takes the census of a process; nil without pools of Python.
  ///
  /// - Parameters:
  ///   - source: the memory.
  ///   - heaps: the heaps that were walked in it.
  ///   - process: the process, where it still runs: names of types of C stand among the constants of its program.
  ///   - parts: into how many parts the blocks are cut, for a thread each; nil for as many as are worth it.
  static func take(
    _ source: any MemorySource, _ heaps: Heaps, _ process: TargetProcess?, parts: Int? = nil, _ control: WorkControl
  ) throws(MemDumpError) -> PythonCensus? {
    let pools = heaps.all.filter { $0.allocator is Pymalloc }.flatMap(\.ranges).union()
    guard !pools.isEmpty else { return nil }
    let constants: any MemorySource =
      if let live = process.flatMap({ try? LiveMemory($0, regions: source.regions) }) { live } else { source }
    let written = OwnWriting.privateMemory.ranges(in: source.regions).union()
    // A type is larger than what a pool has.
    let memory = (written.isEmpty ? source.regions.map(\.range).union() : written).subtracting(pools)
    let pages = heaps.blockPages
    let wanted = parts ?? min(Syscall.processorCount, pages.count / Self.leastPages, Self.mostParts)
    let count = max(1, min(wanted, pages.count))
    let bounds = (0...count).map { pages.count * $0 / count }
    let reader = try PythonReader(source, constants: constants, in: memory)
    var census = PythonCensus(reader, heaps, limit: Self.most / count)
    try census.learn(source)
    // All that can fail comes first: a thread has no one to tell.
    var others: [PythonCensusPart] = []
    for number in 1..<max(1, count) {
      let reader = try PythonReader(source, constants: constants, in: memory, layout: census.reader.layout)
      var part = PythonCensus(reader, heaps, limit: Self.most / count)
      part.keysOffset = census.keysOffset
      others.append(PythonCensusPart(part, pages[bounds[number]..<bounds[number + 1]]))
    }
    let first = PythonCensusPart(census, pages[..<bounds[1]])
    let all = [first] + others
    Syscall.concurrently(forEach: count, threads: count) { all[$0].walk(source, control) }
    var whole = try first.end()
    for part in others { try whole.add(part.end()) }
    try whole.settle(source, control)
    return whole
  }

  /// The pages of blocks that are worth a thread, and the most threads.
  private static let (leastPages, mostParts) = (16, 8)

  /// Takes the layout of objects from some of them.
  private mutating func learn(_ source: any MemorySource) throws(MemDumpError) {
    var words = try WordCache(source, .jumps)
    var blocks: [Range<Address>] = []
    for heap in heaps.all {
      for start in heap.classes.flatMap(\.samples.addresses) {
        if let block = try heap.layout.block(at: start, in: &words) { blocks.append(block.content) }
      }
    }
    try reader.learn(from: blocks, &words)
    var votes: [UInt64: Int] = [:]
    for block in blocks {
      guard case .object(let object) = try reader.content(of: block, &words),
        reader.types.all[object.type].isDictionary
      else { continue }
      for offset in Self.dictionaryOffsets {
        guard let keys = try words.word(at: object.address + offset) else { continue }
        // Before 3.3, a small dictionary has its table in itself.
        let found = try heaps.block(holding: Address(keys), &words)?.address
        if found == Address(keys) || block.contains(Address(keys)) { votes[offset, default: 0] += 1 }
      }
    }
    for offset in Self.dictionaryOffsets where votes[offset, default: 0] > votes[keysOffset, default: 0] {
      keysOffset = offset
    }
  }

  /// Asks every block in use of some pages what it is.
  fileprivate mutating func walk(
    _ pages: ArraySlice<Heaps.BlockPage>, _ source: any MemorySource, _ control: WorkControl
  ) throws(MemDumpError) {
    var words = try WordCache(source)
    let layouts = heaps.all.map(\.layout)
    let pools = layouts.map { $0 as? any PoolLayout }
    // Blocks come in order, and most lie in the pool of the one before.
    var (pool, blockByteCount) = (Address(0)..<Address(0), UInt64(0))
    try heaps.forEachBlock(in: pages) { (start, heap) throws(MemDumpError) in
      if !pool.contains(start), let next = pools[heap]?.pool(holding: start) { (pool, blockByteCount) = next }
      guard
        let block = pool.contains(start)
          ? HeapBlock(start, byteCount: blockByteCount) : try layouts[heap].block(at: start, in: &words)
      else { return true }
      let byteCount = block.footprint.byteCount
      total.add(1, byteCount)
      if isPool[heap] { pooled.total.add(1, byteCount) }
      switch try reader.content(of: block.content, &words) {
      case .object(let object):
        if isPool[heap] { pooled.named.add(1, byteCount) }
        try count(object, in: block, &words)
      case .spare:
        if isPool[heap] { pooled.named.add(1, byteCount) }
        spare.add(1, byteCount)
      case .other: others.add(block, isPooled: isPool[heap])
      }
      return !control.isStopped
    }
  }

  @inline(__always)
  private mutating func count(
    _ object: PythonReader.Object, in block: HeapBlock, _ words: inout WordCache
  ) throws(MemDumpError) {
    makeRoom(for: object.type)
    tallies[object.type].objects.add(1, block.footprint.byteCount)
    tallies[object.type].samples.add(object.address)
    switch owning[object.type] {
    case .nothing: return
    case .list: try claim(object.address + 24, object, &words)
    case .set: try claim(object.address + 40, object, &words)
    case .dictionary:
      try claim(object.address + keysOffset, object, &words)
      try claim(object.address + (keysOffset + 8), object, &words)
    case .module where modules.count < Self.mostModules: modules.append(object)
    case .module: break
    case .anything:
      if pending[0].count < limit { pending[0].append(Wait(object: object, end: block.content.upperBound)) }
    }
    if reader.layout.lead(of: reader.types.shapes[object.type].flags) > reader.layout.headByteCount {
      try claim(block.address, object, &words)
      try claim(block.address + 8, object, &words)
    }
  }

  @inline(__always)
  private mutating func makeRoom(for type: Int) {
    while tallies.count <= type {
      tallies.append(OfType())
      owning.append(owning(of: tallies.count - 1))
    }
  }

  /// Adds the census of blocks that lie behind these. Types have other numbers there.
  private mutating func add(_ other: consuming PythonCensus) throws(MemDumpError) {
    var numbers: [Int?] = []
    for type in other.reader.types.all { numbers.append(try reader.types.number(of: type.address.rawValue)) }
    func own(_ object: PythonReader.Object) -> PythonReader.Object? {
      numbers[object.type].map { PythonReader.Object(type: $0, address: object.address) }
    }
    for (tally, number) in zip(other.tallies, numbers) {
      guard let number, tally.objects.count > 0 else { continue }
      makeRoom(for: number)
      tallies[number].objects.add(tally.objects)
      tallies[number].samples.add(tally.samples)
    }
    spare.add(other.spare)
    total.add(other.total)
    pooled.total.add(other.pooled.total)
    pooled.named.add(other.pooled.named)
    others.add(other.others)
    // Those of a type that is not found again lead to nothing.
    var (theirClaims, theirWaits) = ([PieceArray<Claim>](), [PieceArray<Wait>]())
    swap(&theirClaims, &other.claims)
    swap(&theirWaits, &other.pending)
    for part in theirClaims.indices {
      for index in theirClaims[part].indices {
        if let owner = own(theirClaims[part][index].owner) {
          theirClaims[part][index].owner = owner
        } else {
          theirClaims[part][index].pointer = 0
        }
      }
    }
    for part in theirWaits.indices {
      for index in theirWaits[part].indices {
        if let object = own(theirWaits[part][index].object) {
          theirWaits[part][index].object = object
        } else {
          theirWaits[part][index].end = Address(0)
        }
      }
    }
    claims += theirClaims
    pending += theirWaits
    modules += other.modules.prefix(Self.mostModules - modules.count).compactMap(own)
  }

  private func owning(of number: Int) -> Owning {
    let type = reader.types.all[number]
    if type.isList { return .list }
    if type.isDictionary { return .dictionary }
    if type.isText || type.isTuple || type.isNumber || type.isBytes { return .nothing }
    if reader.types.isDerived(number, from: Self.moduleName) { return .module }
    return Self.setNames.contains { reader.types.isDerived(number, from: $0) } ? .set : .anything
  }

  @inline(__always)
  private mutating func claim(
    _ place: Address, _ owner: PythonReader.Object, _ words: inout WordCache
  ) throws(MemDumpError) {
    guard let pointer = try words.word(at: place), pointer >> 16 != 0, pointer >> 47 == 0, claims[0].count < limit
    else { return }
    claims[0].append(Claim(pointer: pointer, owner: owner))
  }

  /// Gives each block that is no object to the object that leads to it: first to lists, dictionaries and sets, whose words for
  /// that are known, then to any other object that has a word that leads to the start of one, and over such a block to the
  /// next one, as in the list of blocks of a deque.
  private mutating func settle(_ source: any MemorySource, _ control: WorkControl) throws(MemDumpError) {
    others.arrange()
    for part in claims {
      for claim in part.indices.lazy.map({ part[$0] }) {
        if let index = others.index(holding: claim.pointer) { own(index, claim.owner) }
      }
    }
    claims = []
    var words = try WordCache(source)
    var open: [Int] = []
    for part in pending {
      for wait in part.indices.lazy.map({ part[$0] }) where !control.isStopped {
        let start = wait.object.address + 16
        try scan(start..<max(start, wait.end), for: wait.object, &open, &words)
        while let index = open.popLast() { try scan(others.range(of: index), for: wait.object, &open, &words) }
      }
    }
    pending = []
  }

  private mutating func scan(
    _ range: Range<Address>, for owner: PythonReader.Object, _ open: inout [Int], _ words: inout WordCache
  ) throws(MemDumpError) {
    var place = range.lowerBound
    let end = min(range.upperBound, place + Self.mostWords * 8)
    while end - place >= 8 {
      if let word = try words.word(at: place), others.mayBegin(at: word), let index = others.index(startingAt: word),
        own(index, owner)
      {
        open.append(index)
      }
      place = place + 8
    }
  }

  /// Gives a block to an object, where it is nobody's. Returns whether it was.
  @discardableResult
  private mutating func own(_ index: Int, _ owner: PythonReader.Object) -> Bool {
    guard others.owner(of: index) == nil else { return false }
    others.setOwner(of: index, owner)
    let byteCount = others.footprint(of: index)
    tallies[owner.type].owned.add(1, byteCount)
    if others.isPooled(index) { pooled.named.add(1, byteCount) }
    return true
  }
}

/// A part of a census that a thread takes.
private final class PythonCensusPart {
  private var census: PythonCensus?
  private let pages: ArraySlice<Heaps.BlockPage>
  private var failure: MemDumpError?

  init(_ census: consuming PythonCensus, _ pages: ArraySlice<Heaps.BlockPage>) {
    self.census = consume census
    self.pages = pages
  }

  func walk(_ source: any MemorySource, _ control: WorkControl) {
    do throws(MemDumpError) { try census?.walk(pages, source, control) } catch { failure = error }
  }

  /// The census that was taken.
  func end() throws(MemDumpError) -> PythonCensus {
    if let failure { throw failure }
    guard let census = census.take() else { preconditionFailure("A part ends once.") }
    return census
  }
}
