import Glibc

/// A control group whose processes may take up so much memory. It goes with its value, once it is empty.
public final class MemoryLimit {
  private let directory: String

  /// Whether such a group can be made.
  public static let isAvailable = isRoot && (try? MemoryLimit(byteCount: 1 << 30)) != nil

  /// Makes a group.
  public init(byteCount: Int) throws {
    let versionOne = "/sys/fs/cgroup/memory"
    let isVersionOne = access(versionOne + "/memory.limit_in_bytes", F_OK) == 0
    directory =
      (isVersionOne ? versionOne : "/sys/fs/cgroup") + "/memdump-test-\(getpid())-\(UInt32.random(in: 0...999_999))"
    guard mkdir(directory, 0o755) == 0 else { throw TestFailure("no control group") }
    try CPUQuota.write("\(byteCount)", to: directory + (isVersionOne ? "/memory.limit_in_bytes" : "/memory.max"))
  }

  deinit { _ = waitUntil(within: .seconds(5)) { rmdir(directory) == 0 } }

  /// Moves a process into the group. What it had before counts where it was.
  public func add(_ process: Int32) throws { try CPUQuota.write("\(process)", to: directory + "/cgroup.procs") }
}
