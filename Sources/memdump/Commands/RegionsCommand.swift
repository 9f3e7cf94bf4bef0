import ArgumentParser
import MemDump

/// `memdump regions PID`: the memory map as a table.
struct RegionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "regions", abstract: "Show the memory map of a process: what is large, what is its own writing.",
    discussion: """
      Without options it shows how much there is of each kind, and the \(MapReport.largestCount) regions that have the most \
      resident memory. --all lists every region, and so does each option that selects or sorts them; so does --json, which \
      prints no sums.
      """,
    aliases: ["maps"])

  enum Order: String, CaseIterable, ExpressibleByArgument { case address, size, resident, dirty, swap }

  @OptionGroup var target: TargetArgument

  @Flag(help: "List every region, in the order of addresses.")
  var all = false

  @Option(help: ArgumentHelp("Leave out regions smaller than this, such as 10M.", valueName: "size"))
  var minSize: ByteSize?

  @Option(help: "Show regions of this kind only; may be given several times.")
  var kind: [RegionKind] = []

  @Option(
    help: ArgumentHelp("Show regions with all of these permissions only, such as rw or rwp.", valueName: "letters"))
  var perm: String?

  @Option(help: "Sort by this; all but the address, largest first. Default: address.")
  var sort: Order?

  @Option(help: ArgumentHelp("Show this many at most; 0 for all.", valueName: "count"))
  var top: RowLimit?

  @Flag(help: "Print JSON Lines.")
  var json = false

  @OptionGroup var display: DisplayOptions

  func validate() throws {
    if let perm, !perm.allSatisfy({ "rwxps-".contains($0) }) {
      throw ValidationError("'\(EscapedText(perm.utf8))' is not a set of permissions: use letters of rwxps.")
    }
  }

  func run() throws {
    let process = try target.open()
    if let problem = process.problem { throw problem }
    let map = try process.regions(usage: true)
    let shown = select(map)
    // The map of one that ends meanwhile is cut short without a word.
    try process.checkIdentity()
    let format = OutputFormat(json: json, display: display)
    if listsRegions || map.isEmpty {
      try RegionsReport(regions: shown, process: process.id).print(as: format)
    } else {
      try MapReport(regions: map, process: process.id).print(as: format)
    }
    try (shown.isEmpty ? ExitStatus.nothingFound : .done).leave()
  }

  /// Whether every region is asked for, or those of a choice.
  private var listsRegions: Bool {
    all || minSize != nil || !kind.isEmpty || perm != nil || sort != nil || top != nil
  }

  private func select(_ regions: [MemoryRegion]) -> [MemoryRegion] {
    let letters = (perm ?? "").filter { $0 != "-" }
    var shown = regions.filter { region in
      region.byteCount >= minSize?.byteCount ?? 0 && (kind.isEmpty || kind.contains(region.kind))
        && letters.allSatisfy { region.permissions.description.contains($0) }
    }
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
