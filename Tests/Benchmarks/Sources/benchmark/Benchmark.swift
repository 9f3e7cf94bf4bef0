import Foundation

/// Compares the built tool with its peers and with the least work that could be done, and prints Markdown.
@main
enum Benchmark {
  static func main() {
    Cleanup.onSignals()
    setenv("LC_ALL", "C", 1)
    unsetenv("DEBUGINFOD_URLS")
    do {
      let options = try Options(Array(CommandLine.arguments.dropFirst()))
      let workspace = try Workspace(options)
      write(Environment.text(options, workspace))
      for suite in options.suites {
        progress("suite \(suite.rawValue)")
        let meter = LoadMeter()
        let report = try suite.run(options, workspace)
        write("\n## \(suite.rawValue)\n\n\(report)\n\n\(meter.text)")
      }
    } catch {
      progress("\(error)")
      Cleanup.run()
      exit(error is Options.WrongUsage ? 64 : 1)
    }
    Cleanup.run()
  }

  /// Prints at once, not when a buffer is full.
  private static func write(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }
}

/// What could not be done.
struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Says on standard error what is being done.
func progress(_ text: String) {
  FileHandle.standardError.write(Data("benchmark: \(text)\n".utf8))
}
