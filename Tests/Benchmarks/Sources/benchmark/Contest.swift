import Foundation

/// One number of one run, and what else is worth knowing about it.
struct Measurement {
  /// What is compared: a time, or a gap.
  var nanoseconds: UInt64
  /// Wall clock, where that is something else.
  var elapsed: UInt64
  var cpuNanoseconds: UInt64
  var peakByteCount: UInt64
  /// What came out, so that a contender that does less is seen.
  var result: String

  init(_ child: Child, result: String = "") {
    (nanoseconds, elapsed) = (child.nanoseconds, child.nanoseconds)
    (cpuNanoseconds, peakByteCount, self.result) = (child.cpuNanoseconds, child.peakByteCount, result)
  }
}

/// Somebody who is measured.
struct Contender {
  let name: String
  let command: [String]
  /// The contenders whose work its own is at least: none can be faster than the slowest of them.
  var limits: [String] = []
  /// Where its standard output goes.
  var output: Child.Output
  /// What has to happen before each run, outside of the measurement.
  var prepare: () throws -> Void
  /// Checks what a run has done, and makes the numbers of it.
  var measure: (Child) throws -> Measurement

  init(
    _ name: String, _ command: [String], output: Child.Output = .discarded, prepare: @escaping () throws -> Void = {},
    measure: @escaping (Child) throws -> Measurement
  ) {
    (self.name, self.command, self.output, self.prepare, self.measure) = (name, command, output, prepare, measure)
  }

  /// A contender of which the time alone matters.
  static func timed(_ name: String, _ command: [String]) -> Contender {
    Contender(name, command) { child in
      guard child.exitStatus == 0 else { throw child.failure }
      return Measurement(child)
    }
  }
}

/// Lets contenders run in turns, A B C A B C, so that what else happens on the machine hits all of them.
struct Contest {
  /// What a contender did.
  struct Outcome {
    var contender: Contender
    /// By round; not all contenders take part in all.
    var measurements: [Int: Measurement] = [:]
    /// Why it does not take part any more.
    var failure: String?

    var secondsSpent: Double { measurements.values.reduce(0) { $0 + Double($1.elapsed) / 1e9 } }

    func median(_ value: (Measurement) -> UInt64) -> UInt64 {
      UInt64(benchmark.median(measurements.values.map { Double(value($0)) }))
    }

    /// The speed as a part of that of the slowest of others: the median over the rounds in which all took part.
    func speed(ofLimits limits: [Outcome]) -> Double? {
      let speeds = measurements.compactMap { round, own -> Double? in
        let times = limits.compactMap { $0.measurements[round]?.nanoseconds }
        guard !times.isEmpty, times.count == limits.count, let limit = times.max() else { return nil }
        return Double(limit) / Double(own.nanoseconds)
      }
      return speeds.isEmpty ? nil : benchmark.median(speeds)
    }

    /// The median over the rounds in which both took part.
    func ratio(to other: Outcome) -> Double? {
      let ratios = measurements.compactMap { round, own in
        other.measurements[round].map { Double(own.nanoseconds) / Double($0.nanoseconds) }
      }
      return ratios.isEmpty ? nil : benchmark.median(ratios)
    }
  }

  let options: Options
  let workspace: Workspace

  func run(_ contenders: [Contender], rounds: Int? = nil) -> [Outcome] {
    var outcomes = contenders.map { Outcome(contender: $0) }
    for round in 0..<(rounds ?? options.rounds) {
      for index in outcomes.indices where outcomes[index].failure == nil {
        guard outcomes[index].secondsSpent <= options.patience else { continue }
        let contender = outcomes[index].contender
        do {
          try contender.prepare()
          let child = try workspace.run(contender.command, output: contender.output, timeout: options.timeout)
          outcomes[index].measurements[round] = try contender.measure(child)
        } catch {
          let text = workspace.readable("\(error)").replacingOccurrences(of: "\n", with: " ")
          outcomes[index].failure = text.trimmingCharacters(in: .whitespaces)
          progress("\(contender.name), round \(round + 1): \(error)")
        }
      }
    }
    return outcomes
  }
}
