import Foundation

/// What the numbers depend on besides the tool.
enum Environment {
  static var load: String { words("/proc/loadavg").prefix(3).joined(separator: " ") }

  /// How much memory there is without swapping.
  static var availableByteCount: UInt64 {
    let numbers = words("/proc/meminfo")
    guard let index = numbers.firstIndex(of: "MemAvailable:"), let count = UInt64(numbers[index + 1]) else { return 0 }
    return count << 10
  }

  static func text(_ options: Options, _ workspace: Workspace) -> String {
    let build = options.staticMemdump == nil ? "" : ", fully static"
    let own = workspace.firstLine("'\(workspace.memdump)' --version").map { "memdump \($0)\(build)" }
    let versions = [own ?? "memdump of unknown version"] + Tool.allCases.compactMap { $0.version(workspace) }
    let cores = sysconf(CInt(_SC_NPROCESSORS_ONLN))
    let facts = [
      "Command: `\(options.command)`",
      "Kernel: \(workspace.firstLine("uname -srm") ?? "?"); huge pages \(huge)",
      "Processor: \(processor), \(cores) cores; \(sizeText(ProcessInfo.processInfo.physicalMemory))",
      "Load average at the start: \(load)",
      "Disk: \(workspace.firstLine("df --output=fstype,source '\(options.directory)' | tail -n 1") ?? "?")",
      "Versions: \(versions.joined(separator: "; "))",
      "\(options.rounds) rounds, in each every contender once; medians, and medians of the ratios within a round",
    ]
    return "# Benchmarks\n\n" + facts.map { "- \($0)" }.joined(separator: "\n")
  }

  private static var huge: String {
    words("/sys/kernel/mm/transparent_hugepage/enabled").first { $0.hasPrefix("[") } ?? "unknown"
  }

  private static var processor: String {
    let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = lines.split(separator: "\n").first { $0.hasPrefix("model name") } ?? "unknown"
    return line.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
  }

  private static func words(_ path: String) -> [String] {
    ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
  }
}
