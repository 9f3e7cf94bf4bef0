/// Decompression of zlib data (RFC 1950) with the method "deflate" (RFC 1951), into as many bytes as were told before. Pure, and
/// never traps.
struct Inflate {
  /// The codes of an alphabet, by their lengths: how many there are of each length, and their symbols in order (RFC 1951,
  /// 3.2.2).
  private struct Codes {
    var counts = [Int](repeating: 0, count: Inflate.longestCode + 1)
    var symbols: [UInt16]

    init(lengths: ArraySlice<UInt8>) {
      symbols = []
      for length in lengths { counts[Int(length)] += 1 }
      counts[0] = 0
      for length in 1...Inflate.longestCode {
        for (symbol, own) in lengths.enumerated() where Int(own) == length { symbols.append(UInt16(symbol)) }
      }
    }
  }

  private static let longestCode = 15
  /// What the symbols of lengths (257 and on) and of distances stand for: a least value, and bits that are added.
  private static let lengthBases = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
  ]
  private static let lengthBits = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  private static let distanceBases = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
    8193, 12289, 16385, 24577,
  ]
  private static let distanceBits = [
    0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
  ]
  /// The order in which the lengths of the codes of code lengths stand.
  private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

  private static let fixedLengths =
    [UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112) + [UInt8](repeating: 7, count: 24)
    + [UInt8](repeating: 8, count: 8)

  private let input: [UInt8]
  private var position: Int
  private var (held, heldCount): (UInt64, Int) = (0, 0)
  private var output: [UInt8] = []
  private let mostBytes: Int

  private init(_ input: [UInt8], from start: Int, mostBytes: Int) {
    (self.input, position, self.mostBytes) = (input, start, mostBytes)
  }

  /// The bytes that zlib data stands for; nil where it is none, or stands for another number of bytes, or its checksum is wrong.
  ///
  /// - Parameter byteCount: the number of bytes. No more memory than that is used, and none before there is data for it.
  static func bytes(zlib input: [UInt8], byteCount: Int) -> [UInt8]? {
    guard input.count >= 6, input[0] & 0x0f == 8, (Int(input[0]) << 8 | Int(input[1])) % 31 == 0, input[1] & 0x20 == 0
    else { return nil }
    var inflate = Inflate(input, from: 2, mostBytes: byteCount)
    guard inflate.run(), inflate.output.count == byteCount else { return nil }
    let end = inflate.position - inflate.heldCount / 8
    guard end + 4 <= input.count else { return nil }
    let expected = input[end..<end + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return checksum(inflate.output) == expected ? inflate.output : nil
  }

  /// Adler-32 (RFC 1950, 8.2).
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var (low, high): (UInt32, UInt32) = (1, 0)
    // So many bytes can be added before a sum has to be reduced.
    for start in stride(from: 0, to: bytes.count, by: 5552) {
      for index in start..<min(bytes.count, start + 5552) {
        low &+= UInt32(bytes[index])
        high &+= low
      }
      (low, high) = (low % 65521, high % 65521)
    }
    return high << 16 | low
  }

  private mutating func run() -> Bool {
    while true {
      guard let isLast = bits(1), let kind = bits(2) else { return false }
      switch kind {
      case 0: guard stored() else { return false }
      case 1:
        let lengths = Self.fixedLengths
        let distances = [UInt8](repeating: 5, count: 30)
        guard compressed(Codes(lengths: lengths[...]), Codes(lengths: distances[...])) else { return false }
      case 2: guard let (lengths, distances) = codes(), compressed(lengths, distances) else { return false }
      default: return false
      }
      if isLast == 1 { return true }
    }
  }

  /// The next bits, up to 16 of them; nil where there are not so many.
  private mutating func bits(_ count: Int) -> Int? {
    while heldCount < count {
      guard position < input.count else { return nil }
      held |= UInt64(input[position]) << UInt64(heldCount)
      position += 1
      heldCount += 8
    }
    defer {
      held >>= UInt64(count)
      heldCount -= count
    }
    return Int(held & (1 << UInt64(count) - 1))
  }

  private mutating func symbol(_ codes: Codes) -> Int? {
    var (code, first, index) = (0, 0, 0)
    for length in 1...Self.longestCode {
      guard let bit = bits(1) else { return nil }
      code |= bit
      let count = codes.counts[length]
      if code - first < count { return code >= first ? Int(codes.symbols[index + code - first]) : nil }
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    return nil
  }

  private mutating func stored() -> Bool {
    // The rest of the byte that is begun is left out.
    position -= heldCount / 8
    (held, heldCount) = (0, 0)
    guard let count = input.load(UInt16.self, at: position), let inverse = input.load(UInt16.self, at: position + 2),
      count == ~inverse, position + 4 + Int(count) <= input.count, output.count + Int(count) <= mostBytes
    else { return false }
    output += input[position + 4..<position + 4 + Int(count)]
    position += 4 + Int(count)
    return true
  }

  private mutating func codes() -> (lengths: Codes, distances: Codes)? {
    guard let more = bits(5), let moreDistances = bits(5), let moreOrders = bits(4), more <= 29 else { return nil }
    let (count, distanceCount) = (more + 257, moreDistances + 1)
    var orders = [UInt8](repeating: 0, count: 19)
    for place in Self.order.prefix(moreOrders + 4) {
      guard let length = bits(3) else { return nil }
      orders[place] = UInt8(length)
    }
    let codes = Codes(lengths: orders[...])
    var lengths: [UInt8] = []
    while lengths.count < count + distanceCount {
      guard let symbol = symbol(codes) else { return nil }
      if symbol < 16 {
        lengths.append(UInt8(symbol))
        continue
      }
      guard symbol != 16 || !lengths.isEmpty, let more = bits([2, 3, 7][symbol - 16]) else { return nil }
      lengths += [UInt8](
        repeating: symbol == 16 ? lengths[lengths.count - 1] : 0, count: more + [3, 3, 11][symbol - 16])
    }
    guard lengths.count == count + distanceCount else { return nil }
    return (Codes(lengths: lengths[..<count]), Codes(lengths: lengths[count...]))
  }

  private mutating func compressed(_ lengths: Codes, _ distances: Codes) -> Bool {
    while let symbol = symbol(lengths) {
      if symbol == 256 { return true }
      if symbol < 256 {
        guard output.count < mostBytes else { return false }
        output.append(UInt8(symbol))
        continue
      }
      guard symbol - 257 < Self.lengthBases.count, let more = bits(Self.lengthBits[symbol - 257]),
        let place = self.symbol(distances), place < Self.distanceBases.count, let far = bits(Self.distanceBits[place])
      else { return false }
      let (count, distance) = (Self.lengthBases[symbol - 257] + more, Self.distanceBases[place] + far)
      guard distance <= output.count, output.count + count <= mostBytes else { return false }
      for _ in 0..<count { output.append(output[output.count - distance]) }
    }
    return false
  }
}
