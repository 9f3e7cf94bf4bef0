import SystemPackage

/// The content of a stretch of selected memory, as a stop plans it or left it.
enum CapturedContent: StretchContent {
  /// The bytes are in the buffer from an offset on; in a plan, they are to be copied there.
  case copied(at: Int)
  /// The kernel refused to read the stretch.
  case unread(Errno)
  /// The stretch is swapped out, and stays so.
  case swapped
  /// No page of the stretch was present.
  case notPresent
  /// There was no room or no time for the stretch.
  case notTaken
  /// A copy-on-write child has the stretch.
  case inChild

  func moved(by byteCount: UInt64) -> CapturedContent {
    if case .copied(let place) = self { .copied(at: place + Int(byteCount)) } else { self }
  }
}
