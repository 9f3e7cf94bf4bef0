/// What gperftools' tcmalloc has in its variables beside the page map: the sizes of its classes, and the lists that threads
/// share (transfer caches).
struct TcmallocTables: ~Copyable {
  /// The size of the blocks of each class, in bytes; the first is of none.
  let byteCounts: [UInt64]
  /// Where the list of each class begins (`CentralFreeList`), by its number; none where they were not found.
  private(set) var lists: [Address] = []

  private let start: Address
  /// The words that are not zero, by their number.
  private let numbers: [Int: UInt64]

  /// The largest class (kMaxSize), and the most classes (kClassSizesMax).
  private static let (largest, mostClasses): (UInt64, Int) = (262_144, 128)
  /// The variables around the root that are looked at.
  private static let reach: UInt64 = 8 << 20
  /// The slots of a shared list, from where it begins, and the number of those in use behind them.
  private static let (slotsOffset, slotCount, usedOffset): (UInt64, UInt64, UInt64) = (120, 64, 1144)

  /// Reads the variables of a module; nil where no row of numbers is that of classes.
  init?(_ map: TcmallocPageMap, _ words: inout WordCache) throws(MemDumpError) {
    let range = (map.root - Self.reach..<map.root + 2 * Self.reach).clamped(to: map.variables)
    start = range.lowerBound.alignedUp(to: 8)
    var numbers: [Int: UInt64] = [:]
    var address = start
    while range.upperBound - address >= 8 {
      if let end = try words.emptyEnd(at: address) {
        address = end.alignedUp(to: 8)
        continue
      }
      if let word = try words.word(at: address), word != 0 { numbers[Int((address - start) / 8)] = word }
      address = address + 8
    }
    self.numbers = numbers
    guard let sizes = Self.sizes(numbers) else { return nil }
    byteCounts = sizes
    lists = Self.lists(numbers, start, classCount: sizes.count)
  }

  /// The row of 32-bit numbers that rises from 0, 8, 16 to the largest class.
  private static func sizes(_ numbers: [Int: UInt64]) -> [UInt64]? {
    func half(_ index: Int) -> UInt64 { (numbers[index >> 1] ?? 0) >> (index & 1 == 0 ? 0 : 32) & 0xffff_ffff }
    for index in numbers.keys.sorted() {
      // An 8 in either half, behind a 0.
      for place in [2 * index, 2 * index + 1] where half(place) == 8 && half(place - 1) == 0 && half(place + 1) == 16 {
        var sizes: [UInt64] = [0, 8]
        while sizes.count < mostClasses, half(place + sizes.count - 1) > sizes[sizes.count - 1] {
          sizes.append(half(place + sizes.count - 1))
        }
        if sizes.last == largest, sizes.count > 16 { return sizes }
      }
    }
    return nil
  }

  /// The lists of classes, which lie side by side: each has its number, and they are equally far from each other.
  private static func lists(_ numbers: [Int: UInt64], _ start: Address, classCount: Int) -> [Address] {
    for index in numbers.filter({ $0.value == 1 }).keys.sorted() {
      for stride in stride(from: 24, through: 512, by: 8) where index >= stride && numbers[index - stride] == nil {
        guard (2..<classCount).allSatisfy({ numbers[index + ($0 - 1) * stride] == UInt64($0) }) else { continue }
        return (0..<classCount).map { start + UInt64(index + ($0 - 1) * stride) * 8 }
      }
    }
    return []
  }

  /// The first blocks of the batches that threads share, by class.
  func sharedBatches(ofClass number: Int, _ words: inout WordCache) throws(MemDumpError) -> [Address] {
    guard number < lists.count, let count = try words.word(at: lists[number] + Self.usedOffset) else { return [] }
    let used = count & 0xffff_ffff
    guard used <= Self.slotCount else { return [] }
    var batches: [Address] = []
    for slot in 0..<used {
      if let head = try words.word(at: lists[number] + Self.slotsOffset + slot * 16) { batches.append(Address(head)) }
    }
    return batches
  }

  /// The words of the variables that are not zero.
  var pointers: [UInt64] { Array(numbers.values) }
}

/// The caches of threads of gperftools' tcmalloc (`ThreadCache`): a row of 32 bytes for each class, which begins with a list and
/// its length, and has the size of the class. All are in a ring, whose first is a variable.
struct TcmallocCaches: ~Copyable {
  /// A list of a cache.
  struct List: Sendable {
    var sizeClass: Int
    var first: Address
    var count: UInt64
  }

  private static let (rowByteCount, rowCount): (UInt64, UInt64) = (32, 128)
  /// The classes whose size is compared, and how far behind the rows links to other caches are.
  private static let (comparedClasses, reach): (Int, UInt64) = (32, 512)
  private static let mostCaches = 1 << 17

  private let memory: AnonymousMemory
  private let byteCounts: [UInt64]
  private var words: WordCache

  init(_ source: any MemorySource, _ memory: AnonymousMemory, byteCounts: [UInt64]) throws(MemDumpError) {
    (self.memory, self.byteCounts) = (memory, byteCounts)
    words = try WordCache(source, .jumps)
  }

  /// The caches, from words that may lead to one.
  mutating func find(from pointers: [UInt64]) throws(MemDumpError) -> [Address] {
    var caches: [Address] = []
    var seen: Set<UInt64> = []
    var next = pointers
    while !next.isEmpty {
      var added: [UInt64] = []
      for word in next where caches.count < Self.mostCaches && seen.insert(word).inserted {
        guard try isCache(word) else { continue }
        caches.append(Address(word))
        let end = Address(word) + Self.rowByteCount * Self.rowCount
        for offset in stride(from: 0, to: Self.reach, by: 8) {
          if let link = try words.word(at: end + offset), link != 0 { added.append(link) }
        }
      }
      next = added
    }
    return caches.sorted()
  }

  private mutating func isCache(_ word: UInt64) throws(MemDumpError) -> Bool {
    guard word & 7 == 0, word >> 47 == 0, memory.room(at: Address(word)) >= Self.rowByteCount * Self.rowCount else {
      return false
    }
    for number in 1..<min(byteCounts.count, Self.comparedClasses) {
      let row = Address(word) + UInt64(number) * Self.rowByteCount
      guard let size = try words.word(at: row + 24), size & 0xffff_ffff == byteCounts[number] else { return false }
    }
    return true
  }

  /// The lists of a cache that have blocks.
  mutating func lists(of cache: Address) throws(MemDumpError) -> [List] {
    var lists: [List] = []
    for number in 1..<byteCounts.count {
      let row = cache + UInt64(number) * Self.rowByteCount
      guard let first = try words.word(at: row), let counts = try words.word(at: row + 8), counts & 0xffff_ffff > 0
      else {
        continue
      }
      lists.append(List(sizeClass: number, first: Address(first), count: counts & 0xffff_ffff))
    }
    return lists
  }
}
