import ArgumentParser
import MemDump

/// `memdump diff OLD NEW`: what grew between two looks at the memory of a process.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show what grew between two looks: by chunk size, socket address, text and region.",
    discussion: """
      OLD and NEW are each a process number, a raw dump or an ELF core. A dump of one region is compared with that region \
      of the other alone. What a process itself wrote in private memory counts.

      Growth is 64 KiB and 1 % of what there was of its kind, or what --min-growth says. Socket addresses come and go by \
      chance: single ones are shown where all of them together grew.
      """)

  @Argument(help: ArgumentHelp("The earlier look.", valueName: "old"))
  var old: String

  @Argument(help: ArgumentHelp("The later look.", valueName: "new"))
  var new: String

  @OptionGroup var look: LookOptions

  @Option(help: ArgumentHelp("Show what grew by so much.", valueName: "size"))
  var minGrowth: ByteSize?

  @Option(help: ArgumentHelp("Print this many rows of each kind at most; 0 for all.", valueName: "count"))
  var top: RowLimit = 10

  @Flag(help: "Print JSON Lines.")
  var json = false

  func run() throws {
    let (earlier, firstLook) = try look.open(old)
    let (later, secondLook) = try look.open(new)
    let (first, second) = MemoryProfile.comparable(earlier, later)
    let threads = min(Syscall.processorCount, 8)
    let before = try MemoryProfile(first, threads: threads)
    let after = try MemoryProfile(second, threads: threads)
    let growth = after.growth(since: before, minimum: minGrowth?.byteCount)
    try GrowthReport(growth: growth, limit: top.count, notes: notes(before, after)).print(as: OutputFormat(json: json))
    let looks = [firstLook, secondLook].compactMap(\.self)
    if looks.contains(where: { !$0.isVerified }) { try ExitStatus.unverified.leave() }
    if looks.contains(where: { !$0.readLive.isEmpty }) { try ExitStatus.budgetExhausted.leave() }
    if growth.isEmpty { try ExitStatus.nothingFound.leave() }
  }

  /// What the counts are worth.
  private func notes(_ before: MemoryProfile, _ after: MemoryProfile) -> [String] {
    var notes: [String] = []
    for (word, profile) in [(old, before), (new, after)] {
      let name = EscapedText(word.utf8)
      guard let heap = profile.heap else {
        notes.append("\(name): no heap of \(HeapReport.walked), so chunk sizes are not compared")
        continue
      }
      let state =
        heap.isClean
        ? "walked without a break" : "walked with \(counted(heap.breakCount, "break")), so counts may be low"
      notes.append("\(name): \(ByteSize(heap.used.byteCount)) of malloc in use, \(state)")
      if profile.isApproximate { notes.append("\(name): too many texts to count all exactly") }
    }
    return notes
  }
}
