import Foundation

/// How long the process stands still, as its own threads see it.
struct PauseSuite {
  let contest: Contest

  /// From here on a run takes seconds, and what keeps a copy may find no room.
  private static let largeSize: UInt64 = 4 << 30

  func report() throws -> String {
    var parts = [
      """
      The largest time between two heartbeats of any thread of the process, which beat every 75 microseconds, in \
      real time where that is granted, so that they wait for no processor: `nothing` is what the machine does alone. \
      `bare fork` is how long a fork by the process itself takes, which no snapshot can be shorter than; `bare copy` how long \
      two threads take that do nothing but copy the region out of the process, which no stop can. All write to tmpfs, which \
      favours those who write while they hold the process, but those of 4 GiB and more, which write to the disk. Who keeps \
      a copy of all in memory takes part where there is room for that.
      """
    ]
    for size in contest.options.pauseSizes {
      for isHuge in [false, true] {
        for threads in size < Self.largeSize ? [1, 8] : [1] { parts.append(try section(size, isHuge, threads)) }
      }
    }
    parts.append(try busySection())
    parts.append(try stackSection())
    return parts.joined(separator: "\n\n")
  }

  /// The pause of those who look at the stacks of a thousand threads.
  private func stackSection() throws -> String {
    progress("pause: the stacks of 1,000 threads")
    let fixture = try Fixture(contest.workspace, ["--sleepers", "1000", "--threads", "1", "--realtime"])
    let process = "\(fixture.id)"
    var contenders = [looker("memdump stacks", [contest.workspace.memdump, "stacks", process, "--json"], fixture)]
    if Tool.euStack.isInstalled { contenders.append(looker("eu-stack", ["eu-stack", "-p", process], fixture)) }
    if Tool.gdb.isInstalled {
      let command = ["gdb", "-nx", "-batch", "-p", process, "-ex", "thread apply all bt"]
      contenders.append(looker("gdb", command, fixture))
    }
    let comparison = Comparison(
      yardsticks: ["memdump stacks"], reference: "memdump stacks", quantity: "gap", showsElapsed: true)
    let outcomes = contest.run(contenders.map { gapMeasuring($0, fixture) })
    return "### The stacks of 1,000 threads\n\n\(comparison.text(outcomes))"
  }

  private func looker(_ name: String, _ command: [String], _ fixture: Fixture) -> Contender {
    Contender(name, command, output: .counted, prepare: { kill(fixture.id, SIGCONT) }) { child in
      guard child.exitStatus == 0 else { throw child.failure }
      try fixture.checkRuns()
      return Measurement(child)
    }
  }

  /// The same pause while eight others want the processors all the time.
  private func busySection() throws -> String {
    progress("pause: beside busy loops")
    let fixture = try Fixture(contest.workspace, ["--fill", "\(64 << 20)", "--threads", "1", "--realtime"])
    let dumpers = Dumpers(workspace: contest.workspace, fixture: fixture, region: try fixture.region("fill"))
    let file = "\(contest.workspace.memoryDirectory ?? contest.workspace.directory)/dump"
    let modes = ["stop", "snapshot"]
    let quiet = modes.map { gapMeasuring(dumpers.memdump("memdump \($0)", mode: $0, file: file), fixture) }
    let busy = modes.map { mode in
      let contender = dumpers.memdump("\(mode) beside 8 loops", mode: mode, file: file)
      return besideLoops(gapMeasuring(contender, fixture))
    }
    let comparison = Comparison(
      yardsticks: ["memdump stop"], reference: "stop beside 8 loops", quantity: "gap", showsElapsed: true)
    return "### 64 MiB, alone and beside 8 busy loops\n\n\(comparison.text(contest.run(quiet + busy)))"
  }

  /// The same contender, with eight processes beside it that compute without an end.
  private func besideLoops(_ contender: Contender) -> Contender {
    var beside = contender
    let loops = BusyLoops()
    beside.prepare = {
      try contender.prepare()
      try loops.start()
    }
    beside.measure = { child in
      defer { loops.end() }
      return try contender.measure(child)
    }
    return beside
  }

  private func section(_ size: UInt64, _ isHuge: Bool, _ threads: Int) throws -> String {
    let title =
      "\(sizeText(size)), \(isHuge ? "huge" : "4K") pages, \(threads == 1 ? "1 thread" : "\(threads) threads")"
    progress("pause: \(title)")
    // Itself, a copy of it, and what others use meanwhile.
    let hasRoom = Environment.availableByteCount >= size / 10 * 23
    let options = ["--fill", "\(size)", "--threads", "\(threads)", "--realtime"] + (isHuge ? ["--thp"] : [])
    let fixture = try Fixture(contest.workspace, options)
    let dumpers = Dumpers(workspace: contest.workspace, fixture: fixture, region: try fixture.region("fill"))
    let directory = size < Self.largeSize ? contest.workspace.memoryDirectory : nil
    let file = "\(directory ?? contest.workspace.directory)/dump"
    var contenders: [Contender] = [
      .timed("nothing", ["sleep", "0.2"]),
      dumpers.memdump("memdump live", mode: "live", file: file),
    ]
    if hasRoom { contenders.append(dumpers.memdump("memdump stop", mode: "stop", file: file)) }
    contenders.append(dumpers.memdump("memdump snapshot", mode: "snapshot", file: file))
    if Tool.gdb.isInstalled, hasRoom { contenders.append(dumpers.gdb("gdb", file: file)) }
    if Tool.gcore.isInstalled { contenders.append(dumpers.gcore("gcore", file: file)) }
    let fork = Contender("bare fork", ["true"]) { child in
      var measurement = Measurement(child)
      measurement.nanoseconds = try fixture.fork()
      return measurement
    }
    let bare = hasRoom ? [fork, contest.workspace.copy(fixture, dumpers.region)] : [fork]
    let outcomes = contest.run(bare + contenders.map { gapMeasuring($0, fixture) })
    let comparison = Comparison(
      yardsticks: ["bare fork", "bare copy"], reference: "memdump snapshot", quantity: "gap", showsElapsed: true)
    return "### \(title)\n\n\(comparison.text(outcomes))"
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

/// Processes that want a processor all the time.
private final class BusyLoops {
  private var processes: [Process] = []

  deinit { end() }

  func start() throws {
    for _ in 0..<8 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "while :; do :; done"]
      try process.run()
      processes.append(process)
    }
  }

  func end() {
    for process in processes {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    processes = []
  }
}
