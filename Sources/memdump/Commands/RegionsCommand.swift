import ArgumentParser
import MemDump

/// `memdump regions PID`: the memory map as a table.
struct RegionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "regions", abstract: "Show the memory map of a process: what is large, what the process itself wrote.",
    usage: "memdump regions <process> ... [<options>]",
    discussion: """
      Without options it shows how much there is of each kind, and the \(MapReport.largestCount) regions that have the most \
      resident memory. --all lists every region, and so does each option that selects or sorts them; JSON and CSV have every \
      region, and no sums.

      DIRTY is what the process itself wrote and no other has; RESIDENT is all of a region that is in memory. No process \
      stands still for it. # is the number that --region takes.

      Examples:
        memdump regions 21610
        memdump regions nginx --newest --min-size 10M
        memdump regions 21610 --sort dirty --top 5
      """,
    aliases: ["maps"])

  enum Order: String, CaseIterable, ExpressibleByArgument { case address, size, resident, dirty, swap }

  @OptionGroup var processes: TargetArguments

  @OptionGroup var filter: RegionOptions

  @Flag(help: "List every region, in the order of addresses.")
  var all = false

  @Option(help: "Sort by this; all but the address, largest first. Default: address.")
  var sort: Order?

  @Option(help: ArgumentHelp("Show this many at most; 0 for all.", valueName: "count"))
  var top: RowLimit?

  @OptionGroup var output: OutputOptions

  func run() throws {
    var (targets, hasFailed) = try processes.open()
    var maps: [(process: TargetProcess, regions: [MemoryRegion])] = []
    for process in targets {
      do throws(MemDumpError) {
        maps.append((process, try regions(of: process)))
      } catch {
        if targets.count == 1 { throw error }
        ErrorReport(error).write()
        hasFailed = true
      }
    }
    for (index, map) in maps.enumerated() {
      let form = index == 0 ? output.form : output.form.following
      let hasSeveral = targets.count > 1
      if listsRegions || map.regions.isEmpty {
        try RegionsReport(regions: map.regions, process: map.process, hasSeveral: hasSeveral).print(as: form)
      } else {
        try MapReport(regions: map.regions, process: map.process, hasSeveral: hasSeveral).print(as: form)
      }
    }
    try ExitStatus(hasFailed: hasFailed, hasFound: maps.contains { !$0.regions.isEmpty }).leave()
  }

  /// Whether every region is asked for, or those of a choice, or the reader is a program.
  private var listsRegions: Bool {
    all || filter.areGiven || sort != nil || top != nil || output.form.kind != .text
  }

  private func regions(of process: TargetProcess) throws(MemDumpError) -> [MemoryRegion] {
    if let problem = process.problem { throw problem }
    let shown = select(try process.regions(usage: true))
    // The map of one that ends meanwhile is cut short without a word.
    try process.checkIdentity()
    return shown
  }

  private func select(_ regions: [MemoryRegion]) -> [MemoryRegion] {
    var shown = regions.filter(filter.filter.includes)
    let weight: ((MemoryRegion) -> UInt64)? =
      switch sort ?? .address {
      case .address: nil
      case .size: { $0.byteCount }
      case .resident: { $0.usage?.resident ?? 0 }
      case .dirty: { $0.usage?.privateDirty ?? 0 }
      case .swap: { $0.usage?.swap ?? 0 }
      }
    if let weight { shown.sort { (weight($1), $0.number) < (weight($0), $1.number) } }
    return Array(shown.prefix(top?.count ?? shown.count))
  }
}
