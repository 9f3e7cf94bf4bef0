extension PythonReader {
  /// The most instructions of a function, in units of two bytes.
  private static let mostInstructions: UInt64 = 1 << 24

  /// The type of the object to which a word leads; nil where that is none.
  mutating func type(at word: UInt64, _ words: inout WordCache) throws(MemDumpError) -> PythonType? {
    guard word & 7 == 0, word >> 16 != 0, word >> 47 == 0, let object = try object(at: Address(word), &words) else {
      return nil
    }
    return types.all[object.type]
  }

  /// Where the instructions of a code object lie, from 3.11 on: behind all else, and it counts them.
  mutating func instructions(of code: Address, _ words: inout WordCache) throws(MemDumpError) -> Range<Address>? {
    guard let type = try type(at: code.rawValue, &words), let count = try words.word(at: code + 16), count > 0,
      count < Self.mostInstructions
    else { return nil }
    return Range(start: code + type.basicByteCount, byteCount: count * 2)
  }

  /// The bytes of an object of bytes, not too many; nil for anything else.
  mutating func contents(
    at word: UInt64, most: UInt64, _ words: inout WordCache
  ) throws(MemDumpError) -> [UInt8]? {
    guard try type(at: word, &words)?.isBytes == true, let count = try words.word(at: Address(word) + 16), count <= most
    else { return nil }
    let bytes = try words.bytes(at: Address(word) + 32, count: Int(count))
    return bytes.count == Int(count) ? bytes : nil
  }

  /// The characters of a text in UTF-8, not too long; nil for anything else.
  mutating func characters(at word: UInt64?, _ words: inout WordCache) throws(MemDumpError) -> [UInt8]? {
    if let text = try text(at: word, &words) { return text }
    guard let word, try type(at: word, &words)?.isText == true, let count = try words.word(at: Address(word) + 16),
      count <= Self.longestText, let state = try words.number(at: Address(word) + 32)
    else { return nil }
    // Characters of 1, 2 or 4 bytes each, right behind the structure.
    let (width, isCompact, isASCII) = (Int(state >> 2 & 7), state >> 5 & 1 == 1, state >> 6 & 1 == 1)
    guard isCompact, !isASCII, [1, 2, 4].contains(width) else { return nil }
    let offset: UInt64 = layout.textOffset == 48 ? 72 : 56
    let bytes = try words.bytes(at: Address(word) + offset, count: Int(count) * width)
    guard bytes.count == Int(count) * width else { return nil }
    var text = ""
    for index in stride(from: 0, to: bytes.count, by: width) {
      let number = (0..<width).reduce(UInt32(0)) { $0 | UInt32(bytes[index + $1]) << UInt32(8 * $1) }
      guard let character = Unicode.Scalar(number) else { return nil }
      text.unicodeScalars.append(character)
    }
    return Array(text.utf8)
  }
}

extension WordCache {
  /// The number of 32 bits at a multiple of 4; nil where it is not known.
  mutating func number(at address: Address) throws(MemDumpError) -> UInt32? {
    let word = try word(at: Address(address.rawValue & ~7))
    return word.map { UInt32(truncatingIfNeeded: $0 >> (address.rawValue & 4 == 0 ? 0 : 32)) }
  }
}
