/// A made-up build of HotSpot: the file of its library, which tells a layout of our own, and the memory of a program under G1.
public struct HotSpotInput {
  /// Where the library is, where the structures of the process begin and its objects, and the size of its regions.
  public static let (base, structures, objects, regionByteCount): (UInt64, UInt64, UInt64, UInt64) = (
    0x7f00_0000_0000, 0x7f00_0001_0000, 0x7f00_0002_0000, 0x1_0000
  )
  /// How many bytes of an input the structures have.
  public static let structuresByteCount = 0x1000

  /// The rows of the table of structures: what is without a member is a variable, at that place of the structures.
  private static let rows: [(type: String, field: String, place: UInt64, isVariable: Bool)] = [
    ("Universe", "_collectedHeap", 0, true), ("CompressedKlassPointers", "_base", 8, true),
    ("CompressedKlassPointers", "_shift", 16, true), ("ThreadsSMRSupport", "_java_thread_list", 24, true),
    ("java_lang_Class", "_oop_size_offset", 32, true), ("G1HeapRegion", "GrainBytes", 40, true),
    ("ThreadLocalAllocBuffer", "_reserve_for_allocation_prefetch", 48, true), ("JVMFlag", "flags", 56, true),
    ("JVMFlag", "numFlags", 64, true), ("CollectedHeap", "_reserved", 8, false), ("MemRegion", "_start", 0, false),
    ("MemRegion", "_word_size", 8, false), ("CollectedHeap", "_is_stw_gc_active", 24, false),
    ("G1CollectedHeap", "_hrm", 32, false), ("G1HeapRegionManager", "_regions", 8, false),
    ("G1HeapRegionTable", "_base", 0, false), ("G1HeapRegionTable", "_length", 8, false),
    ("G1HeapRegion", "_bottom", 0, false), ("G1HeapRegion", "_top", 8, false), ("ThreadsList", "_length", 4, false),
    ("ThreadsList", "_threads", 8, false), ("Thread", "_tlab", 16, false), ("ThreadLocalAllocBuffer", "_top", 0, false),
    ("ThreadLocalAllocBuffer", "_end", 8, false), ("Klass", "_layout_helper", 8, false), ("Klass", "_name", 16, false),
    ("Symbol", "_length", 4, false), ("Symbol", "_body", 6, false), ("JVMFlag", "_name", 0, false),
    ("JVMFlag", "_addr", 8, false),
  ]
  /// The flags, whose values are bytes of the structures from there on.
  private static let (flags, flagValues): ([String], UInt64) = (["UseG1GC", "UseCompactObjectHeaders"], 0x60)

  /// The file of the library, as it lies in memory.
  public static var library: [UInt8] { built.file }
  private static let built: (file: [UInt8], flags: UInt64) = {
    var image = LibraryImage(base: base)
    let names = Set(rows.flatMap { [$0.type, $0.field] } + flags + ["markWord::klass_shift"]).sorted()
    let places = Dictionary(uniqueKeysWithValues: names.map { ($0, image.add(text: $0)) })
    func place(_ name: String) -> UInt64 { places[name] ?? 0 }
    let structs = image.add(
      words: rows.flatMap { row in
        [
          place(row.type), place(row.field), row.isVariable ? 1 : 0, row.isVariable ? 0 : row.place,
          row.isVariable ? structures + row.place : 0,
        ]
      } + [0, 0, 0, 0, 0])
    let types = image.add(words: [place("JVMFlag"), 16, 0, 0])
    let constants = image.add(words: [place("markWord::klass_shift"), 42, 0, 0])
    let list = image.add(words: flags.enumerated().flatMap { [place($1), structures + flagValues + UInt64($0)] })
    image.publish("Struct", rows: structs, ["TypeName", "FieldName", "IsStatic", "Offset", "Address"])
    image.publish("Type", rows: types, ["TypeName", "Size"])
    image.publish("LongConstant", rows: constants, ["Name", "Value"])
    return (image.file, list)
  }()

  /// The pieces that have bytes, in order.
  public let pieces: [(start: UInt64, bytes: [UInt8], name: String, inode: Int)]

  /// Takes an input apart.
  ///
  /// - Parameters:
  ///   - bytes: the structures, and then objects.
  ///   - library: the path of a file that is ``library``.
  public init(_ bytes: [UInt8], library path: String) {
    let parts: [(start: UInt64, bytes: [UInt8], name: String, inode: Int)] = [
      (Self.base, Self.library, path, 7), (Self.structures, Array(bytes.prefix(Self.structuresByteCount)), "", 0),
      (Self.objects, Array(bytes.dropFirst(Self.structuresByteCount).prefix(1 << 20)), "", 0),
    ]
    pieces = parts.filter { !$0.bytes.isEmpty }
  }

  /// The classes of ``program(compact:)``, in the order of their numbers.
  public enum Class: UInt64, CaseIterable, Sendable {
    case object = 1, session, bytes, names, classes, stack

    var name: String {
      switch self {
      case .object: "java/lang/Object"
      case .session: "app/Session"
      case .bytes: "[B"
      case .names: "[[Ljava/lang/String;"
      case .classes: "java/lang/Class"
      case .stack: "jdk/internal/vm/StackChunk"
      }
    }

    /// The size of an object, or 16 bytes before elements of one byte or of four (klass.hpp).
    var layout: UInt32 {
      switch self {
      case .object: 16
      case .session: 32
      case .bytes: 0xc010_0000
      case .names: 0x8010_0002
      case .classes: 112
      case .stack: 64
      }
    }
  }

  /// An object of a program: its class, its length if it is an array, or the words of a class or a stack.
  public typealias Object = (class: Class, length: UInt64)

  /// The structures and the objects of a program.
  ///
  /// - Parameters:
  ///   - regions: the objects of each region; after those of the last one a thread has room for its next ones.
  ///   - room: that room, in bytes.
  ///   - compact: whether the class is a part of the marks.
  public static func program(_ regions: [[Object]], room: UInt64 = 0x100, compact: Bool = false) -> [UInt8] {
    var memory = [UInt8](repeating: 0, count: structuresByteCount + regions.count * Int(regionByteCount))
    func put(_ words: [UInt64], at address: UInt64) {
      let place = Int(address >= objects ? address - objects + UInt64(structuresByteCount) : address - structures)
      for (number, word) in words.enumerated() {
        for byte in 0..<8 { memory[place + number * 8 + byte] = UInt8(truncatingIfNeeded: word >> (byte * 8)) }
      }
    }
    put(
      [
        structures + 0x100, structures + 0x400, 6, structures + 0x300, 96, regionByteCount, 8, built.flags,
        UInt64(flags.count),
      ], at: structures)
    put([compact ? 0x101 : 1], at: structures + flagValues)
    // What manages the heap: its class, what is set aside, no collection, and the regions.
    let count = UInt64(regions.count)
    put([base, objects, count * regionByteCount / 8, 0, 0, structures + 0x180, count], at: structures + 0x100)
    put((0..<count).map { structures + 0x200 + $0 * 16 }, at: structures + 0x180)
    put([count > 0 ? 1 << 32 : 0, structures + 0x320, 0, 0, structures + 0x340], at: structures + 0x300)
    put([structures + 0x340], at: structures + 0x320)
    for kind in Class.allCases {
      let (place, symbol) = (structures + 0x400 + kind.rawValue << 6, structures + 0x800 + kind.rawValue << 6)
      put([base, UInt64(kind.layout), symbol], at: place)
      var text: [UInt64] = Array(repeating: 0, count: 7)
      let bytes = [0, 0, 0, 0, UInt8(kind.name.utf8.count), 0] + Array(kind.name.utf8)
      for (number, byte) in bytes.enumerated() { text[number / 8] |= UInt64(byte) << (number % 8 * 8) }
      put(text, at: symbol)
    }
    for (number, region) in regions.enumerated() {
      let bottom = objects + UInt64(number) * regionByteCount
      var next = bottom
      for object in region {
        let number = object.class.rawValue
        switch object.class {
        case .bytes, .names:
          put(compact ? [number << 42 | 1, object.length] : [1, number | object.length << 32], at: next)
        default: put(compact ? [number << 42 | 1] : [1, number], at: next)
        }
        if object.class == .classes { put([object.length], at: next + 96) }
        if object.class == .stack { put([object.length << 32], at: next + 24) }
        next += Self.byteCount(of: object)
      }
      if number == regions.count - 1 {
        // The room of the thread, behind which is what was there before: half an object.
        put([next, next + room], at: structures + 0x340 + 16)
        next += room + 64
        put([3, Class.session.rawValue, 3], at: next - 24)
      }
      put([bottom, min(next, objects + count * regionByteCount)], at: structures + 0x200 + UInt64(number) * 16)
    }
    return memory
  }

  /// The bytes that an object takes.
  public static func byteCount(of object: Object) -> UInt64 {
    switch object.class {
    case .object: 16
    case .session: 32
    case .bytes: (16 + object.length + 7) & ~7
    case .names: (16 + object.length * 4 + 7) & ~7
    case .classes: max(112, object.length * 8)
    case .stack: 64 + (object.length + (object.length * 2 + 63) / 64) * 8
    }
  }
}

/// A library as it lies in memory and in its file, which has one segment and a table of symbols.
private struct LibraryImage {
  let base: UInt64
  private var content = [UInt8](repeating: 0, count: 0x200)
  private var symbols: [(name: String, place: UInt64)] = []

  init(base: UInt64) { self.base = base }

  private mutating func align() { content += [UInt8](repeating: 0, count: (8 - content.count % 8) % 8) }

  private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }

  /// Adds a text; returns its address.
  mutating func add(text: String) -> UInt64 {
    content += Array(text.utf8) + [0]
    return base + UInt64(content.count - text.utf8.count - 1)
  }

  /// Adds words; returns their address.
  mutating func add(words: [UInt64]) -> UInt64 {
    align()
    let place = content.count
    for word in words { content += Self.bytes(word) }
    return base + UInt64(place)
  }

  /// Adds the variables that say where a table is, and how its rows are built: a word for each column.
  mutating func publish(_ name: String, rows: UInt64, _ columns: [String]) {
    let words =
      [("\(name)s", rows), ("\(name)EntryArrayStride", UInt64(columns.count * 8))]
      + columns.enumerated().map { ("\(name)Entry\($1)Offset", UInt64($0 * 8)) }
    for (name, word) in words { symbols.append(("gHotSpotVM\(name)", add(words: [word]) - base)) }
  }

  /// The file: elf(5).
  var file: [UInt8] {
    var copy = self
    copy.align()
    var names: [UInt8] = [0]
    var table = [UInt8](repeating: 0, count: 24)
    for symbol in symbols {
      table += Self.bytes(UInt32(names.count)) + [0x11, 0] + Self.bytes(UInt16(1)) + Self.bytes(symbol.place)
      table += Self.bytes(UInt64(8))
      names += Array(symbol.name.utf8) + [0]
    }
    let tablePlace = copy.content.count
    copy.content += table
    let namesPlace = copy.content.count
    copy.content += names
    copy.align()
    let sections = copy.content.count
    func section(_ kind: UInt32, _ place: Int, _ count: Int, link: UInt32, each: UInt64) -> [UInt8] {
      var bytes = Self.bytes(UInt32(0)) + Self.bytes(kind)
      for word in [0, 0, UInt64(place), UInt64(count)] as [UInt64] { bytes += Self.bytes(word) }
      bytes += Self.bytes(link) + Self.bytes(UInt32(0))
      for word in [8, each] as [UInt64] { bytes += Self.bytes(word) }
      return bytes
    }
    copy.content += [UInt8](repeating: 0, count: 64)
    copy.content += section(11, tablePlace, table.count, link: 2, each: 24)
    copy.content += section(3, namesPlace, names.count, link: 0, each: 0)
    copy.content += [UInt8](repeating: 0, count: (0x1000 - copy.content.count % 0x1000) % 0x1000)
    let count = UInt64(copy.content.count)
    var header: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 62, 0, 1, 0, 0, 0]
    for word in [0, 64, UInt64(sections)] { header += Self.bytes(word) }
    header += Self.bytes(UInt32(0))
    for number in [64, 56, 1, 64, 3, 0] as [UInt16] { header += Self.bytes(number) }
    header += Self.bytes(UInt32(1)) + Self.bytes(UInt32(6))
    for word in [0, 0, 0, count, count, 4096] { header += Self.bytes(word) }
    copy.content.replaceSubrange(0..<header.count, with: header)
    return copy.content
  }
}
