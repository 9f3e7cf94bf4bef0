/// The layout of a raw dump: byte N of the file is the byte at base + N.
enum RawFormat {
  /// A layout of one piece that spans all memory to copy.
  static func layout(_ image: ProcessImage) -> FileLayout {
    guard let first = image.contents.first, let last = image.contents.last else {
      return FileLayout(header: [], memory: [], byteCount: 0)
    }
    let range = first.lowerBound..<last.upperBound
    return FileLayout(
      header: [], memory: [Stretch(range: range, content: FileOffset(0))], byteCount: range.byteCount)
  }
}
