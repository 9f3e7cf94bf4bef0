/// Whether the next pages of a file are mapped or copied: by what both cost, which is measured now and then.
///
/// From a page cache of large folios they are mapped at next to no cost. From one of single pages, which is all that older
/// kernels have, each of them costs a quarter more to map than to copy.
struct FillMethod {
  /// A method is trusted for so many times the bytes that it was tried with.
  private static let trust: UInt64 = 64

  /// Whether to map.
  private(set) var maps = true

  private let trial: UInt64
  /// What a byte costs in nanoseconds; not known before it was tried.
  private var (mapping, copying): (Double?, Double?) = (nil, nil)
  private var isTrial = true
  private var (byteCount, nanoseconds): (UInt64, UInt64) = (0, 0)

  /// - Parameter trial: with how many bytes a method is tried.
  init(trial: Int) { self.trial = UInt64(trial) }

  /// Takes note of what it cost to fill so many bytes by the method of the moment.
  mutating func note(byteCount: UInt64, nanoseconds: UInt64) {
    self.byteCount &+= byteCount
    self.nanoseconds &+= nanoseconds
    guard self.byteCount >= (isTrial ? trial : trial * Self.trust) else { return }
    let cost = Double(self.nanoseconds) / Double(self.byteCount)
    if maps { mapping = cost } else { copying = cost }
    (self.byteCount, self.nanoseconds) = (0, 0)
    if isTrial, let mapping, let copying {
      (maps, isTrial) = (mapping <= copying, false)
    } else {
      (maps, isTrial) = (!maps, true)
    }
  }
}
