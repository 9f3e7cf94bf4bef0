internal import CBuild
import MemDump

/// What this build of the tool is.
enum BuildFacts {
  /// The commit that was built; nil where the build was not told.
  static var commit: String? {
    let commit = unsafe String(cString: cbuild_commit())
    return commit.isEmpty ? nil : commit
  }

  /// The text of `memdump --version`: the version and the commit, and a line for each thing that a build can do without.
  static var version: String {
    Version.text + (commit.map { " (\($0))" } ?? "") + "\nregex: \(RegexPattern.engine ?? "no")"
  }
}
