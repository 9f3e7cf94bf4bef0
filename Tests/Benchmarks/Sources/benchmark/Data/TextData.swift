import Foundation

/// Text as programs and people write it, and words of it to look for.
enum TextData {
  private static let places = ["/usr/include", "/usr/share/doc", "/usr/lib/python3", "/usr/share/perl"]
  private static let largest = 64 << 20

  /// A file of text, made and in the page cache.
  static func make(_ options: Options, _ workspace: Workspace) throws -> TestData.File {
    var text: [UInt8] = []
    for place in places where text.count < largest {
      let names = FileManager.default.enumerator(atPath: place)?.compactMap { $0 as? String }.sorted() ?? []
      for name in names where text.count < largest {
        var isDirectory: ObjCBool = false
        let path = "\(place)/\(name)"
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue,
          let data = FileManager.default.contents(atPath: path), !data.contains(0), data.count < 4 << 20
        else { continue }
        text += data
      }
    }
    guard text.count > 1 << 20 else { throw Failure("there is no text in \(places.joined(separator: ", "))") }
    let (path, count) = ("\(workspace.directory)/text", Int(options.fileSize))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + text.count)
    while bytes.count < count { bytes += text }
    guard FileManager.default.createFile(atPath: path, contents: Data(bytes.prefix(count))) else {
      throw Failure("cannot write \(path)")
    }
    sync()
    return TestData.File(
      path: path, byteCount: UInt64(count),
      summary: "\(sizeText(UInt64(text.count))) of headers, documents and programs, repeated")
  }

  /// So many needles of 5 to 16 letters: words of the text, and as many that are in it most likely nowhere.
  static func needles(_ count: Int, of file: TestData.File) -> [String] {
    let handle = FileHandle(forReadingAtPath: file.path)
    let text = [UInt8]((try? handle?.read(upToCount: 48 << 20)) ?? Data())
    try? handle?.close()
    var words: Set<[UInt8]> = []
    for word in text.split(whereSeparator: { !isLetter($0) }) where (5...16).contains(word.count) {
      words.insert(Array(word))
    }
    var generator = SeededGenerator()
    let chosen = words.sorted { $0.lexicographicallyPrecedes($1) }.shuffled(using: &generator)
    var needles: [String] = chosen.prefix(count / 2).map { String(decoding: $0, as: UTF8.self) }
    while needles.count < count {
      let length = Int.random(in: 6...16, using: &generator)
      let letters = (0..<length).map { _ in UInt8.random(in: UInt8(ascii: "a")...UInt8(ascii: "z"), using: &generator) }
      needles.append(String(decoding: letters, as: UTF8.self))
    }
    return needles.shuffled(using: &generator)
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
}
