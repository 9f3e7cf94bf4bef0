import Glibc

/// The built `memdump`, run as a person runs it.
public enum Tool {
  /// What a run gave.
  public struct Result: Sendable {
    /// How it ended.
    public let exit: Exit
    /// Its standard output.
    public let output: [UInt8]
    /// Its standard error.
    public let errors: [UInt8]

    /// Its exit status, 128 + N where signal N ended it.
    public var status: Int32 {
      switch exit {
      case .status(let status): status
      case .signal(let signal): 128 + signal
      }
    }
    /// Its standard output as text.
    public var text: String { String(decoding: output, as: UTF8.self) }
    /// Its standard error as text.
    public var errorText: String { String(decoding: errors, as: UTF8.self) }
    /// The lines of its standard output.
    public var lines: [String] {
      text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
  }

  /// Starts it.
  public static func start(
    _ arguments: [String], environment: [String: String] = [:], user: UInt32? = nil, directory: String? = nil,
    output: CInt? = nil
  ) throws -> Child {
    let words = try Programs.words("memdump", arguments, user: user)
    return try Child(
      words[0], Array(words.dropFirst()), environment: environment, directory: directory, output: output)
  }

  /// Runs it to its end.
  ///
  /// - Parameters:
  ///   - input: what it reads from its standard input.
  ///   - user: who it runs as; other rights than ours only where we are root.
  ///   - time: when it counts as hanging.
  public static func run(
    _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:], user: UInt32? = nil,
    directory: String? = nil, within time: Duration = .seconds(300)
  ) throws -> Result {
    let child = try start(arguments, environment: environment, user: user, directory: directory)
    return try finish(child, input: input, within: time)
  }

  /// Runs it to its end as a process of a control group.
  public static func run(_ arguments: [String], in limit: ResourceLimit) throws -> Result {
    let words = limit.words(try Programs.words("memdump", arguments, user: nil))
    return try finish(try Child(words[0], Array(words.dropFirst())))
  }

  /// Runs it to its end.
  public static func run(_ arguments: String...) throws -> Result { try run(arguments) }

  /// Waits for the end of a run.
  public static func finish(_ child: Child, input: [UInt8] = [], within time: Duration = .seconds(300)) throws -> Result
  {
    let (output, errors) = try child.communicate(input, within: time)
    return Result(exit: try child.wait(), output: output, errors: errors)
  }

  /// Runs a command line of the shell, in which `$MEMDUMP` is the tool.
  public static func shell(
    _ line: String, environment: [String: String] = [:], within time: Duration = .seconds(300)
  ) throws -> Result {
    let environment = environment.merging(["MEMDUMP": Programs.path("memdump")]) { first, _ in first }
    return try finish(try Child("/bin/sh", ["-c", line], environment: environment), within: time)
  }
}

/// The options for a mode, with a pause that a busy machine keeps to: a process that is not stopped has none.
public func modeWords(_ mode: String) -> [String] {
  ["--mode", mode] + (mode == "live" ? [] : ["--max-pause", "10s"])
}
