/// The choice to map or to copy the next pages of a file: by the cost of both, which is measured now and then.
///
/// Pages in large folios of the page cache are mapped at next to no cost. Single pages, which are all that older
/// kernels have, each cost a quarter more to map than to copy.
struct FillMethod {
  /// A method is trusted for this many times the bytes of its trial.
  private static let trust: UInt64 = 64

  /// Whether to map the next pages.
  private(set) var maps = true

  private let trial: UInt64
  /// The cost of a byte by each method, in nanoseconds; nil before the method was tried.
  private var (mapping, copying): (Double?, Double?) = (nil, nil)
  private var isTrial = true
  private var (byteCount, nanoseconds): (UInt64, UInt64) = (0, 0)

  /// - Parameter trial: the number of bytes with which a method is tried.
  init(trial: Int) { self.trial = UInt64(trial) }

  /// Takes note of the time it took to fill `byteCount` bytes by the present method.
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
