import Glibc

/// A control group whose processes may take up so much and no more. It goes with its value, once it is empty.
public final class ResourceLimit {
  private let directory: String

  /// Whether such groups can be made.
  public static let isAvailable = isRoot && (try? memory(byteCount: 1 << 30)) != nil && (try? tasks(100)) != nil

  /// A group with so much memory. What a process had before it came counts where it was.
  public static func memory(byteCount: Int) throws -> ResourceLimit {
    let isVersionOne = access("/sys/fs/cgroup/memory/memory.limit_in_bytes", F_OK) == 0
    return try ResourceLimit("memory", isVersionOne ? "memory.limit_in_bytes" : "memory.max", byteCount)
  }

  /// A group with so many processes and threads.
  public static func tasks(_ count: Int) throws -> ResourceLimit { try ResourceLimit("pids", "pids.max", count) }

  private init(_ controller: String, _ file: String, _ value: Int) throws {
    let versionOne = "/sys/fs/cgroup/\(controller)"
    let root = access(versionOne, W_OK) == 0 ? versionOne : "/sys/fs/cgroup"
    directory = root + "/memdump-test-\(getpid())-\(UInt32.random(in: 0...999_999))"
    guard mkdir(directory, 0o755) == 0 else { throw TestFailure("no control group") }
    try CPUQuota.write("\(value)", to: directory + "/" + file)
  }

  deinit { _ = waitUntil(within: .seconds(5)) { rmdir(directory) == 0 } }

  /// The words of a command that joins the group, and then becomes the one of these words.
  public func words(_ words: [String]) -> [String] {
    ["/bin/sh", "-c", "echo $$ > '\(directory)/cgroup.procs' && exec \"$@\"", "sh"] + words
  }

  /// Moves a process into the group.
  public func add(_ process: Int32) throws { try CPUQuota.write("\(process)", to: directory + "/cgroup.procs") }
}
