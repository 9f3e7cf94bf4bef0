import ArgumentParser
import MemDump

/// `memdump rescue PID`: resume a process that somebody left stopped.
struct RescueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rescue",
    abstract: "Resume a process that a debugger or a dead tool left stopped, and verify that it runs.",
    discussion: "The exit status is 0 where it was resumed, 1 where it was not stopped, and 2 where it could not be.")

  @OptionGroup var target: TargetArgument

  @Flag(help: "End the process that traces it and holds it, first with SIGTERM, then with SIGKILL.")
  var killTracer = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let rescue = try Rescue(try target.open(), endingTracer: killTracer)
    var output = StandardOutput()
    try output.write(json ? Self.json(rescue) : Array(Self.text(rescue).utf8))
    try output.flush()
    try ExitStatus(isVerified: rescue.after.isRunning, hasFound: !rescue.steps.isEmpty).leave()
  }

  private static func text(_ rescue: Rescue) -> String {
    let name = "\(rescue.before.target.id) (\(rescue.before.target.printableName))"
    if rescue.steps.isEmpty { return "process \(name) is not stopped\n" }
    let steps = rescue.steps.map { "  " + sentence($0) + "\n" }.joined()
    let threads = counted(rescue.after.witness.threads.count, "thread")
    return "process \(name) was stopped: \(rescue.before.stop?.reason ?? "")\n" + steps
      + "  now: \(rescue.after.stateName), \(threads), \(rescue.after.tracer == nil ? "not traced" : "traced")\n"
  }

  private static func sentence(_ step: Rescue.Step) -> String {
    switch step {
    case .askedTracerToEnd(let id, let name): "asked its tracer \(id) (\(name)) to end (SIGTERM), and it did"
    case .killedTracer(let id, let name): "killed its tracer \(id) (\(name)), which did not end when asked"
    case .continued: "told it to go on (SIGCONT)"
    }
  }

  private static func json(_ rescue: Rescue) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { object in
      object.member("type", "rescue")
      object.member("pid", rescue.before.target.id.rawValue)
      object.member("state_before", rescue.before.stateName)
      object.member("state_after", rescue.after.stateName)
      object.member("tracer_before", rescue.before.tracer?.id.rawValue)
      object.member("tracer_after", rescue.after.tracer?.id.rawValue)
      object.member("steps") { list in list.array { array in rescue.steps.forEach { array.value(sentence($0)) } } }
    }
    writer.endLine()
    return writer.bytes
  }
}
