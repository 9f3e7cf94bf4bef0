import SystemPackage

/// The files of control groups; the only place that spells their names. See cgroups(7).
enum CgroupFS {
  /// How to thaw a frozen control group.
  struct Freezer: Hashable, Sendable {
    /// The file to write the word to.
    var file: FilePath
    /// The word that thaws the group.
    var word: String
  }

  /// How to thaw the frozen group of a process, by the text of its /proc/PID/cgroup; nil where no group is frozen.
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

  /// The `cgroup.freeze` of the nearest group from `directory` up that was asked to freeze, which goes down the tree.
  private static func freezer(from directory: FilePath, _ root: FilePath) -> FilePath {
    var group = directory
    while group != root, !group.isEmpty {
      let file = group.appending("cgroup.freeze")
      if let asked = try? ProcFS.read(file), asked.first == UInt8(ascii: "1") { return file }
      group.removeLastComponent()
    }
    return directory.appending("cgroup.freeze")
  }

  /// The memory that the limit of a control group leaves.
  struct MemoryLimit: Hashable, Sendable {
    /// The memory left, in bytes. Pages of files that are not in use count as left.
    var available: UInt64
    /// Whether the OOM killer ends all processes of the group together (memory.oom.group).
    var killsAll: Bool
  }

  /// The tightest limit of the groups of a process, by the text of its /proc/PID/cgroup; nil where none of them has one.
  ///
  /// memory.high of v2 counts as a limit, too: beyond it the kernel slows down every process of the group.
  static func memoryLimit(_ text: [UInt8]) -> MemoryLimit? {
    var tightest: MemoryLimit?
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let group = String(decoding: parts[2].drop { $0 == UInt8(ascii: "/") }, as: UTF8.self)
      let controllers = parts[1].split(separator: UInt8(ascii: ","))
      let roots: [FilePath]
      let names: (limits: [String], usage: String, reclaimable: String)
      if parts[1].isEmpty {
        roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
        names = (["memory.max", "memory.high"], "memory.current", "inactive_file")
      } else if controllers.contains(where: { $0.elementsEqual("memory".utf8) }) {
        roots = ["/sys/fs/cgroup/memory"]
        names = (["memory.limit_in_bytes"], "memory.usage_in_bytes", "total_inactive_file")
      } else {
        continue
      }
      for root in roots {
        // A limit of any group above counts too.
        var directory = group.isEmpty ? root : root.appending(group)
        while directory.starts(with: root) {
          if let limit = names.limits.compactMap({ number(directory.appending($0)) }).min(),
            let usage = number(directory.appending(names.usage))
          {
            let statistics = (try? ProcFS.read(directory.appending("memory.stat"))) ?? []
            let used = usage - min(usage, value(names.reclaimable, in: statistics))
            let killsAll = number(directory.appending("memory.oom.group")) == 1
            tightest = MemoryLimit(
              available: min(tightest?.available ?? .max, limit - min(limit, used)),
              killsAll: killsAll || tightest?.killsAll ?? false)
          }
          guard directory != root else { break }
          directory.removeLastComponent()
        }
      }
    }
    return tightest
  }

  /// The number in a file; nil without the file, or where the file says `max` or the number that stands for `max`.
  private static func number(_ file: FilePath) -> UInt64? {
    guard let bytes = try? ProcFS.read(file) else { return nil }
    var reader = ByteReader(bytes)
    return reader.number().flatMap { $0 >= 1 << 60 ? nil : $0 }
  }

  /// The number behind a key, in lines of a key and a number each; 0 without the key.
  private static func value(_ key: String, in bytes: [UInt8]) -> UInt64 {
    var lines = ByteReader(bytes)
    while let line = lines.takeLine() {
      var reader = ByteReader(bytes, line)
      guard reader.take(upTo: UInt8(ascii: " ")).elementsEqual(key.utf8) else { continue }
      reader.skipBlanks()
      return reader.number() ?? 0
    }
    return 0
  }
}
