/// A reader of the objects of a Python program. Memory is asked through caches of words of whoever reads.
struct PythonReader: ~Copyable {
  /// An object: the number of its type in ``PythonTypes/all``, and where it is. There are millions of them.
  struct Object: Hashable, Sendable {
    private let bits: UInt64
    private static let addressBitCount: UInt64 = 48

    init(type: Int, address: Address) {
      bits = UInt64(type) << Self.addressBitCount | address.rawValue & (1 << Self.addressBitCount - 1)
    }

    var type: Int { Int(bits >> Self.addressBitCount) }
    var address: Address { Address(bits & (1 << Self.addressBitCount - 1)) }

    /// Whether an object can be at an address.
    static func canBe(at address: Address) -> Bool { address.rawValue >> addressBitCount == 0 }
  }

  /// What a block is.
  enum Content: Hashable, Sendable {
    case object(Object)
    /// An object that its type keeps for the next one (count 0).
    case spare
    case other
  }

  var types: PythonTypes
  private(set) var layout = PythonLayout()
  private var leads: [UInt64]

  /// The longest text that is read, in characters.
  static let longestText: UInt64 = 256
  private static let text = Array("str".utf8)

  /// - Parameters:
  ///   - source: the memory.
  ///   - constants: the memory with the constants of programs.
  ///   - memory: where a type can lie, in order.
  ///   - layout: the layout, where it is known.
  init(
    _ source: any MemorySource, constants: any MemorySource, in memory: [Range<Address>],
    layout: PythonLayout = PythonLayout()
  ) throws(MemDumpError) {
    types = try PythonTypes(source, constants: constants, in: memory)
    self.layout = layout
    leads = layout.leads
  }

  /// Takes the layout from some blocks of the heap.
  mutating func learn(from blocks: [Range<Address>], _ words: inout WordCache) throws(MemDumpError) {
    layout = try PythonLayout.vote(blocks, &words, &types)
    leads = layout.leads
    var texts: [Address] = []
    for block in blocks {
      if case .object(let object) = try content(of: block, &words), types.all[object.type].name == Self.text {
        texts.append(object.address)
      }
    }
    try layout.voteOnTexts(texts, &words)
  }

  /// Takes where characters begin from texts.
  mutating func learn(fromTexts texts: [Address], _ words: inout WordCache) throws(MemDumpError) {
    try layout.voteOnTexts(texts, &words)
  }

  /// What a block is. An object is believed only where its own type has it begin, with room for what its type says.
  @inline(__always)
  mutating func content(of block: Range<Address>, _ words: inout WordCache) throws(MemDumpError) -> Content {
    let byteCount = block.byteCount
    guard Object.canBe(at: block.upperBound) else { return .other }
    for lead in leads where lead &+ 16 <= byteCount {
      let place = Address(block.lowerBound.rawValue &+ lead)
      guard let word = try words.word(at: place + 8), let number = try types.number(of: word) else { continue }
      let shape = types.shapes[number]
      guard layout.lead(of: shape.flags) == lead, lead &+ shape.leastByteCount <= byteCount,
        let count = try words.word(at: place)
      else { continue }
      if count == 0 { return .spare }
      if PythonLayout.isCount(count) { return .object(Object(type: number, address: place)) }
    }
    return .other
  }

  /// The object at an address, which need not be in a block; nil where there is none.
  mutating func object(at address: Address, _ words: inout WordCache) throws(MemDumpError) -> Object? {
    guard Object.canBe(at: address), let word = try words.word(at: address + 8),
      let number = try types.number(of: word),
      let count = try words.word(at: address), PythonLayout.isCount(count)
    else { return nil }
    return Object(type: number, address: address)
  }

  /// The end of what an object has, in a block that may be longer: what stands behind it is left over.
  func end(of object: Object, in block: Range<Address>, _ words: inout WordCache) throws(MemDumpError) -> Address {
    let type = types.all[object.type]
    if layout.hasManaged, type.hasInlineValues { return block.upperBound }
    var end = object.address + type.basicByteCount
    if type.itemByteCount > 0 {
      // Those of other types need not tell how many they have.
      guard type.isTuple || type.isType, let count = try words.word(at: object.address + 16), count >> 32 == 0 else {
        return block.upperBound
      }
      end = end + count * type.itemByteCount
    }
    return min(end, block.upperBound)
  }

  /// The characters of a text of ASCII, not too long; nil for anything else.
  mutating func text(at address: UInt64?, _ words: inout WordCache) throws(MemDumpError) -> [UInt8]? {
    guard let address, let object = try object(at: Address(address), &words), types.all[object.type].name == Self.text,
      let count = try words.word(at: object.address + 16), count <= Self.longestText
    else { return nil }
    let bytes = try words.bytes(at: object.address + layout.textOffset, count: Int(count) + 1)
    guard bytes.count == Int(count) + 1, bytes.last == 0 else { return nil }
    let text = Array(bytes.dropLast())
    return text.contains { $0 == 0 || $0 >= 0x80 } ? nil : text
  }
}
