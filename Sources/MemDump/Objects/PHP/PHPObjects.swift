/// The objects of PHP by class, with its strings and arrays: every block of zend_mm in use that begins as one of them does
/// (`zend_refcounted_h` of Zend/zend_types.h). Counts of references are not asked for, since a collection changes them.
enum PHPObjects {
  /// The least share of arrays whose elements are where they say, in thousandths: with another layout it is next to nothing.
  private static let leastThousandths: UInt64 = 800

  /// See ``ObjectTypes/find(in:heaps:process:control:)``.
  static func find(
    in source: any MemorySource, heaps: Heaps, control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> ObjectTypes.Result {
    guard let number = heaps.all.firstIndex(where: { $0.allocator is ZendMM }) else { return .none }
    var census = try PHPCensus(source, heaps, heap: number)
    try census.findArrays(control)
    let share = ObjectTypes.thousandths(census.agreeingCount, of: census.arrayCount)
    guard census.arrayCount == 0 || share >= leastThousandths else {
      return .refused(
        "of \(count: census.arrayCount, "array"), \(count: census.agreeingCount) lead to elements, and four fifths are expected"
      )
    }
    try census.count(control)
    return .found(ObjectTypes(.php, census.rows, of: heaps.all[number].used))
  }
}

/// A census of the blocks of PHP's memory manager.
private struct PHPCensus: ~Copyable {
  /// What a value is, by the four lowest bits of its type.
  private enum Kind: UInt64 {
    case string = 6
    case array, object, resource, reference
  }

  private(set) var (arrayCount, agreeingCount): (UInt64, UInt64) = (0, 0)
  private let heaps: Heaps
  private let heap: Int
  private var words: WordCache
  private var jumps: WordCache
  /// The blocks with the elements of arrays.
  private var storages = BlockMap(granularity: 8)
  private var plain: [ObjectTypes.Row]
  private var classes: [UInt64: Int?] = [:]
  private var named: [[UInt8]: Int] = [:]
  private var found: [ObjectTypes.Row] = []

  private static let arrayByteCount: UInt64 = 56
  private static let (mostClasses, longestName): (Int, UInt64) = (1 << 16, 1024)
  /// What a text has beside its bytes: 24 in front, and a zero.
  private static let stringExtra: UInt64 = 25

  init(_ source: any MemorySource, _ heaps: Heaps, heap: Int) throws(MemDumpError) {
    let words = try WordCache(source)
    let jumps = try WordCache(source, .jumps)
    (self.heaps, self.heap) = (heaps, heap)
    self.words = words
    self.jumps = jumps
    plain = ["string", "array", "resource", "reference"].map { ObjectTypes.Row(name: Array($0.utf8)) }
  }

  var rows: [ObjectTypes.Row] { plain + found }

  /// Finds the blocks that have the elements of arrays: these begin as nothing else does.
  mutating func findArrays(_ control: WorkControl) throws(MemDumpError) {
    let layout = heaps.all[heap].layout
    try heaps.all[heap].blocks.forEach { (start) throws(MemDumpError) in
      guard let block = try layout.block(at: start, in: &words), block.byteCount == Self.arrayByteCount,
        try kind(of: start) == .array, let place = try words.word(at: start + 16)
      else { return !control.isStopped }
      arrayCount += 1
      guard let masks = try words.word(at: start + 8) else { return true }
      // Behind the last of as many numbers of 32 bits as the mask says, which is negative, are the elements.
      let hashByteCount = UInt64(0 &- UInt32(truncatingIfNeeded: masks >> 32)) * 4
      if let storage = try heaps.block(holding: Address(place &- hashByteCount), &jumps) {
        if storage.address.rawValue == place &- hashByteCount {
          agreeingCount += 1
          storages.insert(storage.address)
          plain[1].owned.add(1, storage.footprint.byteCount)
        }
      } else {
        // The elements of an empty one are PHP's own.
        agreeingCount += 1
      }
      return !control.isStopped
    }
  }

  private mutating func kind(of start: Address) throws(MemDumpError) -> Kind? {
    try words.word(at: start).flatMap { Kind(rawValue: $0 >> 32 & 0xf) }
  }

  /// Counts every block that is something.
  mutating func count(_ control: WorkControl) throws(MemDumpError) {
    let layout = heaps.all[heap].layout
    try heaps.all[heap].blocks.forEach { (start) throws(MemDumpError) in
      guard let kind = try kind(of: start), let block = try layout.block(at: start, in: &words) else { return true }
      if storages.contains(start) { return true }
      let byteCount = block.footprint.byteCount
      switch kind {
      case .string:
        guard let length = try words.word(at: start + 16), Self.isString(length, in: byteCount) else { break }
        plain[0].objects.add(1, byteCount)
      case .array where byteCount == Self.arrayByteCount: plain[1].objects.add(1, byteCount)
      case .resource where byteCount == 32: plain[2].objects.add(1, byteCount)
      case .reference where byteCount == 32: plain[3].objects.add(1, byteCount)
      case .object:
        if let number = try words.word(at: start + 16).flatMap({ place throws(MemDumpError) in try row(of: place) }) {
          found[number].objects.add(1, byteCount)
        }
      default: break
      }
      return !control.isStopped
    }
  }

  /// Whether a text of a length has a block of that size, and would not have a smaller one.
  private static func isString(_ length: UInt64, in byteCount: UInt64) -> Bool {
    guard length < 1 << 40 else { return false }
    let needed = (length + stringExtra + 7) & ~7
    guard needed <= byteCount else { return false }
    if let bin = ZendChunk.bins.firstIndex(where: { $0.byteCount == byteCount }) {
      // What is made of parts asks for up to seven bytes more (zend_string_safe_alloc), and what grows may keep a little.
      return bin == 0 || byteCount <= 40 || needed + 7 > ZendChunk.bins[bin - 1].byteCount
    }
    return byteCount - needed < max(2 * ZendChunk.pageByteCount, byteCount / 2)
  }

  /// The number of the row of a class, by the address of its entry; nil where there is none.
  private mutating func row(of place: UInt64) throws(MemDumpError) -> Int? {
    if let known = classes[place] { return known }
    guard classes.count < Self.mostClasses else { return nil }
    var number: Int?
    if place & 7 == 0, let kind = try jumps.word(at: Address(place)), [1, 2].contains(kind & 0xff),
      let name = try jumps.word(at: Address(place) + 8).flatMap({ text throws(MemDumpError) in try self.text(at: text) }
      )
    {
      number = named[name] ?? found.count
      if named[name] == nil {
        named[name] = found.count
        found.append(ObjectTypes.Row(name: name, typeCount: 1))
      }
    }
    classes[place] = .some(number)
    return number
  }

  /// A text of PHP that can be the name of a class.
  private mutating func text(at place: UInt64) throws(MemDumpError) -> [UInt8]? {
    guard place & 7 == 0, let head = try jumps.word(at: Address(place)), head >> 32 & 0xf == Kind.string.rawValue,
      let length = try jumps.word(at: Address(place) + 16), length > 0, length <= Self.longestName
    else { return nil }
    let bytes = try jumps.bytes(at: Address(place) + 24, count: Int(length))
    // An anonymous class has a zero, and then where it was made.
    let name = Array(bytes.prefix { $0 != 0 })
    return bytes.count == Int(length) && !name.isEmpty && name.allSatisfy { $0 > 0x20 && $0 != 0x7f } ? name : nil
  }
}
