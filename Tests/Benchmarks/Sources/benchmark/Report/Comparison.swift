/// The table of a contest.
struct Comparison {
  /// The work, for the column GB/s; nil leaves that out.
  var byteCount: UInt64?
  /// The contenders that all are compared with, in a column each.
  var yardsticks: [String]
  /// The contender of whose time all times are given as multiples.
  var reference: String
  /// Whether all are compared with their limits, in a column.
  var showsLimit = false
  /// What is compared.
  var quantity = "time"
  /// Whether the quantity is something else than the time that a run takes.
  var showsElapsed = false

  func text(_ outcomes: [Contest.Outcome]) -> String {
    var header = ["contender", quantity, "min–max"]
    if byteCount != nil { header.append("GB/s") }
    header += yardsticks.map { "\(byteCount == nil ? quantity : "speed") ÷ \($0)" }
    if showsLimit { header.append("speed ÷ limit") }
    header.append("\(quantity) ÷ \(reference)")
    if showsElapsed { header.append("run takes") }
    var table = MarkdownTable(header + ["CPU", "peak", "result", "runs"])
    for outcome in outcomes { table.add(row(outcome, outcomes)) }
    return table.text
  }

  private func row(_ outcome: Contest.Outcome, _ outcomes: [Contest.Outcome]) -> [String] {
    let values = outcome.measurements.values.map(\.nanoseconds)
    let last = outcome.measurements.max { $0.key < $1.key }?.value
    guard let least = values.min(), let most = values.max(), let last else {
      let columnCount =
        8 + yardsticks.count + (byteCount == nil ? 0 : 1) + (showsElapsed ? 1 : 0) + (showsLimit ? 1 : 0)
      return [outcome.contender.name, outcome.failure ?? "not run"] + Array(repeating: "", count: columnCount - 2)
    }
    let middle = outcome.median(\.nanoseconds)
    var cells = [outcome.contender.name, timeText(middle), "\(timeText(least))–\(timeText(most))"]
    if let byteCount { cells.append(three(Double(byteCount) / Double(middle))) }
    cells += yardsticks.map { name in
      ratio(outcome, name, outcomes).map { ratioText(byteCount == nil ? $0 : 1 / $0) } ?? ""
    }
    if showsLimit {
      let limits = outcomes.filter { outcome.contender.limits.contains($0.contender.name) }
      cells.append(outcome.speed(ofLimits: limits).map(ratioText) ?? "")
    }
    cells.append(ratio(outcome, reference, outcomes).map(ratioText) ?? "")
    if showsElapsed { cells.append(timeText(outcome.median(\.elapsed))) }
    cells.append(timeText(outcome.median(\.cpuNanoseconds)))
    cells.append(sizeText(outcome.median(\.peakByteCount)))
    let failure = outcome.failure.map { "; then failed: \($0)" } ?? ""
    cells += [last.result + failure, "\(outcome.measurements.count)"]
    return cells
  }

  private func ratio(_ outcome: Contest.Outcome, _ name: String, _ outcomes: [Contest.Outcome]) -> Double? {
    outcomes.first { $0.contender.name == name }.flatMap { outcome.ratio(to: $0) }
  }
}

/// The commands behind the names of a table.
func commandList(_ outcomes: [Contest.Outcome], _ workspace: Workspace, _ words: [String: String] = [:]) -> String {
  outcomes.map { "- \($0.contender.name): `\(workspace.readable($0.contender.command, words))`" }.joined(
    separator: "\n")
}
