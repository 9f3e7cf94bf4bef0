import MemDumpTestSupport

@testable import MemDump

/// The memory of a small program of PHP 8.2, as PHP builds it: a chunk of its memory manager, and the variables of the interpreter.
struct PHPImage {
  static let (variables, base): (UInt64, UInt64) = (0x7f00_0010_0000, 0x7f00_0020_0000)
  private static let (mapOffset, heap): (UInt64, UInt64) = (544, base + 64)

  private(set) var bytes = [UInt8](repeating: 0, count: Int(ZendChunk.byteCount))
  private(set) var globals = [UInt8](repeating: 0, count: 4096)
  private var runs: [Int: (start: UInt64, used: UInt64)] = [:]
  private var (nextPage, usedByteCount): (UInt64, UInt64) = (1, 0)
  private var names: [String: UInt64] = [:]

  init() { setPage(0, 0x4000_0001) }

  /// A block of so many bytes; those that are not taken of its run are in use, too.
  mutating func allocate(_ byteCount: UInt64) -> UInt64 {
    guard let bin = ZendChunk.bins.firstIndex(where: { $0.byteCount >= byteCount }) else {
      let pages = (byteCount + 4095) / 4096
      defer { nextPage += pages }
      setPage(nextPage, 0x4000_0000 | UInt32(pages))
      usedByteCount += pages * 4096
      return Self.base + nextPage * 4096
    }
    let (each, count, pages) = ZendChunk.bins[bin]
    if runs[bin].map({ $0.used == count }) ?? true {
      runs[bin] = (Self.base + nextPage * 4096, 0)
      setPage(nextPage, 0x8000_0000 | UInt32(bin))
      for page in 1..<max(pages, 1) { setPage(nextPage + page, 0xc000_0000 | UInt32(bin)) }
      nextPage += pages
      usedByteCount += each * count
    }
    defer { runs[bin]?.used += 1 }
    return runs[bin].map { $0.start + $0.used * each } ?? 0
  }

  private mutating func setPage(_ number: UInt64, _ entry: UInt32) {
    let place = Int(Self.mapOffset + number * 4)
    bytes.replaceSubrange(place..<place + 4, with: CoreBuilder.bytes(entry))
  }

  mutating func put(_ words: [UInt64], at address: UInt64) {
    for (number, word) in words.enumerated() {
      let place = address + UInt64(number) * 8
      if place < Self.base {
        let place = Int(place - Self.variables)
        globals.replaceSubrange(place..<place + 8, with: CoreBuilder.bytes(word))
      } else {
        let place = Int(place - Self.base)
        bytes.replaceSubrange(place..<place + 8, with: CoreBuilder.bytes(word))
      }
    }
  }

  /// The header of a counted value of a type.
  static func header(_ type: UInt64) -> UInt64 { type << 32 | 1 }

  /// A value: where it leads, and its type.
  struct Value {
    var (word, type): (UInt64, UInt64)

    static func number(_ number: UInt64) -> Value { Value(word: number, type: 4) }
    static func string(_ place: UInt64) -> Value { Value(word: place, type: 0x106) }
    static func array(_ place: UInt64) -> Value { Value(word: place, type: 0x307) }
    static func object(_ place: UInt64) -> Value { Value(word: place, type: 0x308) }
    static func reference(_ place: UInt64) -> Value { Value(word: place, type: 0x30a) }
    static func indirect(_ place: UInt64) -> Value { Value(word: place, type: 12) }
    static func pointer(_ place: UInt64) -> Value { Value(word: place, type: 13) }
  }

  /// A string; of a text there is one.
  mutating func string(_ text: String) -> UInt64 {
    if let known = names[text] { return known }
    let place = allocate(25 + UInt64(text.utf8.count))
    put([Self.header(6), 7, UInt64(text.utf8.count)], at: place)
    for (number, byte) in text.utf8.enumerated() { bytes[Int(place - Self.base) + 24 + number] = byte }
    names[text] = place
    return place
  }

  /// A table with keys, at a place or in a block.
  @discardableResult
  mutating func table(_ entries: [(key: String, value: Value)], at place: UInt64? = nil) -> UInt64 {
    var size: UInt64 = 8
    while size < UInt64(entries.count) { size *= 2 }
    let storage = allocate(size * 4 + size * 32)
    let place = place ?? allocate(56)
    let mask = UInt64(0 &- UInt32(size)) << 32
    let count = UInt64(entries.count)
    put([Self.header(7), 0x10 | mask, storage + size * 4, count << 32 | count, size, 0, 0], at: place)
    for (number, entry) in entries.enumerated() {
      let name = string(entry.key)
      put([entry.value.word, entry.value.type, 7, name], at: storage + size * 4 + UInt64(number) * 32)
    }
    return place
  }

  /// An array without keys.
  mutating func list(_ values: [Value]) -> UInt64 {
    var size: UInt64 = 8
    while size < UInt64(values.count) { size *= 2 }
    let (storage, place) = (allocate(8 + size * 16), allocate(56))
    let count = UInt64(values.count)
    put([Self.header(7), 0xffff_fffe << 32 | 0x14, storage + 8, count << 32 | count, size, 0, 0], at: place)
    for (number, value) in values.enumerated() { put([value.word, value.type], at: storage + 8 + UInt64(number) * 16) }
    return place
  }

  /// A reference, as `&` makes one.
  mutating func reference(to value: Value) -> UInt64 {
    let place = allocate(32)
    put([Self.header(10), value.word, value.type], at: place)
    return place
  }

  /// The tables of names that a class has: methods, properties, static ones with their values.
  mutating func type(
    _ name: String, isOfProgram: Bool = true, methods: [(key: String, value: Value)] = [], properties: [String] = [],
    statics: [(key: String, value: Value)] = [], staticByteCount: UInt64? = nil, parent: UInt64 = 0
  ) -> UInt64 {
    let place = allocate(512)
    let title = string(name)
    put([isOfProgram ? 2 : 1, title, parent], at: place)
    put([UInt64(statics.count) << 32 | UInt64(properties.count)], at: place + 32)
    if !statics.isEmpty {
      let values = allocate(staticByteCount ?? UInt64(statics.count) * 16)
      for (number, entry) in statics.enumerated() {
        put([entry.value.word, entry.value.type], at: values + UInt64(number) * 16)
      }
      put([values], at: place + 56)
    }
    table(methods, at: place + 64)
    var entries: [(key: String, value: Value)] = []
    for (number, property) in properties.enumerated() {
      let info = allocate(56)
      put([0x1 << 32 | (40 + UInt64(number) * 16), string(property), 0, 0, place], at: info)
      entries.append((property, .pointer(info)))
    }
    for (number, entry) in statics.enumerated() {
      let info = allocate(56)
      put([0x11 << 32 | UInt64(number), string(entry.key), 0, 0, place], at: info)
      entries.append((entry.key, .pointer(info)))
    }
    table(entries, at: place + 120)
    table([], at: place + 176)
    return place
  }

  /// An object with its properties, and so many bytes behind them.
  mutating func object(of type: UInt64, _ properties: [Value] = [], behind: UInt64 = 0) -> UInt64 {
    let place = allocate(40 + max(1, UInt64(properties.count)) * 16 + behind)
    put([Self.header(8), 1, type, 0, 0], at: place)
    for (number, value) in properties.enumerated() {
      put([value.word, value.type], at: place + 40 + UInt64(number) * 16)
    }
    return place
  }

  /// A function of the program, with the names of its variables and a table of static ones.
  mutating func function(_ name: String?, variables: [String], statics: UInt64 = 0, at place: UInt64? = nil) -> UInt64 {
    let place = place ?? allocate(256)
    let list = variables.isEmpty ? 0 : allocate(UInt64(variables.count) * 8)
    put([2, name.map { string($0) } ?? 0, 0], at: place)
    // The number of variables stands among other numbers.
    put([UInt64(variables.count) << 32 | 24, 10, place], at: place + 72)
    put([statics, 0, list], at: place + 96)
    put([string("/srv/app/worker.php"), 20 << 32 | 12], at: place + 152)
    for (number, variable) in variables.enumerated() { put([string(variable)], at: list + UInt64(number) * 8) }
    return place
  }

  /// Puts what the interpreter has by name in place, with a stack of one call.
  mutating func finish(
    globals: [(key: String, value: Value)], classes: [(key: String, value: UInt64)],
    functions: [(key: String, value: UInt64)], frame: (function: UInt64, variables: [Value])? = nil
  ) {
    table([("_GET", .number(0))] + globals, at: Self.variables + 64)
    let first = function("zend_version", variables: [])
    put([1], at: first)
    let table = table([("zend_version", .pointer(first))] + functions.map { ($0.key, .pointer($0.value)) })
    put([table, self.table(classes.map { ($0.key, .pointer($0.value)) })], at: Self.variables + 192)
    if let frame {
      let stack = allocate(8192)
      let (call, end) = (stack + 32, stack + 8192)
      let top = call + 80 + UInt64(frame.variables.count) * 16
      put([0, end, 0], at: stack)
      put([0, 0, 0, frame.function], at: call)
      for (number, value) in frame.variables.enumerated() {
        put([value.word, value.type], at: call + 80 + UInt64(number) * 16)
      }
      put([top, end, stack, 8192, call], at: Self.variables + 256)
    }
    let real = ZendChunk.byteCount
    put([Self.heap, Self.base, Self.base, 512 - nextPage], at: Self.base)
    for page in 0..<nextPage { bytes[Int(Self.mapOffset) - 64 + Int(page / 8)] |= 1 << UInt8(page % 8) }
    let lists = [UInt64](repeating: 0, count: 30)
    put([0, 0, usedByteCount, usedByteCount] + lists + [real, real, 1 << 40, 0, 0, Self.base, 0], at: Self.heap)
  }

  func memory() throws -> TestMemory { try TestMemory([Self.variables: globals, Self.base: bytes]) }
}
