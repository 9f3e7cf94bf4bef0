/// What events of all threads of a process gave between two instants.
struct EventSlice {
  /// A place that events wait at, and how much of the stack their samples have.
  struct Place: Hashable {
    var subject: Syscall.PerfSubject
    var stackByteCount: Int
  }

  /// How much a slice may be.
  struct Limits {
    /// The longest time that events count, in nanoseconds.
    var time: UInt64
    /// The samples after which the slice is ended, of all events together.
    var sampleCount: Int
    /// The samples after which the kernel disarms an event, whatever becomes of us.
    var eventSampleCount: Int
  }

  /// The samples, in the order of their instants.
  private(set) var samples: [PerfSample] = []
  /// When every event counted, and none had been disarmed or lost a record yet, in nanoseconds of the monotonic clock.
  private(set) var window: Range<UInt64>
  /// How long events counted, from the first to the last, in nanoseconds.
  let armedTime: UInt64
  private(set) var lostCount: UInt64 = 0
  /// Whether the kernel disarmed an event before the end.
  private(set) var isCapped = false

  /// Puts together what the rings of threads gave.
  ///
  /// - Parameters:
  ///   - records: the records of each thread, as they came.
  ///   - armed: when the first event counted, when the last one did, and when the first one was disarmed.
  ///   - limit: the samples after which the kernel disarms an event.
  ///   - isExecution: whether events wait for instructions, each for one; otherwise all samples of a thread are of one event.
  init(
    _ records: [[PerfRecord]], armed: (first: UInt64, all: UInt64, end: UInt64), limit: Int, isExecution: Bool = true
  ) {
    armedTime = armed.end - min(armed.first, armed.end)
    var end = max(armed.all, armed.end)
    for thread in records {
      var counts: [Address: Int] = [:]
      var last = armed.all
      for record in thread {
        switch record {
        case .sample(let sample):
          samples.append(sample)
          last = sample.instant
          let place = isExecution ? sample.address : Address(0)
          counts[place, default: 0] += 1
          if counts[place] == limit {
            isCapped = true
            end = min(end, sample.instant)
          }
        case .lost(let count, _):
          // The first one that was lost came after the last one that was not.
          lostCount &+= count
          end = min(end, last)
        case .other: break
        }
      }
    }
    window = armed.all..<max(armed.all, end)
    samples.sort { ($0.instant, $0.thread) < ($1.instant, $1.thread) }
  }
}
