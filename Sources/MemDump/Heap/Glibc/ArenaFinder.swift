/// A finder for the arenas of a process without symbols: a main arena by its shape, in the data of each C library, or of
/// a program that holds one, the others by the ring that leads through all of one library. A process has several C
/// libraries where one was loaded into a namespace of its own (dlmopen(3), LD_AUDIT).
struct ArenaFinder: ~Copyable {
  /// The most arenas of a ring: a longer ring does not close.
  private static let mostArenas = 65536
  /// The shape of the cache: the memory searched is small, and the arenas of threads are far from each other.
  private static let shape = WordCache.Shape(blockByteCount: 1 << 16, blockCount: 16)

  private let regions: [MemoryRegion]
  private var words: WordCache

  init(_ source: any MemorySource) throws(MemDumpError) {
    regions = source.regions
    words = try WordCache(source, Self.shape)
  }

  /// Finds the arenas, those of the C library with most memory first, and of each the main arena first; none where the
  /// process has no glibc malloc, or never used it.
  mutating func arenas() throws(MemDumpError) -> [Arena] {
    let (libraries, others) = Self.candidates(regions)
    var rings: [[Arena]] = []
    for range in libraries {
      guard let first = try arena(in: range), !rings.contains(where: { $0.contains { $0.address == first.address } })
      else { continue }
      rings.append(try ring(of: first))
    }
    for range in others where rings.isEmpty {
      if let first = try arena(in: range) { rings.append(try ring(of: first)) }
    }
    func byteCount(_ ring: [Arena]) -> UInt64 { ring.reduce(0) { $0 &+ $1.systemByteCount } }
    return rings.sorted { byteCount($0) > byteCount($1) }.flatMap(\.self)
  }

  /// The arenas of a ring, the main arena first.
  private mutating func ring(of first: Arena) throws(MemDumpError) -> [Arena] {
    var arenas = [first]
    var known: Set<Address> = [first.address]
    while let last = arenas.last, arenas.count < Self.mostArenas, known.insert(last.next).inserted {
      guard let next = try Arena.read(last.next, last.layout, &words) else { break }
      arenas.append(next)
    }
    let main = arenas.firstIndex { !$0.isOfThread } ?? 0
    return Array(arenas[main...] + arenas[..<main])
  }

  /// The places where a main arena can be: the data of C libraries; and, for where there is none in them, that of other
  /// files, or, where a core names no files, small anonymous mappings.
  private static func candidates(
    _ regions: [MemoryRegion]
  ) -> (libraries: [Range<Address>], others: [Range<Address>]) {
    let data = regions.lazy.filter {
      $0.permissions.contains(.write) && !$0.permissions.contains(.shared) && !$0.isDevice
    }
    func isLibrary(_ region: MemoryRegion) -> Bool {
      region.fileName.starts(with: "libc.so".utf8) || region.fileName.starts(with: "libc-2.".utf8)
    }
    let files = Array(data.filter { $0.kind == .file })
    let others: [Range<Address>] =
      files.isEmpty
      ? data.filter { $0.kind == .anonymous && $0.byteCount <= 16 << 20 }.map(\.range)
      : files.filter { !isLibrary($0) }.map(\.range)
    return (files.filter(isLibrary).map(\.range), others)
  }

  private mutating func arena(in range: Range<Address>) throws(MemDumpError) -> Arena? {
    var address = range.lowerBound.alignedUp(to: 8)
    while address < range.upperBound {
      if let end = try words.emptyEnd(at: address) {
        address = end.alignedUp(to: 8)
        continue
      }
      if let arena = try arena(at: address) { return arena }
      address = address + 8
    }
    return nil
  }

  /// The main arena at an address. Both layouts have the same bins, so that one can be taken for the other, which begins elsewhere:
  /// then its ring leads to where it begins itself.
  private mutating func arena(at address: Address) throws(MemDumpError) -> Arena? {
    if let newer = try Arena.read(address, .withoutFastbins, &words), try leadsOn(newer) { return newer }
    guard let arena = try Arena.read(address, .withFastbins, &words) else { return nil }
    if try leadsOn(arena) { return arena }
    let (layout, place) = (Arena.Layout.withoutFastbins, address + arena.layout.topOffset)
    guard let newer = try Arena.read(place - layout.topOffset, layout, &words) else { return arena }
    return try leadsOn(newer) ? newer : arena
  }

  /// Whether the next one in its ring is an arena of the same layout.
  private mutating func leadsOn(_ arena: Arena) throws(MemDumpError) -> Bool {
    if arena.next == arena.address { return true }
    return try Arena.read(arena.next, arena.layout, &words) != nil
  }
}
