import Foundation

/// Walking the heaps of allocators.
struct HeapSuite {
  let contest: Contest

  /// The blocks of each heap, and the keys of the redis, which take two blocks each.
  private static let (blocks, keys) = (10_000_000, 3_000_000)

  func report() throws -> String {
    var parts = [
      """
      `cat smaps` has the kernel go over the page tables of the same process, which is the least that has to be done to \
      know what of a heap is in memory. Results are blocks, and for how long the process stood still.
      """
    ]
    for (name, library) in Self.allocators() {
      let preloaded = library.map { ["env", "LD_PRELOAD=\($0)"] } ?? []
      let command = preloaded + [contest.workspace.mixedHeap, "\(Self.blocks)"]
      progress("heaps: \(name)")
      let process = try Companion(command)
      defer { process.end() }
      while try process.line() != ["ready"] {}
      parts.append(try section("\(Self.blocks / 1_000_000) million blocks, \(name)", process.id))
    }
    if let redis = try redis() {
      defer { redis.end() }
      parts.append(try section("A redis with \(Self.keys / 1_000_000) million keys", redis.id))
    }
    return parts.joined(separator: "\n\n")
  }

  /// The allocators that are installed, each with its library; the C library's own has none.
  private static func allocators() -> [(name: String, library: String?)] {
    let libraries = [
      ("jemalloc", "libjemalloc.so.2"), ("tcmalloc", "libtcmalloc_minimal.so.4"), ("mimalloc", "libmimalloc.so.2.0"),
    ]
    let directories = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
    return [("glibc", nil)]
      + libraries.compactMap { name, file in
        directories.map { "\($0)/\(file)" }.first { FileManager.default.fileExists(atPath: $0) }.map { (name, $0) }
      }
  }

  private func section(_ title: String, _ process: pid_t) throws -> String {
    let memdump = contest.workspace.memdump
    func walk(_ name: String, _ words: [String]) -> Contender {
      Contender(name, [memdump] + words + ["--json"], output: .counted) { child in
        guard child.exitStatus == 0 else { throw child.failure }
        return Measurement(child, result: Self.result(of: child.lastOutput))
      }
    }
    let outcomes = contest.run([
      Contender("cat smaps", ["cat", "/proc/\(process)/smaps"], output: .counted) { child in
        guard child.exitStatus == 0 else { throw child.failure }
        return Measurement(child)
      },
      walk("memdump heap", ["heap", "\(process)", "--max-pause", "30s"]),
      walk("memdump heap, live", ["heap", "\(process)", "--mode", "live"]),
      walk("memdump footprint", ["footprint", "\(process)"]),
    ])
    let table = Comparison(yardsticks: ["cat smaps"], reference: "memdump heap").text(outcomes)
    return "### \(title)\n\n\(table)\n\n\(commandList(outcomes, contest.workspace, ["\(process)": "PID"]))"
  }

  /// The blocks and the pause that the last record tells.
  private static func result(of output: String) -> String {
    func number(_ member: String) -> UInt64? {
      guard let regex = try? Regex("\"\(member)\":([0-9]+)", as: (Substring, Substring).self) else { return nil }
      return output.split(separator: "\n").reversed().lazy.compactMap { $0.firstMatch(of: regex) }.first.flatMap {
        UInt64($0.1)
      }
    }
    let parts = [
      number("chunks").map { "\($0) blocks" }, number("pause_ns").map { "stood still \(timeText($0))" },
    ]
    return parts.compactMap(\.self).joined(separator: ", ")
  }

  /// A redis that is full; nil where there is none.
  private func redis() throws -> Companion? {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/redis-server") else { return nil }
    progress("heaps: filling a redis")
    let socket = "\(contest.workspace.directory)/redis.sock"
    let options = ["--port", "0", "--unixsocket", socket, "--save", "", "--enable-debug-command", "yes"]
    let server = try Companion(["redis-server"] + options)
    while !FileManager.default.fileExists(atPath: socket) { usleep(10_000) }
    let client = try Companion(["redis-cli", "-s", socket, "DEBUG", "POPULATE", "\(Self.keys)"])
    while let words = try? client.line(), words != ["OK"] {}
    client.end()
    return server
  }
}
