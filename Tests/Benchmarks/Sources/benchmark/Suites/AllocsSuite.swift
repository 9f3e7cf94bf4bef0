import Foundation

/// What a loaded nginx pays for a watch of its allocations: processor time for each request, and its longest request.
struct AllocsSuite {
  let contest: Contest
  /// The time of a load, and its connections: so many that nginx has no time to sleep, since how often it does changes what a
  /// request takes by more than half.
  private static let (seconds, connections) = (4, 64)

  func report() throws -> String {
    progress("allocs: starting nginx")
    let workspace = contest.workspace
    let nginx = try LoadedServer(workspace, upstreamCount: 1)
    let outcomes = contest.run(contenders(nginx.id).map { loaded($0.name, $0.command, nginx) })
    let words = ["\(nginx.id)": "PID", "\(nginx.port)": "PORT"]
    func table(_ outcomes: [Contest.Outcome], _ quantity: String) -> String {
      Comparison(yardsticks: ["nothing"], reference: "memdump, 1 %", quantity: quantity).text(outcomes)
    }
    return """
      `wrk` with \(Self.connections) connections for \(Self.seconds) s, while somebody looks who allocates, all the time. CPU is what nginx \
      itself takes for one request. A request takes nginx three calls of malloc; nothing grows. gdb has a breakpoint in malloc for a \
      size that is never asked for, as one sets it to see who asks for a size.

      \(table(outcomes.map(Self.byProcessor), "CPU a request"))

      \(table(outcomes, "longest request"))

      \(commandList(outcomes, workspace, words))
      """
  }

  private func contenders(_ id: pid_t) -> [(name: String, command: String)] {
    func memdump(_ budget: String) -> String {
      // No growth is no failure: the status is 1.
      "(\(contest.workspace.memdump) allocs \(id) --for \(Self.seconds + 1)s --budget \(budget) || [ $? = 1 ])"
    }
    var contenders = [("nothing", "true"), ("memdump, 1 %", memdump("1%")), ("memdump, 5 %", memdump("5%"))]
    if Tool.gdb.isInstalled {
      let stop = "-ex 'break malloc if $rdi == 123456' -ex continue -ex detach"
      contenders.append(("gdb", "(timeout -s INT \(Self.seconds + 1) gdb -nx -batch -p \(id) \(stop) || true)"))
    }
    return contenders
  }

  /// With the processor time of a request in place of the longest one.
  private static func byProcessor(_ outcome: Contest.Outcome) -> Contest.Outcome {
    var outcome = outcome
    outcome.measurements = outcome.measurements.mapValues { measurement in
      var measurement = measurement
      measurement.nanoseconds = measurement.cpuNanoseconds
      return measurement
    }
    return outcome
  }

  /// A load in the midst of a command.
  private func loaded(_ name: String, _ command: String, _ nginx: LoadedServer) -> Contender {
    let complaint = "\(contest.workspace.directory)/complaint"
    let used = "$(cut -d' ' -f1 /proc/\(nginx.id)/schedstat)"
    let script = """
      \(command) >/dev/null 2>\(complaint) & watch=$!; sleep 0.5; before=\(used); \(nginx.load(seconds: Self.seconds, connections: Self.connections)); \
      echo used $((\(used) - before)); wait $watch
      """
    return Contender(name, ["sh", "-c", script], output: .counted) { child in
      func numbers(_ word: String) -> [UInt64] {
        let line = child.lastOutput.split(separator: "\n").last { $0.hasPrefix("\(word) ") } ?? ""
        return line.split(separator: " ").compactMap { UInt64($0) }
      }
      let (load, used) = (numbers("longest"), numbers("used"))
      guard child.exitStatus == 0, load.count == 2, load[1] > 0, used.count == 1 else {
        throw Failure("\(child.failure) \((try? String(contentsOfFile: complaint, encoding: .utf8)) ?? "")")
      }
      var measurement = Measurement(child, result: "\(load[1]) requests")
      (measurement.nanoseconds, measurement.cpuNanoseconds) = (load[0] * 1000, used[0] / load[1])
      return measurement
    }
  }
}
