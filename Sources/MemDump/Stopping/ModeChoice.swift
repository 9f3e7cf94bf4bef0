/// A mode for a look at a process, chosen by what the look takes.
///
/// Measured with heaps of 4 MiB to 1 GiB on an idle machine: a copy in a stop goes at 10 GiB a second or more, and a fork
/// stops the process for a third of that time. Up to 256 MiB that makes no difference worth a child; on a busy machine a
/// copy has been seen to go at 4 GiB a second.
public struct ModeChoice: Hashable, Sendable {
  /// The reason against a copy in a stop.
  public enum Reason: Hashable, Sendable {
    /// A fork stops the process for a shorter time.
    case large(byteCount: UInt64)
    /// A fork stops the process for a shorter time than it takes to read the map.
    case manyMappings(count: Int)
    /// The copy takes longer than the process may stand still; in nanoseconds.
    case time(expected: UInt64, allowed: UInt64)
    /// There is not enough memory for the copy; in bytes.
    case room(needed: UInt64, available: UInt64)
  }

  /// The mode.
  public var mode: LookMode
  /// The reason against a copy in a stop, which otherwise comes first; nil where there is none, or where a mode was asked
  /// for.
  public var reason: Reason?
  /// The reason against a snapshot, which comes next.
  public var snapshotProblem: SnapshotProblem?

  /// The most that is copied in a stop where a fork would do, in bytes.
  static let copiedByteCount: UInt64 = 256 << 20
  /// The most mappings of which the map is read in a stop where a fork would do: the kernel copies a mapping in less time than it
  /// takes to read the line of it (0.8 and 1.4 µs on one machine, 1.6 and 1.7 on another).
  static let mappingCount = 16384
  /// The bytes that a copy goes at in a second, at least.
  static let copyRate: UInt64 = 4 << 30

  /// The choices for a process, the best first. One that cannot be made, which shows when it is tried, leads to the next.
  ///
  /// - Parameters:
  ///   - byteCount: the bytes that would be copied.
  ///   - mappings: the number of mappings of the process.
  ///   - room: the bytes that there is room for; nil where that is not known.
  ///   - budget: how long the process may stand still, in nanoseconds.
  static func candidates(
    copying byteCount: UInt64, mappings: Int = 0, room: UInt64?, budget: UInt64
  ) -> [ModeChoice] {
    let byteCount = min(byteCount, .max / 2)
    let needed = byteCount + byteCount / 16 + (1 << 20)
    let expected = byteCount / (copyRate / 1_000_000_000)
    let stop = ModeChoice(mode: .stop)
    let reason: Reason
    if let room, needed > room {
      reason = .room(needed: needed, available: room)
    } else if expected > budget {
      reason = .time(expected: expected, allowed: budget)
    } else if byteCount > copiedByteCount {
      return [ModeChoice(mode: .snapshot, reason: .large(byteCount: byteCount)), stop]
    } else if mappings > mappingCount {
      return [ModeChoice(mode: .snapshot, reason: .manyMappings(count: mappings)), stop]
    } else {
      return [stop]
    }
    return [ModeChoice(mode: .snapshot, reason: reason), ModeChoice(mode: .live, reason: reason)]
  }

  /// The choices for the memory of a process that is selected.
  static func candidates(
    for memory: LiveMemory, _ ranges: [Range<Address>], budget: UInt64
  ) -> [ModeChoice] {
    let resident = ranges.flatMap { memory.regions.parts(of: $0) }.reduce(0) { sum, part in
      sum + min(part.content?.usage?.resident ?? 0, part.range.byteCount)
    }
    return candidates(
      copying: resident, mappings: memory.regions.count, room: MemoryRoom.available(), budget: budget)
  }
}
