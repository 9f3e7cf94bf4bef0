import ArgumentParser
import MemDump

/// What the tool's exit status says.
enum ExitStatus: Equatable {
  /// Done, or found.
  case done
  /// Nothing was found, or there was nothing to do.
  case nothingFound
  /// It failed.
  case failed
  /// Done, but the target could not be seen to run as before.
  case unverified
  /// The pause budget ran out; what was got is kept and labelled.
  case budgetExhausted
  /// The command line is wrong.
  case usage
  /// A signal of this number ended it early.
  case signal(Int32)
  /// That of a command which the tool ran.
  case command(Int32)

  /// What a command came to, the gravest of it first.
  ///
  /// - Parameters:
  ///   - signal: what ended it early; nil for nothing.
  ///   - isVerified: whether every process was seen to run as before.
  ///   - hasFailed: whether something could not be done.
  ///   - fitsPause: whether all that was to be of one instant is.
  ///   - hasFound: whether there is something to show.
  init(
    signal: Int32? = nil, isVerified: Bool = true, hasFailed: Bool = false, fitsPause: Bool = true,
    hasFound: Bool = true
  ) {
    let grave: [(Bool, ExitStatus)] = [
      (!isVerified, .unverified), (hasFailed, .failed), (!fitsPause, .budgetExhausted), (!hasFound, .nothingFound),
    ]
    self = signal.map { .signal($0) } ?? grave.first(where: \.0)?.1 ?? .done
  }

  /// That of an error.
  init(of error: MemDumpError) { self = error.isUsage ? .usage : .failed }

  /// The same with the looks at processes that were made; nil where there was no process.
  init(signal: Int32? = nil, looks: [LookProof?], hasFailed: Bool = false, hasFound: Bool = true) {
    let proofs = looks.compactMap(\.self)
    self.init(
      signal: signal, isVerified: proofs.allSatisfy(\.isVerified), hasFailed: hasFailed,
      fitsPause: proofs.allSatisfy(\.fitsPause), hasFound: hasFound)
  }

  /// The number.
  var code: Int32 {
    switch self {
    case .done: 0
    case .nothingFound: 1
    case .failed: 2
    case .unverified: 3
    case .budgetExhausted: 4
    case .usage: ExitCode.validationFailure.rawValue
    case .signal(let number): 128 + number
    case .command(let code): code
    }
  }

  /// The status as what a command throws.
  var exitCode: ExitCode { ExitCode(code) }

  /// Ends a command with this status, unless it is that of success.
  func leave() throws {
    if code != 0 { throw exitCode }
  }
}
