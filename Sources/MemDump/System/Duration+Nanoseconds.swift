extension Duration {
  /// The whole nanoseconds of the duration: none where it is negative, and 36 years where it is longer, so that what is added
  /// to it does not overflow.
  package var nanosecondCount: UInt64 {
    let longest: Int64 = 1 << 60
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    guard seconds < longest / 1_000_000_000 else { return UInt64(longest) }
    return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds) / 1_000_000_000
  }
}
