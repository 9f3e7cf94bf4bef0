import Foundation

/// What is told of the runtimes of languages, beside what they tell of themselves from the inside.
struct RuntimeSuite {
  let contest: Contest

  private static let (objects, goroutines) = (5_000_000, 100_000)

  func report() throws -> String {
    var parts = [
      """
      The peers run within the process, which does nothing else meanwhile: `gc.get_objects` counts types as objgraph does, and sees only \
      what the collector of Python knows; `pprof` writes the stacks of all goroutines to nowhere (debug=2, each for itself; debug=1, \
      grouped).
      """
    ]
    if Tool.python.isInstalled { parts.append(try python()) }
    if Tool.go.isInstalled { parts.append(try go()) }
    return parts.joined(separator: "\n\n")
  }

  private func python() throws -> String {
    progress("runtimes: \(Self.objects) objects of Python")
    let process = try Companion(["python3", "-c", Self.pythonProgram])
    defer { process.end() }
    while try process.line() != ["ready"] {}
    var contenders = [
      inside("gc.get_objects", process, "count"),
      tool("memdump heap", ["heap", "\(process.id)", "--max-pause", "30s"]),
      tool("memdump stacks", ["stacks", "\(process.id)", "--max-pause", "30s"]),
    ]
    if Tool.pySpy.isInstalled {
      contenders.append(
        Contender("py-spy dump --native", ["py-spy", "dump", "--native", "--pid", "\(process.id)"], output: .counted) {
          child in
          guard child.exitStatus == 0 else { throw child.failure }
          return Measurement(child)
        })
    }
    let outcomes = contest.run(contenders)
    let table = Comparison(yardsticks: ["gc.get_objects"], reference: "memdump heap").text(outcomes)
    return "### \(Self.objects / 1_000_000) million objects of Python\n\n\(table)"
  }

  private func go() throws -> String {
    progress("runtimes: \(Self.goroutines) goroutines")
    let directory = contest.workspace.directory
    let (source, program) = ("\(directory)/goroutines.go", "\(directory)/goroutines")
    try Self.goProgram.write(toFile: source, atomically: false, encoding: .utf8)
    let build = Process()
    build.executableURL = URL(filePath: "/usr/bin/env")
    build.arguments = ["GO111MODULE=off", "GOCACHE=\(directory)/go-cache", "go", "build", "-o", program, source]
    try build.run()
    build.waitUntilExit()
    guard build.terminationStatus == 0 else { throw Failure("go build failed") }
    let process = try Companion([program])
    defer { process.end() }
    while try process.line() != ["ready"] {}
    let outcomes = contest.run([
      inside("pprof, debug=2", process, "2"), inside("pprof, debug=1", process, "1"),
      tool("memdump goroutines", ["goroutines", "\(process.id)"]),
      tool("memdump heap", ["heap", "\(process.id)", "--max-pause", "30s"]),
    ])
    let table = Comparison(yardsticks: ["pprof, debug=2"], reference: "memdump goroutines").text(outcomes)
    return "### \(Self.goroutines) goroutines\n\n\(table)"
  }

  private func tool(_ name: String, _ words: [String]) -> Contender {
    Contender(name, [contest.workspace.memdump] + words + ["--json"], output: .counted) { child in
      guard child.exitStatus == 0 else { throw child.failure }
      return Measurement(child)
    }
  }

  /// What the process does when it is told a word: it answers with the nanoseconds that it took.
  private func inside(_ name: String, _ process: Companion, _ word: String) -> Contender {
    Contender(name, ["true"]) { child in
      try process.send(word)
      guard let time = try process.line().first.flatMap({ UInt64($0) }) else { throw Failure("no answer") }
      var measurement = Measurement(child)
      (measurement.nanoseconds, measurement.cpuNanoseconds, measurement.peakByteCount) = (time, time, 0)
      return measurement
    }
  }

  /// Five objects of each: an instance, its dictionary, a list, a text and a float.
  private static let pythonProgram = """
    import collections, gc, sys, time
    class Session:
        def __init__(self, number):
            self.name, self.tags, self.at = f"session-{number}", [number], number * 1.5
    gc.disable()
    kept = [Session(number) for number in range(\(objects / 5))]
    for session in kept: session.__dict__
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.monotonic_ns()
        collections.Counter(type(o).__name__ for o in gc.get_objects())
        print(time.monotonic_ns() - start, flush=True)
    """

  private static let goProgram = """
    package main

    import (
    \t"bufio"
    \t"fmt"
    \t"io"
    \t"os"
    \t"runtime"
    \t"runtime/pprof"
    \t"time"
    )

    func worker(jobs chan int) { <-jobs }

    func reader(jobs chan int) { worker(jobs) }

    func main() {
    \tjobs := make(chan int)
    \tfor i := 0; i < \(goroutines); i++ {
    \t\tif i%2 == 0 {
    \t\t\tgo worker(jobs)
    \t\t} else {
    \t\t\tgo reader(jobs)
    \t\t}
    \t}
    \tfor runtime.NumGoroutine() < \(goroutines) {
    \t}
    \tfmt.Println("ready")
    \tlines := bufio.NewScanner(os.Stdin)
    \tfor lines.Scan() {
    \t\tdebug := int(lines.Text()[0] - '0')
    \t\tstart := time.Now()
    \t\tpprof.Lookup("goroutine").WriteTo(io.Discard, debug)
    \t\tfmt.Println(time.Since(start).Nanoseconds())
    \t}
    }

    """
}
