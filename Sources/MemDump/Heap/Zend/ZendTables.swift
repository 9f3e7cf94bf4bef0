/// Tables of PHP that lead to objects and hold none: that of all objects (`zend_objects_store`), and that of those which may be garbage
/// in a cycle (`gc_globals.buf`). Each object has its place in either in its own head.
enum ZendTables {
  /// The objects that have to agree, how far into a table of objects they are looked for, and how many are asked for roots.
  private static let (fewestObjects, lookedByteCount, mostAsked): (Int, UInt64, UInt64) = (8, 4096, 1 << 16)
  /// The bits of a head with the number of a root (GC_INFO_SHIFT, GC_ADDRESS), and what a place has beside the address of an object.
  private static let (rootShift, rootMask, marks): (UInt64, UInt64, UInt64) = (42, 0xf_ffff, 3)
  /// The most bytes of zeroed variables that are searched.
  private static let mostZeroed: UInt64 = 16 << 20
  /// The most roots that are told: above that a head has a part of the number alone (GC_MAX_UNCOMPRESSED).
  private static let mostRoots: UInt64 = 512 << 10

  /// Whether a block is the table of all objects: each has its place in the table as its handle. A place that is free has an odd
  /// number, and what is behind the last may be anything.
  static func isOfObjects(_ block: Range<Address>, _ words: inout WordCache) throws(MemDumpError) -> Bool {
    var (agreed, place) = (0, block.lowerBound + 8)
    while agreed < fewestObjects, place < block.upperBound, place - block.lowerBound <= lookedByteCount {
      guard let word = try words.word(at: place), word != 0 else { return false }
      if word & 1 == 0 {
        guard word & 7 == 0, let head = try words.word(at: Address(word) + 8),
          head & 0xffff_ffff == (place - block.lowerBound) / 8
        else { return false }
        agreed += 1
      }
      place = place + 8
    }
    return agreed == fewestObjects
  }

  /// Where variables of modules lie: what can be written of their files, and the zeroed memory right behind (.bss).
  static func variables(in regions: [MemoryRegion]) -> [Range<Address>] {
    var variables: [Range<Address>] = []
    for region in regions where region.permissions.contains(.write) {
      if region.kind == .file {
        variables.join(region.range)
      } else if region.isPrivateAnonymous, region.kind != .heap, region.byteCount <= mostZeroed,
        variables.last?.upperBound == region.range.lowerBound
      {
        variables.join(region.range)
      }
    }
    return variables
  }

  /// The table of roots, up to the last one that an object has; nil where none was found.
  ///
  /// - Parameters:
  ///   - table: the table of all objects.
  ///   - variables: the memory of variables, one of which leads to it.
  static func roots(
    of table: Range<Address>, in variables: [Range<Address>], _ words: inout WordCache
  ) throws(MemDumpError) -> Range<Address>? {
    var (objects, last): ([(address: UInt64, number: UInt64)], UInt64) = ([], 0)
    for number in 1..<max(2, min(table.byteCount / 8, mostAsked)) {
      guard let object = try words.word(at: table.lowerBound + number * 8) else { break }
      guard object & 7 == 0, object != 0, let head = try words.word(at: Address(object)) else { continue }
      let root = head >> rootShift & rootMask
      if (1..<mostRoots).contains(root) {
        objects.append((object, root))
        last = max(last, root)
      }
    }
    guard objects.count >= fewestObjects else { return nil }
    for range in variables {
      var place = range.lowerBound.alignedUp(to: 8)
      while place < range.upperBound {
        if let start = try words.word(at: place), start > 1 << 16, start & 7 == 0, start < 1 << 47 {
          let asked = objects.prefix(fewestObjects * 4)
          var agreed = 0
          for object in asked {
            let word = try words.word(at: Address(start) + object.number * 8)
            guard word.map({ $0 & ~marks }) == object.address else { break }
            agreed += 1
          }
          if agreed == asked.count { return Range(start: Address(start), byteCount: (last + 1) * 8) }
        }
        place = place + 8
      }
    }
    return nil
  }
}
