import Foundation

/// Where the built programs are, and the directories of this run, which are removed at its end.
final class Workspace {
  /// The tool, fully static where that was built.
  let memdump: String
  let target: String
  let yardstick: String
  let launch: String
  let mixedHeap: String
  /// On the disk.
  let directory: String
  /// In memory (tmpfs), or nil where the machine has none.
  let memoryDirectory: String?

  init(_ options: Options) throws {
    let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    (memdump, target) = (options.staticMemdump ?? options.memdump, options.target)
    (yardstick, launch, mixedHeap) = ("\(own)/yardstick", "\(own)/launch", "\(own)/mixed-heap")
    for program in [memdump, target, yardstick, launch, mixedHeap]
    where !FileManager.default.isExecutableFile(atPath: program) {
      throw Failure("\(program) cannot be executed; run Tests/Benchmarks/run.sh, which builds everything")
    }
    directory = try Self.makeDirectory(in: options.directory)
    memoryDirectory = try? Self.makeDirectory(in: "/dev/shm")
  }

  /// A command line as a person would write it.
  func readable(_ command: [String], _ words: [String: String] = [:]) -> String {
    let quoted = command.map { $0.contains(where: " |'\"\\(*;<>$".contains) ? "'\($0)'" : $0 }
    return readable(command.first == "sh" ? command[2] : quoted.joined(separator: " "), words)
  }

  /// A text without the paths of this run.
  func readable(_ text: String, _ words: [String: String] = [:]) -> String {
    var text = text
    let names = [memdump: "memdump", yardstick: "yardstick", directory: "DIR"]
      .merging(memoryDirectory.map { [$0: "/dev/shm"] } ?? [:]) { first, _ in first }
      .merging(words) { _, word in word }
    for (path, word) in names.sorted(by: { $0.key.count > $1.key.count }) {
      text = text.replacingOccurrences(of: path, with: word)
    }
    return text
  }

  private static func makeDirectory(in parent: String) throws -> String {
    let path = "\(parent)/memdump-benchmark-\(getpid())"
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    Cleanup.remember(path: path)
    return path
  }
}
