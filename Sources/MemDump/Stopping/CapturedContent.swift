import SystemPackage

/// What a stop does, or did, with a stretch of the selected memory.
enum CapturedContent: StretchContent {
  /// Its bytes are in the buffer from there on; in a plan, they are to be copied to there.
  case copied(at: Int)
  /// The kernel refused to read it.
  case unread(Errno)
  /// It is swapped out, and stays so.
  case swapped
  /// No page of it was there.
  case notPresent
  /// There was no room or no time for it.
  case notTaken
  /// A copy-on-write child has it.
  case inChild

  func moved(by byteCount: UInt64) -> CapturedContent {
    if case .copied(let place) = self { .copied(at: place + Int(byteCount)) } else { self }
  }
}
