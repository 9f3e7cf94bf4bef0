import ArgumentParser
import MemDump
import SystemPackage

/// `memdump verify FILE`: a dump against its manifest.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check a dump against its manifest FILE.json: length, regions, holes, digest.",
    discussion: """
      The digest is that of the whole file, holes as zeros: the same that `sha256sum FILE` prints. The manifest has it where \
      the dump was made with --sha256. The exit status is 0 where nothing contradicts the manifest, and otherwise 2.

      Example:
        memdump verify core.21610
      """)

  @Argument(help: ArgumentHelp("The dump, raw or ELF core.", valueName: "file"), completion: .file())
  var file: String

  @Flag(help: "Print what was checked as JSON.")
  var json = false

  @OptionGroup var display: DisplayOptions

  func run() throws {
    let path = FilePath(file)
    Confinement.enter()
    let control = WorkControl()
    let (verification, signal) = try Progress.watch(control, verb: "checked") {
      () throws(MemDumpError) -> Verification? in
      do throws(MemDumpError) { return try Verification(path, digest: SHA256Digest.self, control: control) } catch {
        if error.code == .interrupted { return nil }
        throw error
      }
    }
    guard let verification else { throw ExitStatus.signal(signal ?? SignalNumber.interrupt).exitCode }
    try VerifyReport(verification: verification, path: path).print(as: OutputFormat(json: json, display: display))
    try ExitStatus(hasFailed: !verification.isGood).leave()
  }
}
