/// The reasons why goroutines wait, by their numbers, in the runtime's own words (`runtime.waitReasonStrings`): an array of texts
/// in the program's variables. Its order differs from version to version, so nothing of it is known here but how it begins.
struct GoWaitReasons: Sendable {
  /// The texts; the first is empty. None where the table was not found.
  let texts: [String]

  private static let second = "GC assist marking"
  private static let (mostReasons, longestText): (Int, UInt64) = (128, 80)

  init(in image: GoImage, _ words: inout WordCache, _ code: inout GoCode) throws(MemDumpError) {
    let wanted = Array(Self.second.utf8)
    for ranges in [image.variables, image.constants] {
      var places: [Address] = []
      try GoImage.forEachWord(in: ranges, &words) { (address, before, text, length) throws(MemDumpError) in
        if length == UInt64(wanted.count), before == 0, text > 4096 { places.append(address + 8) }
        return places.count < 1024
      }
      for place in places {
        guard let text = try words.word(at: place), try code.bytes(at: text, count: wanted.count) == wanted else {
          continue
        }
        texts = try Self.texts(from: place, &words, &code)
        return
      }
    }
    texts = []
  }

  private static func texts(
    from place: Address, _ words: inout WordCache, _ code: inout GoCode
  ) throws(MemDumpError) -> [String] {
    var texts = [""]
    while texts.count < mostReasons {
      let next = place + UInt64(texts.count - 1) * 16
      guard let start = try words.word(at: next), let length = try words.word(at: next + 8), start > 4096,
        length > 0, length <= longestText
      else { break }
      let bytes = try code.bytes(at: start, count: Int(length))
      guard bytes.count == Int(length), bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) else { break }
      texts.append(String(decoding: bytes, as: UTF8.self))
    }
    return texts
  }
}
