/// A finder for the arenas of a process without symbols: the main arena by its shape, in the data of the C library or
/// of a program that holds one, the others by the ring that leads through all.
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

  /// Finds the arenas, the main arena first; none where the process has no glibc malloc, or never used it.
  mutating func arenas() throws(MemDumpError) -> [Arena] {
    for range in Self.candidates(regions) {
      guard let first = try arena(in: range) else { continue }
      var arenas = [first]
      var known: Set<Address> = [first.address]
      while let last = arenas.last, arenas.count < Self.mostArenas, known.insert(last.next).inserted {
        guard let next = try Arena.read(last.next, &words) else { break }
        arenas.append(next)
      }
      let main = arenas.firstIndex { !$0.isOfThread } ?? 0
      return Array(arenas[main...] + arenas[..<main])
    }
    return []
  }

  /// The places where the main arena can be: the data of the C library first, then that of other files, and, where a
  /// core names no files, small anonymous mappings.
  static func candidates(_ regions: [MemoryRegion]) -> [Range<Address>] {
    let data = regions.filter { $0.permissions.contains(.write) && !$0.permissions.contains(.shared) && !$0.isDevice }
    func isLibrary(_ region: MemoryRegion) -> Bool {
      region.fileName.starts(with: "libc.so".utf8) || region.fileName.starts(with: "libc-2.".utf8)
    }
    let files = data.filter { $0.kind == .file }
    let ordered =
      files.filter(isLibrary) + files.filter { !isLibrary($0) }
      + (files.isEmpty ? data.filter { $0.kind == .anonymous && $0.byteCount <= 16 << 20 } : [])
    return ordered.map(\.range)
  }

  private mutating func arena(in range: Range<Address>) throws(MemDumpError) -> Arena? {
    var address = range.lowerBound.alignedUp(to: 8)
    while address < range.upperBound {
      if let end = try words.emptyEnd(at: address) {
        address = end.alignedUp(to: 8)
        continue
      }
      if let arena = try Arena.read(address, &words) { return arena }
      address = address + 8
    }
    return nil
  }
}
