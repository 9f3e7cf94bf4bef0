import ArgumentParser

/// What the tool's exit status says.
enum ExitStatus: Int32 {
  /// Done, or found.
  case done = 0
  /// Nothing was found, or there was nothing to do.
  case nothingFound = 1
  /// It failed.
  case failed = 2
  /// Done, but the target could not be seen to run as before.
  case unverified = 3
  /// The pause budget ran out; what was got is kept and labelled.
  case budgetExhausted = 4

  /// The status as what a command throws.
  var exitCode: ExitCode { ExitCode(rawValue) }

  /// Ends a command with this status, unless it is that of success.
  func leave() throws {
    if self != .done { throw exitCode }
  }
}
