/// The trend of a growth over the time of a watch.
public enum Trend: String, Sendable {
  /// Growth in both halves of the time.
  case steady
  /// Growth in the first half only, such as of what fills up when a program starts.
  case early
  /// Growth in the second half only: once, or just begun.
  case late
  /// Texts or addresses that are found more often, while the process as a whole does not grow, or not by half as much:
  /// old bytes in freed memory, mostly.
  case inside
  /// Growth of chunks of one size, or of memory of one name, while there is no more of that kind as a whole: the one took
  /// the place of the other.
  case shifted
  /// Growth without a known trend: two looks tell no more.
  case unknown

  /// Whether the trend counts as growth that goes on.
  public var isGrowing: Bool { self == .steady || self == .unknown }

  /// The trend of three amounts. A half counts with at least a quarter of what an even growth would give it, so that
  /// chance and a last few chunks of a start do not make a trend.
  ///
  /// - Parameters:
  ///   - before: the amount at the first look.
  ///   - middle: the amount at a look between.
  ///   - after: the amount at the last look, more than `before`.
  ///   - share: the part of the time that was over at `middle`, between 0 and 1.
  init(before: UInt64, middle: UInt64, after: UInt64, share: Double) {
    let total = Double(after) - Double(before)
    let first = Double(middle) - Double(before)
    if total - first < total * (1 - share) / 4 {
      self = .early
    } else if first < total * share / 4 {
      self = .late
    } else {
      self = .steady
    }
  }
}

/// The amounts at the looks of a watch, thinned out so that they take no more room the longer the watch goes on.
struct TrendLine {
  /// The number of looks that are kept.
  static let limit = 32
  /// The number of templates of a look that are kept, those with most bytes.
  static let templateLimit = 4096
  private var points: [(instant: UInt64, byteCounts: [Growth.Subject: UInt64])] = []
  private var seen = 0
  private var stride = 1

  mutating func add(_ byteCounts: [Growth.Subject: UInt64], at instant: UInt64) {
    defer { seen += 1 }
    guard seen % stride == 0 else { return }
    if points.count == Self.limit {
      points = points.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
      stride *= 2
      guard seen % stride == 0 else { return }
    }
    points.append((instant, byteCounts))
  }

  /// The trend of a growth from the first look to one at `instant`.
  ///
  /// - Parameters:
  ///   - growth: the growth since the first look.
  ///   - all: the growth of all socket addresses together. A single one comes and goes by chance: it has their trend.
  ///   - wholes: the growths of the process as a whole. Texts and addresses are found in freed memory too and prove
  ///     nothing.
  ///   - kinds: the kinds of which there is more as a whole.
  func trend(
    of growth: Growth, all: Growth?, wholes: [Growth], kinds: Set<Growth.Kind> = Set(Growth.Kind.allCases),
    until instant: UInt64
  ) -> Trend {
    guard growth.kind == .template || growth.kind == .sockaddr else {
      let own = trend(of: growth, until: instant)
      return own.isGrowing && !kinds.contains(growth.kind) ? .shifted : own
    }
    let own = trend(of: growth.kind == .sockaddr ? all ?? growth : growth, until: instant)
    let isBacked = wholes.contains { whole in
      whole.byteCount >= growth.byteCount / 2 && trend(of: whole, until: instant).isGrowing
    }
    return own.isGrowing && !isBacked ? .inside : own
  }

  private func trend(of growth: Growth, until instant: UInt64) -> Trend {
    guard let start = points.first?.instant, instant > start else { return .unknown }
    let half = start + (instant - start) / 2
    func distance(_ instant: UInt64) -> UInt64 { instant > half ? instant - half : half - instant }
    let between = points.dropFirst().filter { $0.instant < instant }
    guard let middle = between.min(by: { distance($0.instant) < distance($1.instant) }) else { return .unknown }
    return Trend(
      before: growth.before.byteCount, middle: middle.byteCounts[growth.subject] ?? 0,
      after: growth.after.byteCount, share: Double(middle.instant - start) / Double(instant - start))
  }
}
