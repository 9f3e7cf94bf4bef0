import ArgumentParser
import MemDump

/// `memdump regions PID`: the memory map as a table.
struct RegionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "regions", abstract: "Show the memory map of a process: what is large, what is its own writing.",
    aliases: ["maps"])

  enum Order: String, CaseIterable, ExpressibleByArgument { case address, size, resident, dirty, swap }

  @OptionGroup var target: TargetArgument

  @Option(help: ArgumentHelp("Leave out regions smaller than this, such as 10M.", valueName: "size"))
  var minSize: ByteSize?

  @Option(help: "Show regions of this kind only; may be given several times.")
  var kind: [RegionKind] = []

  @Option(
    help: ArgumentHelp("Show regions with all of these permissions only, such as rw or rwp.", valueName: "letters"))
  var perm: String?

  @Option(help: "Sort by this; all but the address, largest first.")
  var sort: Order = .address

  @Option(help: ArgumentHelp("Show this many at most; 0 for all.", valueName: "count"))
  var top: RowLimit = 0

  @Flag(help: "Print JSON Lines.")
  var json = false

  func validate() throws {
    if let perm, !perm.allSatisfy({ "rwxps-".contains($0) }) {
      throw ValidationError("'\(EscapedText(perm.utf8))' is not a set of permissions: use letters of rwxps.")
    }
  }

  func run() throws {
    let process = try target.open()
    if let problem = process.problem { throw problem }
    let shown = select(try process.regions(usage: true))
    var output = StandardOutput()
    if json {
      var writer = JSONWriter()
      for region in shown { writer.region(region) }
      try output.write(writer.bytes)
    } else {
      try output.write(Self.table(shown))
    }
    try output.flush()
    try (shown.isEmpty ? ExitStatus.nothingFound : .done).leave()
  }

  private func select(_ regions: [MemoryRegion]) -> [MemoryRegion] {
    let letters = (perm ?? "").filter { $0 != "-" }
    var shown = regions.filter { region in
      region.byteCount >= minSize?.byteCount ?? 0 && (kind.isEmpty || kind.contains(region.kind))
        && letters.allSatisfy { region.permissions.description.contains($0) }
    }
    let weight: ((MemoryRegion) -> UInt64)? =
      switch sort {
      case .address: nil
      case .size: { $0.byteCount }
      case .resident: { $0.usage?.resident ?? 0 }
      case .dirty: { $0.usage?.privateDirty ?? 0 }
      case .swap: { $0.usage?.swap ?? 0 }
      }
    if let weight { shown.sort { (weight($1), $0.number) < (weight($0), $1.number) } }
    return Array(shown.prefix(top.count ?? shown.count))
  }

  private static func table(_ regions: [MemoryRegion]) -> String {
    var table = Table([
      ("#", .right), ("START", .right), ("END", .right), ("SIZE", .right), ("RESIDENT", .right), ("DIRTY", .right),
      ("SWAP", .right), ("PERM", .left), ("KIND", .left), ("NAME", .left),
    ])
    func size(_ byteCount: UInt64?) -> String {
      byteCount.map { $0 == 0 ? "-" : ByteSize($0).description } ?? "-"
    }
    for region in regions {
      table.add([
        "\(region.number)", region.range.lowerBound.description, region.range.upperBound.description,
        size(region.byteCount), size(region.usage?.resident), size(region.usage?.privateDirty),
        size(region.usage?.swap), region.permissions.description, region.kind.rawValue,
        EscapedText(region.name).description,
      ])
    }
    return table.text
  }
}

extension JSONWriter {
  /// Adds a line of type `region`.
  mutating func region(_ region: MemoryRegion) {
    object { object in
      object.member("type", "region")
      object.member("number", region.number)
      object.member("start", region.range.lowerBound)
      object.member("end", region.range.upperBound)
      object.member("size", region.byteCount)
      object.member("resident", region.usage?.resident)
      object.member("private_dirty", region.usage?.privateDirty)
      object.member("swap", region.usage?.swap)
      object.member("permissions", region.permissions.description)
      object.member("kind", region.kind.rawValue)
      object.member("path", region.name.isEmpty ? nil : EscapedText(region.name).description)
    }
    endLine()
  }
}
