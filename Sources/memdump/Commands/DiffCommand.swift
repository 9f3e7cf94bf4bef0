import ArgumentParser
import MemDump

/// `memdump diff OLD NEW`: what grew between two looks at the memory of a process.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract:
      "Show what grew between two looks: by type of Python, chunk size, socket address, text and region. Pauses a process (stop or "
      + "snapshot) for 500 ms at most.",
    usage: "memdump diff <old> <new> [<options>]",
    discussion: """
      OLD and NEW are each a SOURCE. \(SourceArgument.rule)

      A dump of one region is compared with that region of the other alone. What a process itself wrote in private memory \
      counts. Growth is 64 KiB and 1 % of what there was of its kind, or what --min-growth says. Socket addresses come and go \
      by chance: single ones are shown where all of them together grew. Of a heap of Go, what its collector left when it last \
      swept counts: what was handed out since may be garbage. The exit status is 1 where nothing grew.

      Examples:
        memdump diff core.21610 21610
        memdump diff monday.raw tuesday.raw --min-growth 1M
      """)

  @Argument(help: ArgumentHelp("The earlier look.", valueName: "old"), completion: .sources)
  var old: String

  @Argument(help: ArgumentHelp("The later look.", valueName: "new"), completion: .sources)
  var new: String

  @OptionGroup var look: LookOptions

  @Option(help: ArgumentHelp("Show what grew by this much or more.", valueName: "size"))
  var minGrowth: ByteSize?

  @Option(help: ArgumentHelp("Print this many rows of each kind at most; 0 for all.", valueName: "count"))
  var top: RowLimit = 10

  @OptionGroup var output: OutputOptions

  func run() throws {
    let sources = try look.arguments([old, new])
    let earlier = try look.open(sources[0]) { (process) throws(MemDumpError) in try look.pause.look(at: process) }
    let later = try look.open(sources[1]) { (process) throws(MemDumpError) in try look.pause.look(at: process) }
    let (first, second) = MemoryProfile.comparable(earlier.source, later.source)
    let threads = min(Syscall.processorCount, 8)
    let before = try MemoryProfile(first, threads: threads, process: earlier.look?.target)
    let after = try MemoryProfile(second, threads: threads, process: later.look?.target)
    let looks = (old: try earlier.end(), new: try later.end())
    let growth = after.growth(since: before, minimum: minGrowth?.byteCount)
    let warnings = [(old, looks.old), (new, looks.new)].flatMap { word, look in
      [look?.choice.note.map { "mode \($0)" }, look?.shortfall, look?.warning.map { "WARNING: \($0)" }].compactMap(
        \.self
      ).map {
        "\(EscapedText(word.utf8)): \($0)"
      }
    }
    let isOneRun = earlier.source.regions.mayBeOfOneRun(with: later.source.regions)
    let runs =
      isOneRun
      ? []
      : [
        "\(EscapedText(old.utf8)) and \(EscapedText(new.utf8)) are not one run of a program: what differs need not have grown"
      ]
    let counts =
      notes(old, before, isNarrow: looks.old != nil && first.regions.areNarrow)
      + notes(new, after, isNarrow: looks.new != nil && second.regions.areNarrow)
    try GrowthReport(
      growth: growth, looks: looks, isOneRun: isOneRun, limit: top.count, notes: runs + counts + warnings,
      source: after.heaps.isEmpty ? nil : look.nextSource(new)
    )
    .print(as: output.form)
    try ExitStatus(looks: [looks.old, looks.new], hasFound: !growth.isEmpty).leave()
  }

  /// The notes on how exact the counts of a look are.
  private func notes(_ word: String, _ profile: MemoryProfile, isNarrow: Bool) -> [String] {
    var notes: [String] = []
    if isNarrow {
      notes.append(HeapReport.narrow)
    } else if let used = profile.heaps.used {
      let state =
        profile.heaps.isClean
        ? "walked without a break"
        : "walked with \(counted(profile.heaps.breakCount, "break")), so counts may be low"
      notes.append("\(ByteSize(used.byteCount)) of malloc in use, \(state)")
    } else {
      notes.append("no heap of \(HeapReport.walked), so chunk sizes are not compared")
    }
    if profile.isApproximate { notes.append("too many texts to count all exactly") }
    return notes.map { "\(EscapedText(word.utf8)): \($0)" }
  }
}
