import Foundation

/// How long the process stands still, as its own threads see it.
struct PauseSuite {
  let contest: Contest

  func report() throws -> String {
    let isInMemory = contest.workspace.memoryDirectory != nil
    let place = isInMemory ? "tmpfs, which favours those who write while they hold it" : "the disk"
    var parts = [
      """
      The largest time between two heartbeats of any of 4 threads of the process, which beat every 75 microseconds. It \
      holds the wait for a processor too: `nothing` is what the machine does alone. All write to \(place).
      """
    ]
    for size in contest.options.pauseSizes { parts.append(try section(size)) }
    return parts.joined(separator: "\n\n")
  }

  private func section(_ size: UInt64) throws -> String {
    progress("pause: \(sizeText(size))")
    let fixture = try Fixture(contest.workspace, ["--fill", "\(size)", "--threads", "4"])
    let dumpers = Dumpers(workspace: contest.workspace, fixture: fixture, region: try fixture.region("fill"))
    let file = "\(contest.workspace.memoryDirectory ?? contest.workspace.directory)/dump"
    var contenders: [Contender] = [
      .timed("nothing", ["sleep", "0.2"]),
      dumpers.memdump("memdump live", mode: "live", file: file),
      dumpers.memdump("memdump stop", mode: "stop", file: file),
    ]
    if Tool.gdb.isInstalled { contenders.append(dumpers.gdb("gdb", file: file)) }
    if Tool.gcore.isInstalled { contenders.append(dumpers.gcore("gcore", file: file)) }
    let outcomes = contest.run(contenders.map { gapMeasuring($0, fixture) })
    let comparison = Comparison(yardsticks: ["nothing"], reference: "memdump stop", quantity: "gap", showsElapsed: true)
    return "### \(sizeText(size)), 4K pages\n\n\(comparison.text(outcomes))"
  }

  /// The same contender, with the gap in place of the time.
  private func gapMeasuring(_ contender: Contender, _ fixture: Fixture) -> Contender {
    var measuring = contender
    measuring.prepare = {
      try contender.prepare()
      _ = try fixture.gap()
    }
    measuring.measure = { child in
      let gap = try fixture.gap()
      var measurement = try contender.measure(child)
      measurement.nanoseconds = gap
      let report = try? JSONSerialization.jsonObject(with: Data(child.lastOutput.utf8)) as? [String: Any]
      measurement.result = (report?["pause_ns"] as? UInt64).map { "says \(timeText($0))" } ?? ""
      return measurement
    }
    return measuring
  }
}
