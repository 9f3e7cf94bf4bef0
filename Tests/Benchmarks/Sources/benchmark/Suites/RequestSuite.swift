import Foundation

/// How long the longest request to a loaded nginx takes while somebody looks at its memory.
struct RequestSuite {
  let contest: Contest
  private static let seconds = 3
  /// Servers of upstreams, 1.9 KiB each: a heap of 60 MiB.
  private static let upstreamCount = 660

  func report() throws -> String {
    progress("requests: starting nginx")
    let workspace = contest.workspace
    let nginx = try LoadedServer(workspace, upstreamCount: Self.upstreamCount)
    let outcomes = contest.run(contenders(nginx.id).map { loaded($0.name, $0.command, nginx) })
    let heap = try ProcessMemory.heapByteCount(of: nginx.id)
    let comparison = Comparison(
      yardsticks: ["nothing"], reference: "memdump snapshot", quantity: "longest request", showsElapsed: true)
    let words = ["\(nginx.id)": "PID", "\(nginx.port)": "PORT"]
    return """
      The longest request of `wrk`, four connections for \(Self.seconds) s, during which the heap of nginx, \(sizeText(heap)) \
      in one worker, is dumped once (by gcore all of the process). `nothing` is what the machine does alone.

      \(comparison.text(outcomes))

      \(commandList(outcomes, workspace, words))
      """
  }

  private func contenders(_ id: pid_t) -> [(name: String, command: String)] {
    let file = "\(contest.workspace.memoryDirectory ?? contest.workspace.directory)/dump"
    func memdump(_ mode: String) -> String {
      "\(contest.workspace.memdump) dump \(id) --region heap --mode \(mode) --force --output \(file)"
    }
    var contenders = [
      ("nothing", "true"), ("memdump live", memdump("live")), ("memdump stop", memdump("stop")),
      ("memdump snapshot", memdump("snapshot")),
    ]
    if Tool.gdb.isInstalled {
      let range = "$(sed -n 's/^\\(.*\\)-\\(.*\\) rw-p.*\\[heap\\]$/0x\\1 0x\\2/p' /proc/\(id)/maps | head -1)"
      contenders.append(("gdb", "gdb -nx -batch -p \(id) -ex \"dump binary memory \(file) \(range)\""))
    }
    if Tool.gcore.isInstalled { contenders.append(("gcore", "gcore -o \(file) \(id)")) }
    return contenders
  }

  /// A command that runs in the middle of the load.
  private func loaded(_ name: String, _ command: String, _ nginx: LoadedServer) -> Contender {
    let directory = contest.workspace.directory
    let load = nginx.load(seconds: Self.seconds)
    let script = "\(load) & sleep 1; \(command) >/dev/null 2>\(directory)/complaint || exit 1; wait"
    return Contender(name, ["sh", "-c", script], output: .counted) { child in
      let words = child.lastOutput.split(separator: "\n").last { $0.hasPrefix("longest ") }?.split(separator: " ")
      guard child.exitStatus == 0, let words, words.count == 3, let longest = UInt64(words[1]) else {
        throw Failure(
          "\(child.failure) \((try? String(contentsOfFile: "\(directory)/complaint", encoding: .utf8)) ?? "")")
      }
      var measurement = Measurement(child, result: "\(words[2]) requests")
      measurement.nanoseconds = longest * 1000
      return measurement
    }
  }
}
