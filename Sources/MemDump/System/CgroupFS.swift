import SystemPackage

/// The freezer's files of control groups; the only place that spells their names. See cgroups(7).
enum CgroupFS {
  /// A frozen group, and how it is thawed.
  struct Freezer: Hashable, Sendable {
    /// The file to write to.
    var file: FilePath
    /// What thaws it.
    var word: String
  }

  /// The frozen group that a process is in, by the text of its /proc/PID/cgroup; nil where none is frozen.
  static func frozen(_ text: [UInt8]) -> Freezer? {
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let group = String(decoding: parts[2].drop { $0 == UInt8(ascii: "/") }, as: UTF8.self)
      if parts[1].isEmpty {
        for root: FilePath in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] {
          let directory = group.isEmpty ? root : root.appending(group)
          guard let events = try? ProcFS.read(directory.appending("cgroup.events")),
            events.split(separator: UInt8(ascii: "\n")).contains(where: { $0.elementsEqual("frozen 1".utf8) })
          else { continue }
          return Freezer(file: freezer(from: directory, root), word: "0")
        }
      } else if parts[1].split(separator: UInt8(ascii: ",")).contains(where: { $0.elementsEqual("freezer".utf8) }) {
        let directory = FilePath("/sys/fs/cgroup/freezer").appending(group)
        if let state = try? ProcFS.read(directory.appending("freezer.state")), !state.starts(with: "THAWED".utf8) {
          return Freezer(file: directory.appending("freezer.state"), word: "THAWED")
        }
      }
    }
    return nil
  }

  /// The nearest group at or above this one that was asked to freeze: freezing goes down the tree.
  private static func freezer(from directory: FilePath, _ root: FilePath) -> FilePath {
    var group = directory
    while group != root, !group.isEmpty {
      let file = group.appending("cgroup.freeze")
      if let asked = try? ProcFS.read(file), asked.first == UInt8(ascii: "1") { return file }
      group.removeLastComponent()
    }
    return directory.appending("cgroup.freeze")
  }
}
