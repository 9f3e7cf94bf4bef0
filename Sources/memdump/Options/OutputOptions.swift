import ArgumentParser
import MemDump

/// The options for the form of tables.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON Lines, as --format json does.")
  var json = false

  @Option(help: "How to print: text for people, json (JSON Lines), or csv, the rows alone (RFC 4180).")
  var format: OutputFormat.Kind?

  @Flag(help: "Print tables and CSV without the line of headings.")
  var noHeaders = false

  @OptionGroup var display: DisplayOptions

  func validate() throws {
    if json, let format, format != .json { throw ValidationError("--json and --format exclude each other.") }
  }

  /// The form of output.
  var form: OutputFormat { OutputFormat(json ? .json : format ?? .text, hasHeadings: !noHeaders, display) }
}
