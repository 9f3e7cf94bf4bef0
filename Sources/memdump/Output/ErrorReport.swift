import MemDump
import SystemPackage

/// The report of an error on standard error: for people a sentence behind `memdump: `, and for programs that asked for JSON a
/// record `error`.
struct ErrorReport: Report {
  private let message: String
  private let code: String
  private let status: ExitStatus
  private let candidates: [MemDumpError.Candidate]
  private let text: String
  /// What the error of the library is about.
  private var details: [Member] = []

  /// The report of an error of the library.
  init(_ error: MemDumpError) {
    (text, code, status, candidates) = (error.description, error.code.rawValue, ExitStatus(of: error), error.candidates)
    // Programs get the list as a list.
    message = candidates.isEmpty ? text : text.split(separator: "\n").first.map(String.init) ?? text
    if let process = error.process { details.append(Member(.pid, process.rawValue)) }
    if let tracer = error.tracer { details.append(Member(.tracerID, tracer.rawValue)) }
    if let path = error.path { details.append(Member(.path, EscapedText(path.string.utf8).description)) }
    if let needed = error.neededByteCount { details.append(Member("needed_bytes", needed)) }
    if let cause = error.cause { details.append(Member("errno", cause.rawValue)) }
  }

  /// The report of words that are no command line.
  init(usage message: String) {
    (text, self.message, code, status, candidates) = (message, message, "usage", .usage, [])
  }

  func describe(to page: inout some Rendering) {
    page.record(
      "error",
      [
        Member("code", code),
        Member("message", message),
        Member("exit_status", status.code),
      ] + details + (candidates.isEmpty ? [] : [Member(.candidates, candidates.map(Self.value))]))
  }

  private static func value(_ candidate: MemDumpError.Candidate) -> FieldValue {
    .object([
      Member(.pid, candidate.id.rawValue),
      Member(.parent, candidate.parent),
      Member("age_seconds", candidate.age),
      Member(.resident, candidate.residentByteCount),
      Member("command_line", EscapedText(candidate.commandLine).description),
    ])
  }

  /// Writes the report; one that cannot be written is lost, there being no one left to tell.
  func write() {
    if Self.form.kind == .text {
      StandardError.write("memdump: \(text)")
    } else {
      try? print(as: Self.form, to: StandardOutput(.standardError))
    }
  }

  /// The form of errors: JSON where the command line asks for it, whatever else is wrong with it.
  private static let form: OutputFormat = {
    let words = CommandLine.arguments.dropFirst().prefix { $0 != "--" }
    let isAsked =
      words.contains { $0 == "--json" || $0 == "--format=json" }
      || zip(words, words.dropFirst()).contains { $0 == "--format" && $1 == "json" }
    return OutputFormat(isAsked ? .json : .text)
  }()
}
