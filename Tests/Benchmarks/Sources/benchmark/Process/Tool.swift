import Foundation

/// A program that may be installed.
enum Tool: String, CaseIterable {
  case grep, ripgrep = "rg", yara, strings, gdb, gcore, dd, python = "python3", nginx, redis = "redis-server", wrk, go
  case euStack = "eu-stack"
  case pySpy = "py-spy"

  var isInstalled: Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { access("\($0)/\(rawValue)", X_OK) == 0 }
  }

  /// What it says about its version, or nil where it is not installed or says nothing.
  func version(_ workspace: Workspace) -> String? {
    guard isInstalled, self != .gcore else { return nil }
    let option = self == .nginx || self == .wrk ? "-v" : self == .go ? "version" : "--version"
    let line = workspace.firstLine("\(rawValue) \(option) 2>&1")
    return line.map { $0.lowercased().contains(rawValue.prefix(2)) ? $0 : "\(rawValue) \($0)" }
  }
}
