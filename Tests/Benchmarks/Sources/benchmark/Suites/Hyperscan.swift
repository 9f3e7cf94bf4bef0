import Foundation

/// Hyperscan, where its library is installed with a compiler (Debian: libhyperscan-dev): a small program that is built when it
/// is needed.
struct Hyperscan {
  /// The program; nil where it cannot be built.
  let program: String?

  init(_ workspace: Workspace) {
    let program = "\(workspace.directory)/hyperscan"
    let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Peers/hyperscan.c").path
    _ = workspace.firstLine("cc -O2 -o '\(program)' '\(source)' -lhs 2>&1")
    self.program = FileManager.default.isExecutableFile(atPath: program) ? program : nil
  }

  /// Its run, which prints the number of matches.
  func contender(_ program: String, _ arguments: [String]) -> Contender {
    Contender("hyperscan", [program] + arguments, output: .counted) { child in
      guard child.exitStatus == 0, let count = Int(child.lastOutput.filter { !$0.isWhitespace }) else {
        throw child.failure
      }
      return Measurement(child, result: "\(count) matches")
    }
  }
}
