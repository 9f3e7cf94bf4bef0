/// The classes that objects of HotSpot name: each is looked at once.
struct HotSpotClasses: ~Copyable {
  /// How large the objects of a class are.
  enum Size {
    /// All of one size, in bytes.
    case fixed(UInt64)
    /// Arrays: what comes before the elements, and the shift that makes bytes of their number.
    case array(header: UInt64, shift: UInt64)
    /// Classes as objects, with their static variables behind the size of one without: each tells its own size in words.
    case mirror(UInt64)
    /// Stacks of virtual threads, behind the size of one without.
    case stack(UInt64)
  }

  /// A class.
  struct Class {
    /// What objects name it by.
    var number: UInt64
    var size: Size
    /// Its place among ``names``; nil for what is no class.
    var row: Int?
  }

  /// The names of the classes, as programs write them. Classes of several loaders may have one.
  private(set) var names: [[UInt8]] = []
  /// How many classes have each.
  private(set) var counts: [Int] = []
  private let heap: HotSpotHeap
  private var reader: HotSpotReader
  private var rows: [[UInt8]: Int] = [:]
  private var known: [UInt64: Class] = [:]
  /// Those met last.
  private var recent: [Class]

  private static let recentCount = 1 << 12
  private static let (mostClasses, mostNameLength) = (1 << 20, 4096)
  /// The bytes that all names may have together.
  private static let mostNameBytes = 1 << 28
  private var nameByteCount = 0

  init(_ heap: HotSpotHeap, in source: any MemorySource) throws(MemDumpError) {
    let reader = try HotSpotReader(heap.structs, in: source)
    self.heap = heap
    self.reader = reader
    recent = Array(repeating: Class(number: .max, size: .fixed(0), row: nil), count: Self.recentCount)
  }

  /// The class that an object names.
  @inline(__always)
  mutating func named(_ number: UInt64) throws(MemDumpError) -> Class {
    // Addresses of classes end with zeros.
    let slot = Int(truncatingIfNeeded: (number ^ number >> 6) & UInt64(Self.recentCount - 1))
    if recent[slot].number == number { return recent[slot] }
    let found = try look(number)
    recent[slot] = found
    return found
  }

  private mutating func look(_ number: UInt64) throws(MemDumpError) -> Class {
    if let found = known[number] { return found }
    var found = Class(number: number, size: .fixed(0), row: nil)
    let place = heap.classBase &+ number << heap.classShift
    // Names are bounded by their number, too: short ones need more memory than their bytes.
    if number != 0, names.count < Self.mostClasses, let (size, name) = try read(place) {
      found.size = size
      found.row = rows[name] ?? names.count
      if let row = rows[name] {
        counts[row] += 1
      } else {
        rows[name] = names.count
        names.append(name)
        counts.append(1)
      }
    }
    if known.count < Self.mostClasses { known[number] = found }
    return found
  }

  /// Reads a class (klass.hpp); nil for what is none.
  private mutating func read(_ place: UInt64) throws(MemDumpError) -> (Size, [UInt8])? {
    guard let helper = try reader.word(place, "Klass._layout_helper"),
      let symbol = try reader.word(place, "Klass._name"),
      let length = try reader.word(symbol, "Symbol._length").map({ Int($0 & 0xffff) }), length > 0,
      nameByteCount < Self.mostNameBytes, let body = reader.place(symbol, "Symbol._body[0]", "Symbol._body")
    else { return nil }
    let name = try reader.words.bytes(at: Address(body), count: length)
    guard name.count == length, let plain = ModifiedUTF8.plain(name),
      let size = Self.size(Int32(truncatingIfNeeded: helper), of: name)
    else { return nil }
    var title = Self.title(of: plain)
    if title.count > Self.mostNameLength { title = title.prefix(Self.mostNameLength) + Array("…".utf8) }
    nameByteCount += title.count
    return (size, title)
  }

  /// The size that a layout helper tells (klass.hpp).
  private static func size(_ helper: Int32, of name: [UInt8]) -> Size? {
    if helper > 0 {
      let size = UInt64(helper) & ~7
      guard size >= 8 else { return nil }
      if name == Array("java/lang/Class".utf8) { return .mirror(size) }
      return name == Array("jdk/internal/vm/StackChunk".utf8) ? .stack(size) : .fixed(size)
    }
    let (header, shift) = (UInt64(UInt32(bitPattern: helper)) >> 16 & 0xff, UInt64(UInt32(bitPattern: helper)) & 0xff)
    guard helper < 0, name[0] == UInt8(ascii: "["), (12...32).contains(header), shift <= 3 else { return nil }
    return .array(header: header, shift: shift)
  }

  /// The name of a class as programs write it: `java.lang.String[]` for `[Ljava/lang/String;` (JVMS 4.3.2).
  static func title(of name: [UInt8]) -> [UInt8] {
    let depth = name.prefix { $0 == UInt8(ascii: "[") }.count
    var element = name.dropFirst(depth)
    if depth > 0, let primitive = element.count == 1 ? primitives[element[depth]] : nil {
      element = Array(primitive.utf8)[...]
    } else if depth > 0, element.first == UInt8(ascii: "L"), element.last == UInt8(ascii: ";") {
      element = element.dropFirst().dropLast()
    }
    var title = element.map { $0 == UInt8(ascii: "/") ? UInt8(ascii: ".") : $0 }
    // What tells hidden classes of one name apart, an address, stands behind a slash (`Klass::external_name`).
    let address = title.suffix(Self.hiddenByteCount)
    if address.count == Self.hiddenByteCount, address.starts(with: "+0x".utf8),
      address.dropFirst(3).allSatisfy({
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
      })
    {
      title[address.startIndex] = UInt8(ascii: "/")
    }
    for _ in 0..<depth { title += Array("[]".utf8) }
    return title
  }

  /// The length of `+0x`, and of an address of 64 bits behind it.
  private static let hiddenByteCount = 19
  private static let primitives: [UInt8: String] = [
    UInt8(ascii: "Z"): "boolean", UInt8(ascii: "B"): "byte", UInt8(ascii: "C"): "char", UInt8(ascii: "S"): "short",
    UInt8(ascii: "I"): "int", UInt8(ascii: "J"): "long", UInt8(ascii: "F"): "float", UInt8(ascii: "D"): "double",
  ]
}
