import ArgumentParser
import MemDump

/// The options of every command that goes over memory: which memory, how, and how much to print.
struct ScanOptions: ParsableArguments {
  @OptionGroup var processes: SeveralProcessOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Look at these regions only, as in `memdump dump --help`; may be given several times.", valueName: "sel"),
    completion: .regions, transform: parseSelector)
  var region: [RegionSelector] = []

  @OptionGroup var regions: RegionOptions

  @Flag(
    help: """
      Of a process, look at every region, mapped files and read-only memory too; so do --min-size, --kind and --perm.
      """)
  var all = false

  @OptionGroup var pause: PauseOptions<LiveByDefault>

  @Option(help: ArgumentHelp("The address of the first byte of a dump that has no manifest.", valueName: "address"))
  var base: Address?

  @Flag(help: "Print every occurrence, in the order of addresses, in place of counts.")
  var each = false

  @Option(help: ArgumentHelp("Print this many rows at most; 0 for all.", valueName: "count"))
  var top: RowLimit = 50

  @Option(help: ArgumentHelp("Print texts only that were found this often.", valueName: "count"))
  var minCount: Count = 1

  @Option(
    help: ArgumentHelp("How many threads share the work. Default: as many as there are processors.", valueName: "count")
  )
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "What counting may take up; where there are more distinct texts, the rarest are forgotten and the summary says so.",
      valueName: "size"))
  var memory = ByteSize(Tally.standardLimit)

  @OptionGroup var output: OutputOptions

  /// How many threads share the work.
  var threadCount: Int { threads ?? min(Syscall.processorCount, 8) }

  /// What of a map to go over: what was asked for; of a process otherwise what it wrote itself, and of a file everything.
  func ranges(
    in map: [MemoryRegion], of process: TargetProcess? = nil
  ) throws(MemDumpError) -> [Range<Address>] {
    let filter = regions.filter
    guard region.isEmpty else {
      var ranges: [Range<Address>] = []
      for selector in region { ranges += try selector.ranges(in: map, of: process?.label) }
      return try filter.selection(of: ranges.union(), in: map, of: process?.label)
    }
    if process == nil || all || !filter.isOpen {
      return try filter.selection(of: map.map(\.range), in: map, of: process?.label)
    }
    return OwnWriting.withSharedMemory.ranges(in: map)
  }

  /// The size of what can be read of a process and is not gone over unless it is asked for, in bytes.
  func leftOutByteCount(of map: [MemoryRegion]) -> UInt64 {
    guard !all, region.isEmpty, regions.filter.isOpen else { return 0 }
    return map.filter { region in
      region.permissions.contains(.read) && !region.isDevice && region.kind != .kernel
        && !OwnWriting.withSharedMemory.includes(region)
    }.reduce(0) { $0 + $1.byteCount }
  }

  /// The word for the source in a next step; nil where more than a word is needed to go over the same again.
  func nextSource(_ sources: [SourceWord]) -> String? {
    guard let word = sources.first?.word, sources.count == 1, word != "-", !each, !all, region.isEmpty,
      regions.filter.isOpen, base == nil
    else { return nil }
    return word
  }

  /// The sources that words mean.
  ///
  /// - Parameters:
  ///   - words: the words.
  ///   - takesProcesses: the option that is for processes alone, where one is given.
  func sources(_ words: [String], takesProcesses option: String? = nil) throws -> [SourceWord] {
    let sources = SourceWord.all(words, processes, opensFiles: !pause.noFiles)
    let option = option ?? (pause.chosenMode == .live ? nil : "--mode")
    if let option, let other = sources.first(where: { !$0.mayBeProcess }) {
      throw ValidationError("\(option) is for a process, and '\(EscapedText(other.word.utf8))' is none.")
    }
    let found = sources.compactMap { try? $0.argument.get() }
    if found.count == sources.count { try processes.one.check(words, found) }
    Confinement.enter(unlessProcessIn: found)
    return sources
  }

  /// Refuses a command line without sources.
  func validate(words: [String]) throws {
    if words.isEmpty, processes.names.isEmpty { throw ValidationError("Missing expected argument '<source> ...'") }
  }

  func validate() throws {
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads is a number from 1 to 256.") }
    if all, !region.isEmpty { throw ValidationError("--all and --region exclude each other.") }
    if memory < ByteSize(1 << 20) { throw ValidationError("--memory is 1M at least.") }
  }
}
