import ArgumentParser
import MemDump
import SystemPackage

/// `memdump top`: which process grows.
struct TopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top", abstract: "Show the processes whose memory grows, live, without touching any.",
    usage: "memdump top [<process> ...] [<options>]",
    discussion: """
      GROWN is what resident and swapped memory have grown by since the first look; memory that goes to swap is not gone. Names \
      are looked for anew at each look, so that new workers of a master come in. Every other command takes the number or \
      the name of a row.

      On a terminal the table is live until a key ends it: q. g puts first what grows most, r what is largest, n goes by name. \
      Elsewhere, or with --count, the table comes once, after the last look.

      Examples:
        memdump top
        memdump top nginx redis-server --every 10s
        memdump top --count 5 --every 30s --sort resident
      """)

  @Argument(
    help: ArgumentHelp(
      "The processes: numbers, or names (comm, or the file name of a program), each for all that have it. Default: all.",
      valueName: "process"), completion: .processes)
  var words: [String] = []

  @Option(help: ArgumentHelp("How much time is between two looks.", valueName: "time"))
  var every = TimeSpan(seconds: 2)

  @Option(help: ArgumentHelp("Look so many times, then print the table. Default: 2.", valueName: "count"))
  var count: Int?

  @Option(help: "What comes first.")
  var sort = GrowthOrder.growth

  @Option(help: ArgumentHelp("Print this many rows at most; 0 for all.", valueName: "count"))
  var top: RowLimit = 20

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count is 1 or more.") }
  }

  func run() throws {
    var table = ResidentTable(words)
    if count == nil, output.form.kind == .text,
      let page = LivePage(every: every.duration, order: sort, output: output.form)
    {
      let (look, signal) = try page.run(&table)
      try report(look, order: page.order).print(as: output.form)
      try ExitStatus(signal: signal, hasFound: !look.rows.isEmpty).leave()
      return
    }
    let control = WorkControl()
    let (look, signal) = Progress.watch(control, verb: nil) { Self.looks(&table, count ?? 2, every.duration, control) }
    try report(look, order: sort).print(as: output.form)
    try ExitStatus(signal: signal, hasFound: !look.rows.isEmpty).leave()
  }

  private func report(_ look: GrowthLook, order: GrowthOrder) -> TopReport {
    TopReport(look: look, order: order, limit: top.count, words: words)
  }

  /// Looks so many times, or until the work is told to end.
  private static func looks(
    _ table: inout ResidentTable, _ count: Int, _ every: Duration, _ control: WorkControl
  ) -> GrowthLook {
    let started = Syscall.monotonicTime
    var look = GrowthLook(rows: table.look(), number: 1, elapsed: 0)
    while look.number < count, !control.isStopped {
      let next = started &+ UInt64(look.number) &* every.nanosecondCount
      while !control.isStopped, Syscall.monotonicTime < next {
        Syscall.sleep(nanoseconds: min(next - Syscall.monotonicTime, 100_000_000))
      }
      look = GrowthLook(rows: table.look(), number: look.number + 1, elapsed: Syscall.monotonicTime - started)
    }
    return look
  }
}
