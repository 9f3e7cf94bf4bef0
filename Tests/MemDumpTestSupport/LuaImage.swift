/// Memory in which a small state of LuaJIT lies, built as LuaJIT 2.1 builds it.
public struct LuaImage {
  /// The address of the first byte.
  public let base: UInt64
  /// The bytes.
  public private(set) var bytes: [UInt8] = []
  /// The main thread, and the state.
  public let (thread, global): (UInt64, UInt64)
  private let chains: UInt64
  private var stringCount: UInt64 = 0
  private var root: UInt64
  private var total: UInt64 = 0
  private static let chainCount: UInt64 = 256

  /// Begins with a state that has a registry, globals, and some objects that every state has.
  public init(base: UInt64) {
    self.base = base
    (thread, global, chains) = (base + 64, base + 64 + 96, base + 64 + 96 + 1024)
    root = thread
    bytes = [UInt8](repeating: 0, count: Int(chains - base + Self.chainCount * 8))
    set(thread + 8, 6 << 8)
    set(thread + 16, global)
    set(global + 200, chains)
    set(global + 208, Self.chainCount - 1)
    for number in 0..<40 { _ = string("name\(number)") }
    for number in 0..<70 { _ = upvalue(UInt64(number)) }
    let loaded = table([("_LOADED", 0x7ff8_0000_0000_0001)])
    set(global + 240, Self.value(11, loaded))
    let globals = table([])
    set(thread + 72, globals)
  }

  /// A value that is an object of a type.
  public static func value(_ kind: UInt64, _ address: UInt64) -> UInt64 { ~kind << 47 | address }

  /// Writes words.
  public mutating func set(_ address: UInt64, _ words: UInt64...) {
    for (index, word) in words.enumerated() {
      for place in 0..<8 {
        bytes[Int(address - base) + index * 8 + place] = UInt8(truncatingIfNeeded: word >> (place * 8))
      }
    }
  }

  private func word(_ address: UInt64) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(bytes[Int(address - base) + $1]) << ($1 * 8) }
  }

  private mutating func allocate(_ byteCount: UInt64) -> UInt64 {
    let address = base + UInt64(bytes.count)
    bytes += [UInt8](repeating: 0, count: Int(byteCount + 7) & ~7)
    return address
  }

  private mutating func add(_ kind: UInt64, _ byteCount: UInt64) -> UInt64 {
    let address = allocate(byteCount)
    set(address, root, kind << 8)
    root = address
    set(global + 40, root)
    count(byteCount)
    return address
  }

  private mutating func count(_ byteCount: UInt64) {
    total += byteCount
    set(global + 16, total + 96 + Self.chainCount * 8)
  }

  /// Adds a string; of a text there is one.
  public mutating func string(_ text: String) -> UInt64 {
    let length = UInt64(text.utf8.count)
    let chain = chains + stringCount % Self.chainCount * 8
    for number in 0..<stringCount {
      let other = word(chains + number % Self.chainCount * 8)
      if other != 0, word(other + 16) >> 32 == length,
        Array(bytes[Int(other - base) + 24..<Int(other - base) + 24 + Int(length)]) == Array(text.utf8)
      {
        return other
      }
    }
    let address = allocate(25 + length)
    set(address, word(chain), 4 << 8, length << 32)
    for (place, byte) in text.utf8.enumerated() { bytes[Int(address - base) + 24 + place] = byte }
    set(chain, address)
    stringCount += 1
    count(25 + length)
    return address
  }

  /// Adds an upvalue that is closed over a value.
  public mutating func upvalue(_ value: UInt64) -> UInt64 {
    let address = add(5, 48)
    set(address + 16, value)
    set(address + 32, address + 16)
    return address
  }

  /// Adds a table with fields, elements and the table of its metamethods.
  public mutating func table(
    _ fields: [(String, UInt64)], elements: [UInt64] = [], metatable: UInt64 = 0
  ) -> UInt64 {
    let keys = fields.map { (string($0.0), $0.1) }
    let address = add(11, 64)
    var nodeCount: UInt64 = fields.isEmpty ? 0 : 1
    while nodeCount < fields.count { nodeCount *= 2 }
    if !fields.isEmpty, nodeCount == 1 { nodeCount = 2 }
    let nodes = nodeCount == 0 ? 0 : allocate(nodeCount * 24)
    for node in 0..<nodeCount { set(nodes + node * 24, .max, .max) }
    for (node, (key, value)) in keys.enumerated() { set(nodes + UInt64(node) * 24, value, Self.value(4, key)) }
    let array = elements.isEmpty ? 0 : allocate(UInt64(elements.count) * 8)
    for (index, value) in elements.enumerated() { set(array + UInt64(index) * 8, value) }
    set(address + 16, array, 0, metatable, nodes, UInt64(elements.count) | (nodeCount == 0 ? 0 : nodeCount - 1) << 32)
    count(nodeCount * 24 + UInt64(elements.count) * 8)
    return address
  }

  /// Makes an object a global variable, which the state has one of.
  public mutating func setGlobal(_ name: String, to object: UInt64) {
    let globals = table([(name, Self.value(11, object))])
    set(thread + 72, globals)
  }
}
