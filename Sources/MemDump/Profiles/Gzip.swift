/// A file of gzip(1) whose content is stored as it is: RFC 1952, with the stored blocks of RFC 1951, 3.2.4.
enum Gzip {
  /// The most bytes of a stored block.
  private static let mostInBlock = 0xffff

  /// The file with some content.
  static func file(_ content: [UInt8]) -> [UInt8] {
    // The method deflate, no flags, no time, no word on how well it is packed; the system is Unix.
    var file: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
    var start = 0
    repeat {
      let end = min(content.count, start + mostInBlock)
      file.append(end == content.count ? 1 : 0)
      let count = UInt16(end - start)
      append(count, to: &file)
      append(~count, to: &file)
      file += content[start..<end]
      start = end
    } while start < content.count
    var checksum = Checksum()
    checksum.add(content)
    append(checksum.value, to: &file)
    append(UInt32(truncatingIfNeeded: content.count), to: &file)
    return file
  }

  private static func append(_ number: some FixedWidthInteger, to file: inout [UInt8]) {
    for shift in stride(from: 0, to: number.bitWidth, by: 8) { file.append(UInt8(truncatingIfNeeded: number >> shift)) }
  }
}
