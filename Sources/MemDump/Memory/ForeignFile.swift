import SystemPackage

/// An open file that belongs to others, which a thread of its own closes: to close a file is a question, too (FUSE_FLUSH).
final class OpenedFile: Sendable {
  let file: FileDescriptor

  init(_ file: consuming Descriptor) { self.file = file.release() }

  deinit {
    let file = file
    if !FileWait.hand({ try? file.close() }) { try? file.close() }
  }
}

/// An open regular file that belongs to others, as the programs and libraries of a target do: its file system may never
/// answer, see ``FileWait``. Then the file reads as one that is not there.
final class ForeignFile: Sendable {
  /// The length of the file, in bytes.
  let byteCount: UInt64
  private let opened: OpenedFile
  /// The file, as the target has it.
  let name: [UInt8]
  private let place: FileWait.Place

  private init(_ opened: OpenedFile, _ byteCount: UInt64, _ place: FileWait.Place, _ name: [UInt8]) {
    (self.opened, self.byteCount, self.place, self.name) = (opened, byteCount, place, name)
  }

  /// Opens a file; nil where it cannot be opened.
  ///
  /// - Parameters:
  ///   - place: where the file is.
  ///   - name: the file, as the target has it.
  ///   - open: opens it.
  static func open(
    at place: FileWait.Place, about name: [UInt8], _ open: @escaping @Sendable () -> OpenedFile?
  ) -> ForeignFile? {
    FileWait.answer(of: place, about: name) { () -> ForeignFile? in
      guard let opened = open(), let byteCount = try? Syscall.attributes(opened.file).byteCount else { return nil }
      return ForeignFile(opened, byteCount, place, name)
    } ?? nil
  }

  /// The bytes of a range; none of one that lies in a hole, however large the file says that it is.
  func bytes(_ range: Range<UInt64>) -> [UInt8] {
    let range = range.clamped(to: 0..<byteCount)
    guard !range.isEmpty else { return [] }
    // The file stays open for as long as somebody reads it.
    return FileWait.answer(of: place, about: name) { self.bytesNow(range) } ?? []
  }

  private func bytesNow(_ range: Range<UInt64>) -> [UInt8] {
    let file = opened.file
    guard Syscall.holeByteCount(file, at: range.lowerBound) < range.upperBound - range.lowerBound else { return [] }
    return (try? Syscall.bytes(file, range)) ?? []
  }
}
