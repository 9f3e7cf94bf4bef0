import Foundation

/// Those who look for `ip:port` texts, as contenders.
struct Searchers {
  /// What grep, ripgrep and yara look for. It also matches what is no address, such as 999.1.1.1:99999.
  static let expression = #"([0-9]{1,3}\.){3}[0-9]{1,3}:[0-9]{1,5}"#

  /// The one that the others are compared with: one thread and one pattern, as they have.
  static let reference = "memdump, 1 thread"

  let workspace: Workspace

  /// `memdump scan --json`, or another command, with further arguments. Every line of output is counted, nothing goes to a
  /// terminal.
  func memdump(_ name: String, _ arguments: [String], command: String = "scan") -> Contender {
    Contender(name, [workspace.memdump, command] + arguments + ["--json"], output: .counted) { child in
      guard child.exitStatus == 0 || child.exitStatus == 1 else { throw child.failure }
      let line = child.lastOutput.split(separator: "\n").last ?? ""
      let summary = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      guard let findings = summary?["findings"] as? Int else { throw Failure("there is no summary: \(line)") }
      let distinct = (summary?["distinct"] as? Int).map { ", \($0) distinct" } ?? ""
      return Measurement(child, result: "\(findings) matches\(distinct)")
    }
  }

  /// A program whose output lines are its matches, but for `others` of them; status 1 is that there were none.
  func peer(_ name: String, _ command: [String], result: String = "matches", others: Int = 0) -> Contender {
    Contender(name, command, output: .counted) { child in
      guard child.exitStatus == 0 || child.exitStatus == 1 else { throw child.failure }
      return Measurement(child, result: "\(max(0, child.lineCount - others)) \(result)")
    }
  }

  /// yara with a rule of the same expression; it prints a line for the rule, too.
  func yara(_ source: String) throws -> Contender {
    let path = "\(workspace.directory)/endpoint.yar"
    let rule = "rule endpoint { strings: $a = /\(Self.expression)/ condition: $a }\n"
    try rule.write(toFile: path, atomically: false, encoding: .utf8)
    return peer("yara", ["yara", "-w", "-s", path, source], others: 1)
  }

  /// All that are installed, on a file.
  func all(_ file: String) throws -> [Contender] {
    let text = ["--pattern", "ipv4-port"]
    var contenders = [
      memdump(Self.reference, [file, "--threads", "1"] + text),
      memdump("memdump", [file] + text),
      memdump("memdump, both patterns, 1 thread", [file, "--threads", "1"]),
      memdump("memdump, both patterns", [file]),
      peer("memdump --each", [workspace.memdump, "scan", file, "--each"] + text),
    ]
    if Tool.grep.isInstalled { contenders.append(peer("grep", ["grep", "-aobE", Self.expression, file])) }
    if Tool.ripgrep.isInstalled {
      let flags = ["--no-config", "--no-unicode", "--text", "--only-matching", "--byte-offset", "--no-line-number"]
      contenders.append(peer("ripgrep", ["rg"] + flags + [Self.expression, file]))
    }
    if Tool.yara.isInstalled { contenders.append(try yara(file)) }
    if Tool.strings.isInstalled, Tool.grep.isInstalled {
      let pipeline = "strings '\(file)' | grep -oE '\(Self.expression)' | sort | uniq -c | sort -rn"
      contenders.append(peer("strings pipeline", ["sh", "-c", pipeline], result: "distinct"))
    }
    return contenders
  }
}
