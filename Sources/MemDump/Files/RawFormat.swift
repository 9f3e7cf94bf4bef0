/// Memory as it is: byte N of the file is the byte at base + N.
enum RawFormat {
  /// One piece that spans all there is to copy.
  static func layout(_ image: ProcessImage) -> FileLayout {
    guard let first = image.contents.first, let last = image.contents.last else {
      return FileLayout(header: [], memory: [], byteCount: 0)
    }
    let range = first.lowerBound..<last.upperBound
    return FileLayout(
      header: [], memory: [Stretch(range: range, content: FileOffset(0))], byteCount: range.byteCount)
  }
}
