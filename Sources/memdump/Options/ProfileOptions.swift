import ArgumentParser
import MemDump
import SystemPackage

/// The options for files that other programs draw.
struct ProfileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write folded stacks to this file too, as flamegraph.pl reads them.", valueName: "file"),
    completion: .file())
  var folded: String?

  @Option(
    help: ArgumentHelp("Write a profile to this file too, as `go tool pprof` reads it.", valueName: "file"),
    completion: .file())
  var pprof: String?

  @Flag(help: "Replace these files where they exist.")
  var force = false

  func validate() throws {
    if folded == "" || pprof == "" { throw ValidationError("--folded and --pprof need the name of a file.") }
    if [folded, pprof].contains("-") {
      throw ValidationError("--folded and --pprof write a file: '-' is none. A file of that name is './-'.")
    }
    if force, !isAsked { throw ValidationError("--force is for the files of --folded and --pprof.") }
    if let folded, folded == pprof { throw ValidationError("--folded and --pprof need a file each.") }
  }

  /// Whether a file is asked for.
  var isAsked: Bool { folded != nil || pprof != nil }

  /// Creates the files, before anything is looked at.
  func create() throws(MemDumpError) -> [ProfileFile] {
    var files: [ProfileFile] = []
    for (path, format) in [(folded, ProfileFile.Format.folded), (pprof, .pprof)] {
      if let path { files.append(try ProfileFile(FilePath(path), format, replacing: force)) }
    }
    return files
  }
}

extension [ProfileFile] {
  /// Says that the files are not there, where there was nothing to write to them.
  func noteAbsence() {
    for file in self { StandardError.write("memdump: \(EscapedText(file.path.string.utf8)) was not written") }
  }

  /// Writes a profile to each of the files, and gives them their names.
  func finish(with make: @autoclosure () -> Profile) throws(MemDumpError) {
    guard !isEmpty else { return }
    var profile = make()
    profile.comments.append("memdump \(Version.text)")
    for file in self { try file.finish(with: profile) }
  }
}
