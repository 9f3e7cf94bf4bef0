import ArgumentParser
import MemDump

/// `memdump footprint SOURCE…`: every resident byte in one category.
struct FootprintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "footprint",
    abstract: "Show where the memory of processes is: every resident byte in one category, in the kernel's own sum.",
    usage: "memdump footprint <source> ... [<options>]",
    discussion: """
      \(SourceArgument.rule)

      Categories are the program and libraries, heaps (with what is in use, cached and free of them), stacks of threads, \
      shared memory, files, and what is not explained, which is always a row. PSS divides each shared page among those who \
      have it; DIRTY is what the process alone has and has changed.

      Of several processes it shows one table, in which shared memory counts once; --each shows each of them, too. The heaps \
      of up to \(walkedProcesses) processes are walked, while the processes run; --heaps walks those of more. No page of a \
      process is touched that is not in memory. A core is shown with what it holds.

      Examples:
        memdump footprint nginx --newest
        memdump footprint --all-of nginx
        memdump footprint 21610 --verbose --top 5
      """)

  /// The most processes whose heaps are walked without being asked to.
  static let walkedProcesses = 8

  @Argument(help: ArgumentHelp("What to look at.", valueName: "source"), completion: .sources)
  var words: [String] = []

  @OptionGroup var processes: SeveralProcessOptions

  @OptionGroup var pause: PauseOptions<LiveByDefault>

  @Flag(inversion: .prefixedNo, help: "Walk heaps, to tell what of them is in use.")
  var heaps: Bool?

  @Flag(help: "Of several processes, show each.")
  var each = false

  @Flag(help: "List the mappings of each category, those with most resident memory first.")
  var verbose = false

  @Option(help: ArgumentHelp("With --verbose, list this many mappings of each at most; 0 for all.", valueName: "count"))
  var top: RowLimit = 10

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if words.isEmpty, processes.names.isEmpty { throw ValidationError("Missing expected argument '<source> ...'") }
  }

  func run() throws {
    let sources = SourceWord.all(words, processes, opensFiles: !pause.noFiles)
    let arguments = sources.compactMap { try? $0.argument.get() }
    try processes.one.check(words, arguments)
    if arguments.count == sources.count { Confinement.enter(unlessProcessIn: arguments) }
    var options = ProcessFootprint.Options()
    (options.mode, options.budget) = (pause.chosenMode, pause.budget)
    options.walksHeaps = heaps ?? (sources.count <= Self.walkedProcesses)
    (options.keepsMappings, options.keepsShared) = (verbose, sources.count > 1)
    let (found, errors) = footprints(of: sources, options)
    if let error = errors.first, sources.count == 1 { throw error }
    for error in errors { ErrorReport(error).write() }
    try print(found, sources.count)
    try ExitStatus(looks: found.map(\.proof), hasFailed: !errors.isEmpty, hasFound: !found.isEmpty).leave()
  }

  private func footprints(
    of sources: [SourceWord], _ options: ProcessFootprint.Options
  ) -> (found: [ProcessFootprint], errors: [MemDumpError]) {
    let known = KnownModules()
    var (found, errors): ([ProcessFootprint], [MemDumpError]) = ([], [])
    for source in sources {
      do throws(MemDumpError) {
        switch try source.argument.get() {
        case .process(let process): found.append(try ProcessFootprint(of: process, options, known: known))
        case .standardInput: throw MemDumpError.notSeekable
        case .file(let path): found.append(try ProcessFootprint(of: MemoryFile.open(path, base: nil), options))
        }
      } catch { errors.append(error) }
    }
    return (found, errors)
  }

  private func print(_ found: [ProcessFootprint], _ count: Int) throws {
    var form = output.form
    if found.count == 1 || each || form.kind != .text {
      for footprint in found {
        let mappings = verbose ? top : nil
        try FootprintReport(footprint, hasSeveral: count > 1, mappings: mappings.map(\.count)).print(as: form)
        form = form.following
      }
    }
    if found.count > 1 { try GroupFootprintReport(group: GroupFootprint(found)).print(as: form) }
  }
}
