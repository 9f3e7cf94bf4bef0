import Foundation

/// Whether the machine was quiet: the processor time that others have used since this was made.
///
/// The load average says little: it looks back too far, and counts who waits for a disk.
struct LoadMeter {
  private let started = ContinuousClock.now
  private let busy = Self.busySeconds
  private let own = Self.ownSeconds

  /// A sentence.
  var text: String {
    let elapsed = (ContinuousClock.now - started) / .seconds(1)
    let others = max(0, Self.busySeconds - busy - (Self.ownSeconds - own))
    let share = others / elapsed / Double(sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    return "Took \(Int(elapsed)) s, in which others used \(Int((share * 100).rounded())) % of the processors."
  }

  /// All processors' time that was not idle.
  private static var busySeconds: Double {
    let text = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
    let ticks = (text.split(separator: "\n").first ?? "").split(separator: " ").compactMap { Double($0) }
    guard ticks.count >= 8 else { return 0 }
    return (ticks[0..<3].reduce(0, +) + ticks[5..<8].reduce(0, +)) / Double(sysconf(CInt(_SC_CLK_TCK)))
  }

  /// The time of this process and of its children that have ended.
  private static var ownSeconds: Double {
    [RUSAGE_SELF.rawValue, RUSAGE_CHILDREN.rawValue].reduce(0) { sum, who in
      var usage = rusage()
      getrusage(CInt(who), &usage)
      return sum + usage.ru_utime.seconds + usage.ru_stime.seconds
    }
  }
}

extension timeval {
  fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}
