import ScanReferences

@testable import MemDump

/// The memory of a small Python program, byte by byte: the table of pools and types among its variables, and pools with objects.
struct PythonImage {
  let poolByteCount: UInt64
  /// Where the characters of a text begin.
  let textOffset: UInt64
  private(set) var variables = [UInt8](repeating: 0, count: PythonInput.variablesByteCount)
  private(set) var heap: [UInt8] = []
  /// For each size of blocks its pool and how many blocks of that were handed out.
  private var pools: [UInt64: (pool: UInt64, count: UInt64)] = [:]
  private var nextType: UInt64 = PythonInput.variablesStart + 0x400
  private var nextName: UInt64 = PythonInput.variablesStart + 0x1c00
  /// The types that every program has.
  private(set) var type, object, text, list, dict, module: UInt64

  static let table: UInt64 = PythonInput.variablesStart + 0x100
  static let (collected, made, isList, isText, isDict, isType): (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (
    1 << 14, 1 << 9, 1 << 25, 1 << 28, 1 << 29, 1 << 31
  )

  init(poolByteCount: UInt64 = 16 << 10, textOffset: UInt64 = 48) {
    (self.poolByteCount, self.textOffset) = (poolByteCount, textOffset)
    (type, object, text, list, dict, module) = (0, 0, 0, 0, 0, 0)
    for number in 0..<32 as Range<UInt64> {
      let head = Self.table + number * 16 - 16
      put(head, at: head + 16)
      put(head, at: head + 24)
    }
    type = addType("type", basic: 408, flags: Self.collected | Self.isType)
    put(type, at: type + 8)
    object = addType("object", basic: 16, flags: 0)
    text = addType("str", basic: 80, flags: Self.isText)
    list = addType("list", basic: 40, flags: Self.collected | Self.isList)
    dict = addType("dict", basic: 48, flags: Self.collected | Self.isDict)
    module = addType("module", basic: 56, flags: Self.collected)
  }

  /// Adds a type. One that the program made has a dictionary with its module.
  mutating func addType(_ name: String, basic: UInt64, flags: UInt64, module: String? = nil) -> UInt64 {
    let address = nextType
    nextType += 0x180
    put(1, at: address)
    put(type, at: address + 8)
    put(nextName, at: address + 24)
    for byte in Array(name.utf8) + [0] {
      variables[Int(nextName - PythonInput.variablesStart)] = byte
      nextName += 1
    }
    put(basic, at: address + 32)
    put(flags | (module == nil ? 0 : Self.made), at: address + 168)
    put(object, at: address + 256)
    if let module {
      let (key, value) = (addText("__module__"), addText(module))
      put(addDictionary([(key, value)]), at: address + 264)
    }
    return address
  }

  /// Adds a block in use with these words. Returns its address.
  mutating func add(_ byteCount: UInt64, _ words: [UInt64] = []) -> UInt64 {
    var (pool, count) = pools[byteCount] ?? (0, 0)
    if pool == 0 || 48 + (count + 1) * byteCount > poolByteCount {
      pool = PythonInput.heapStart + UInt64(heap.count)
      heap += [UInt8](repeating: 0, count: Int(poolByteCount))
      count = 0
      put((byteCount / 16 - 1) << 32, at: pool + 32)
    }
    let block = pool + 48 + count * byteCount
    pools[byteCount] = (pool, count + 1)
    put(word(at: pool) + 1, at: pool)
    put(48 + (count + 1) * byteCount | (poolByteCount - byteCount) << 32, at: pool + 40)
    for (number, word) in words.enumerated() { put(word, at: block + UInt64(number) * 8) }
    return block
  }

  /// Gives a block back, as the first of its pool's list.
  mutating func free(_ block: UInt64) {
    let pool = block & ~(poolByteCount - 1)
    put(word(at: pool + 8), at: block)
    put(block, at: pool + 8)
    put(word(at: pool) - 1, at: pool)
  }

  /// Adds a text. Returns where the object is.
  mutating func addText(_ characters: String) -> UInt64 {
    let bytes = Array(characters.utf8)
    let address = add((textOffset + UInt64(bytes.count) + 16) & ~15, [1, text, UInt64(bytes.count), 0, 0x64])
    for (offset, byte) in bytes.enumerated() { putByte(byte, at: address + textOffset + UInt64(offset)) }
    return address
  }

  /// Adds an object with a head of the collector. Returns where the object is, behind the head.
  mutating func addObject(of type: UInt64, _ words: [UInt64], byteCount: UInt64? = nil) -> UInt64 {
    let size = byteCount ?? (UInt64(words.count) * 8 + 32 + 15) & ~15
    return add(size, [0x7f00_0000_1000, 0x7f00_0000_2000, 1, type] + words) + 16
  }

  /// Adds a list with room for one more item.
  mutating func addList(_ items: [UInt64]) -> UInt64 {
    let room = (UInt64(items.count) * 8 + 8 + 15) & ~15
    let block = items.isEmpty ? 0 : add(room, items)
    return addObject(of: list, [UInt64(items.count), block, UInt64(items.count) + 1])
  }

  /// Adds a dictionary with a table of its own.
  mutating func addDictionary(_ entries: [(key: UInt64, value: UInt64)]) -> UInt64 {
    var words: [UInt64] = [1, 3, 0, UInt64(entries.count), 0]
    for entry in entries { words += [0x1234, entry.key, entry.value] }
    let keys = add((UInt64(words.count) * 8 + 15) & ~15, words)
    return addObject(of: dict, [UInt64(entries.count), 7, keys, 0])
  }

  mutating func put(_ word: UInt64, at address: UInt64) {
    for byte in 0..<8 as Range<UInt64> { putByte(UInt8(truncatingIfNeeded: word >> (byte * 8)), at: address + byte) }
  }

  mutating func putByte(_ byte: UInt8, at address: UInt64) {
    if address >= PythonInput.heapStart {
      heap[Int(address - PythonInput.heapStart)] = byte
    } else {
      variables[Int(address - PythonInput.variablesStart)] = byte
    }
  }

  func word(at address: UInt64) -> UInt64 {
    let (bytes, start) =
      address >= PythonInput.heapStart ? (heap, PythonInput.heapStart) : (variables, PythonInput.variablesStart)
    return (0..<8).reduce(0) { $0 | UInt64(bytes[Int(address - start) + $1]) << UInt64($1 * 8) }
  }

  /// The bytes as an input of the fuzz target.
  var bytes: [UInt8] { variables + heap }

  func memory(program: String = "/srv/app") throws -> NamedMemory {
    try NamedMemory(PythonInput(bytes, program: program).pieces)
  }
}

extension PythonImage {
  /// A program with some sessions in a list that a module has under a name, and some more in a dictionary of another one.
  static func ofSessions(poolByteCount: UInt64 = 16 << 10, textOffset: UInt64 = 48) -> PythonImage {
    var image = PythonImage(poolByteCount: poolByteCount, textOffset: textOffset)
    let session = image.addType("Session", basic: 32, flags: collected, module: "__main__")
    let other = image.addType("Session", basic: 32, flags: collected, module: "app.models")
    let sessions = (0..<40).map { _ in image.addObject(of: session, [0, 0]) }
    let others = (0..<10).map { number in
      (key: image.addText("session-\(number)"), value: image.addObject(of: other, [0, 0]))
    }
    for (name, key, value) in [
      ("__main__", "SESSIONS", image.addList(sessions)), ("app.models", "REGISTRY", image.addDictionary(others)),
    ] {
      let entries = [(image.addText("__name__"), image.addText(name)), (image.addText(key), value)]
      let globals = image.addDictionary(entries)
      _ = image.addObject(of: image.module, [globals, 0, 0, 0, 0])
    }
    return image
  }
}
