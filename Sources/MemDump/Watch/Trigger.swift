/// A trigger, at which a watch takes a dump: an amount, as `heap>500M`, or a rise, as `rss>+5M/s`.
public struct Trigger: Hashable, Sendable {
  /// The metric of a trigger.
  public enum Metric: String, CaseIterable, Sendable {
    /// The bytes of malloc in use, or the size of `[heap]` where no heap is walked. Measured at each look.
    case heap
    /// The resident bytes (RSS). Measured once a second, too, without a stop.
    case rss
    /// The swapped bytes. Measured once a second, too, without a stop.
    case swap
  }

  /// The limit of a trigger.
  public enum Limit: Hashable, Sendable {
    /// More than a number of bytes.
    case amount(UInt64)
    /// A rise by more than a number of bytes in a number of nanoseconds, on average over the time between two looks.
    case rise(UInt64, per: UInt64)
  }

  /// The metric that is measured.
  public var metric: Metric
  /// The limit above which the trigger fires.
  public var limit: Limit

  /// Makes a trigger.
  public init(_ metric: Metric, _ limit: Limit) { (self.metric, self.limit) = (metric, limit) }

  /// Reads a trigger: a word, `>`, and a size as ``ByteSize`` reads it, or `+`, a size, `/` and `s`, `m` or `h`; blanks
  /// may stand around the `>`. Throws ``MemDumpError/Code/badTrigger``.
  public init(parsing text: String) throws(MemDumpError) {
    let parts = text.split(separator: ">", maxSplits: 1, omittingEmptySubsequences: false).map { $0.trimmed }
    guard parts.count == 2 else { throw MemDumpError(.trigger(text, .noComparison)) }
    guard let metric = Metric(rawValue: parts[0]) else {
      throw MemDumpError(.trigger(text, .unknownMetric(parts[0], known: Metric.allCases.map(\.rawValue))))
    }
    guard let limit = parts[1].hasPrefix("+") ? Self.rise(parts[1].dropFirst()) : Self.amount(parts[1]) else {
      throw MemDumpError(.trigger(text, parts[1].hasPrefix("+") ? .notARise : .notASize))
    }
    self.init(metric, limit)
  }

  private static func amount(_ text: String) -> Limit? { ByteSize(parsing: text).map { .amount($0.byteCount) } }

  private static func rise(_ text: Substring) -> Limit? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let size = ByteSize(parsing: String(parts[0])), size.byteCount > 0 else { return nil }
    switch parts[1] {
    case "s": return .rise(size.byteCount, per: 1_000_000_000)
    case "m": return .rise(size.byteCount, per: 60_000_000_000)
    case "h": return .rise(size.byteCount, per: 3_600_000_000_000)
    default: return nil
    }
  }
}

extension Substring {
  /// The text without blanks at its ends.
  fileprivate var trimmed: String {
    var text = drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

/// A gauge that keeps the readings of a trigger's metric in one process, as far as they matter.
struct TriggerGauge {
  let trigger: Trigger
  /// The age of the reading that a rise is measured from, in nanoseconds: nearly the time between two looks, which does
  /// not keep to the nanosecond.
  private let window: UInt64
  private var readings: [(instant: UInt64, value: UInt64)] = []

  init(_ trigger: Trigger, every: UInt64) { (self.trigger, window) = (trigger, every - every / 8) }

  /// Adds a reading. Returns whether it is above the limit.
  mutating func add(_ value: UInt64, at instant: UInt64) -> Bool {
    switch trigger.limit {
    case .amount(let limit): return value > limit
    case .rise(let byteCount, let time):
      readings.append((instant, value))
      let last = readings.partitionIndex { $0.instant &+ window > instant }
      guard last > 0 else { return false }
      readings.removeFirst(last - 1)
      let (start, before) = readings[0]
      guard value > before, instant > start else { return false }
      return Double(value - before) / Double(instant - start) > Double(byteCount) / Double(time)
    }
  }
}
