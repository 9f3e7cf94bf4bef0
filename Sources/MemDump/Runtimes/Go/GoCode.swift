/// The bytes of a Go program that do not change: its tables of functions, and texts. They are read from memory, and where that
/// does not have them, as in most cores, from the file of the same build.
struct GoCode: ~Copyable {
  private var words: WordCache
  private let file: ObjectFile?
  private let bias: UInt64
  /// Whether there is a file under the program's name of another build, which was not used.
  let isOtherBuild: Bool

  /// The most bytes of a text.
  private static let textLimit = 4096

  /// - Parameters:
  ///   - source: the memory; of a process, that of the live one, whose files are there.
  ///   - image: the program in it.
  ///   - process: the process, where it still runs.
  init(_ source: any MemorySource, _ image: GoImage, process: TargetProcess?) throws(MemDumpError) {
    var words = try WordCache(source, .jumps)
    var (file, bias, isOther): (ObjectFile?, UInt64, Bool) = (nil, 0, false)
    if process == nil {
      let files = ModuleFiles(
        Module(path: image.first.name, first: image.first), process: nil, source: source, SymbolAllowance())
      (file, bias, isOther) = (files.own, files.bias ?? 0, files.isOtherBuild)
      // A Go program need not have the build-id that linkers of C give, but it has one of its own in its first page.
      if let own = file, image.first.fileOffset == 0 {
        let known = try words.bytes(at: image.first.range.lowerBound, count: Int(pageSize))
        if !own.bytes(0..<pageSize).starts(with: known) { (file, isOther) = (nil, true) }
      }
    }
    (self.file, self.bias, isOtherBuild) = (file, bias, isOther)
    self.words = words
  }

  /// The bytes from an address on, as many of `count` as are known.
  mutating func bytes(at address: UInt64, count: Int) throws(MemDumpError) -> [UInt8] {
    guard count > 0 else { return [] }
    let found = try words.bytes(at: Address(address), count: count)
    if found.count == count { return found }
    guard let more = file?.bytes(atAddress: address &- bias, count: UInt64(count)), more.count > found.count else {
      return found
    }
    return Array(more.prefix(count))
  }

  /// The text at an address, up to its NUL; nil where there is none within a few thousand bytes.
  mutating func text(at address: UInt64) throws(MemDumpError) -> [UInt8]? {
    var count = 64
    while count <= Self.textLimit {
      let bytes = try bytes(at: address, count: count)
      if let end = bytes.firstIndex(of: 0) { return Array(bytes[..<end]) }
      if bytes.count < count { return nil }
      count *= 4
    }
    return nil
  }

  /// A number at an address, low byte first; nil where it is not known.
  mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type, at address: UInt64
  ) throws(MemDumpError) -> Number? {
    try bytes(at: address, count: MemoryLayout<Number>.size).load(type, at: 0)
  }
}
