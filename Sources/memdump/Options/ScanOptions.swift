import ArgumentParser
import MemDump

/// The options of every command that goes over memory: which memory, how, and how much to print.
struct ScanOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Scan these regions only, as in `memdump dump --help`; may be given several times.", valueName: "sel"),
    transform: parseSelector)
  var region: [RegionSelector] = []

  @Flag(help: "Of a process, scan every region, mapped files and read-only memory too.")
  var all = false

  @OptionGroup var pause: PauseOptions<LiveByDefault>

  @Option(help: ArgumentHelp("The address of the first byte of a dump that has no manifest.", valueName: "address"))
  var base: Address?

  @Flag(help: "Print every occurrence, in the order of addresses, in place of counts.")
  var each = false

  @Option(help: ArgumentHelp("Print this many rows at most; 0 for all.", valueName: "count"))
  var top: RowLimit = 50

  @Option(help: ArgumentHelp("Print texts only that were found this often.", valueName: "count"))
  var minCount: UInt64 = 1

  @Option(
    help: ArgumentHelp("How many threads share the work. Default: as many as there are processors.", valueName: "count")
  )
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "What counting may take up; where there are more distinct texts, the rarest are forgotten and the summary says so.",
      valueName: "size"))
  var memory = ByteSize(Tally.standardLimit)

  @Flag(help: "Print JSON Lines.")
  var json = false

  @OptionGroup var display: DisplayOptions

  /// How many threads share the work.
  var threadCount: Int { threads ?? min(Syscall.processorCount, 8) }

  /// What of a map to go over: what was asked for; of a process otherwise what it wrote itself, and of a file everything.
  func ranges(
    in regions: [MemoryRegion], of process: TargetProcess? = nil
  ) throws(MemDumpError) -> [Range<Address>] {
    guard region.isEmpty else {
      var ranges: [Range<Address>] = []
      for selector in region { ranges += try selector.ranges(in: regions, of: process?.label) }
      return ranges.union()
    }
    return process == nil || all ? regions.map(\.range) : OwnWriting.withSharedMemory.ranges(in: regions)
  }

  /// The size of what can be read of a process and is not gone over unless it is asked for, in bytes.
  func leftOutByteCount(of regions: [MemoryRegion]) -> UInt64 {
    guard !all, region.isEmpty else { return 0 }
    return regions.filter { region in
      region.permissions.contains(.read) && !region.isDevice && region.kind != .kernel
        && !OwnWriting.withSharedMemory.includes(region)
    }.reduce(0) { $0 + $1.byteCount }
  }

  /// The word for the source in a next step; nil where more than a word is needed to go over the same again.
  func nextSource(_ sources: [String]) -> String? {
    guard let word = sources.first, sources.count == 1, word != "-", !each, !all, region.isEmpty, base == nil else {
      return nil
    }
    return word
  }

  /// Whether all sources are PIDs.
  static func areProcesses(_ sources: [String]) -> Bool { sources.allSatisfy { Int32($0) != nil } }

  /// Refuses options that `sources` do not allow.
  func validate(for sources: [String]) throws {
    if pause.chosenMode != .live, !Self.areProcesses(sources) {
      throw ValidationError("--mode is for a process, given by its number.")
    }
  }

  func validate() throws {
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads is a number from 1 to 256.") }
    if all, !region.isEmpty { throw ValidationError("--all and --region exclude each other.") }
    if memory < ByteSize(1 << 20) { throw ValidationError("--memory is 1M at least.") }
  }
}
