/// What can be measured, by its name on the command line.
enum Suite: String, CaseIterable {
  case scan, patterns, needles, strings, rows, live, dump, pause, requests, allocs, startup, holders, mappings, heaps
  case runtimes

  /// Runs it and returns its tables.
  func run(_ options: Options, _ workspace: Workspace) throws -> String {
    let contest = Contest(options: options, workspace: workspace)
    return switch self {
    case .scan: try ScanSuite(contest: contest).report()
    case .patterns: try PatternSuite(contest: contest).report()
    case .needles: try NeedleSuite(contest: contest).report()
    case .strings: try StringsSuite(contest: contest).report()
    case .live: try LiveSuite(contest: contest).report()
    case .dump: try DumpSuite(contest: contest).report()
    case .pause: try PauseSuite(contest: contest).report()
    case .requests: try RequestSuite(contest: contest).report()
    case .allocs: try AllocsSuite(contest: contest).report()
    case .startup: StartupSuite(contest: contest).report()
    case .holders: try HolderSuite(contest: contest).report()
    case .heaps: try HeapSuite(contest: contest).report()
    case .runtimes: try RuntimeSuite(contest: contest).report()
    case .rows: try RowSuite(contest: contest).report()
    case .mappings: try MappingSuite(contest: contest).report()
    }
  }
}
