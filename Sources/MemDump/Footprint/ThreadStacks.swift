/// The stacks of threads, found without a stop: by the stack pointers of threads that wait in the kernel, and by the
/// descriptor that the C library of GNU keeps at the end of each stack.
struct ThreadStacks {
  /// The mappings that are stacks.
  private(set) var ranges: [Range<Address>] = []
  /// The mappings that were stacks of threads that have ended, and are kept for the next ones.
  private(set) var kept: [Range<Address>] = []

  /// Where in `struct pthread` of glibc (nptl/descr.h) the address of the structure itself stands a second time, and where
  /// the number of the thread, which is 0 once it has ended, in bytes.
  private static let (selfOffset, numberOffset): (UInt64, UInt64) = (16, 0x2d0)

  /// Finds stacks.
  ///
  /// - Parameters:
  ///   - regions: the map.
  ///   - pointers: the stack pointers of threads, as far as known.
  ///   - threads: the threads; nil where they are not known.
  ///   - words: the memory, for the stacks that no pointer leads to; nil to go by pointers alone.
  init(
    _ regions: [MemoryRegion], pointers: [Address], threads: Set<ThreadID>?, _ words: consuming WordCache?
  ) throws(MemDumpError) {
    var stacks: Set<Int> = []
    for pointer in pointers {
      if let index = regions.index(holding: pointer), Self.mayBeStack(index, regions) { stacks.insert(index) }
    }
    if var words {
      for index in regions.indices where !stacks.contains(index) && Self.mayBeStack(index, regions) {
        guard let number = try Self.thread(atEndOf: regions[index].range, &words) else { continue }
        if number == 0 {
          kept.append(regions[index].range)
        } else if let thread = ThreadID(rawValue: Int32(truncatingIfNeeded: number)),
          threads?.contains(thread) ?? true
        {
          stacks.insert(index)
        }
      }
    }
    ranges = stacks.sorted().map { regions[$0].range }
  }

  /// Whether a mapping can be the stack of a thread: private memory right behind addresses that cannot be used.
  private static func mayBeStack(_ index: Int, _ regions: [MemoryRegion]) -> Bool {
    let region = regions[index]
    guard region.kind == .anonymous, region.isPrivateAnonymous, region.permissions.contains([.read, .write]), index > 0
    else { return false }
    let guardPages = regions[index - 1]
    return guardPages.range.upperBound == region.range.lowerBound
      && guardPages.permissions.intersection([.read, .write, .execute]).isEmpty
  }

  /// The number in the descriptor of a thread in the last page of a mapping; nil without a descriptor.
  private static func thread(
    atEndOf range: Range<Address>, _ words: inout WordCache
  ) throws(MemDumpError) -> UInt64? {
    let least = max(range.lowerBound, range.upperBound - 4096)
    var place = (range.upperBound - (numberOffset + 8)).alignedUp(to: 64)
    while place >= least {
      if try words.word(at: place) == place.rawValue, try words.word(at: place + selfOffset) == place.rawValue,
        let number = try words.word(at: place + numberOffset)
      {
        return number & 0xffff_ffff
      }
      guard place.rawValue >= 64 else { return nil }
      place = place - 64
    }
    return nil
  }
}
