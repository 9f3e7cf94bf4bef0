import Glibc

/// A control group whose processes get little of the processor, which is what a busy machine looks like to them. It goes
/// with its value, once it is empty.
public final class CPUQuota {
  private static let versionOne = "/sys/fs/cgroup/cpu"
  private let directory: String

  /// Whether such a group can be made.
  public static let isAvailable = isRoot && (try? CPUQuota(microseconds: 10_000, each: 100_000)) != nil

  /// Makes a group that gets so many microseconds of each period.
  public init(microseconds: Int, each period: Int) throws {
    let isVersionOne = access(Self.versionOne + "/cpu.cfs_quota_us", W_OK) == 0 || access(Self.versionOne, W_OK) == 0
    directory =
      (isVersionOne ? Self.versionOne : "/sys/fs/cgroup")
      + "/memdump-test-\(getpid())-\(UInt32.random(in: 0...999_999))"
    guard mkdir(directory, 0o755) == 0 else { throw TestFailure("no control group") }
    if isVersionOne {
      try Self.write("\(period)", to: directory + "/cpu.cfs_period_us")
      try Self.write("\(microseconds)", to: directory + "/cpu.cfs_quota_us")
    } else {
      try Self.write("\(microseconds) \(period)", to: directory + "/cpu.max")
    }
  }

  deinit { _ = waitUntil(within: .seconds(5)) { rmdir(directory) == 0 } }

  /// Moves a process into the group.
  public func add(_ process: Int32) throws { try Self.write("\(process)", to: directory + "/cgroup.procs") }

  /// Gives its processes all they want.
  public func lift() throws {
    if access(directory + "/cpu.cfs_quota_us", W_OK) == 0 {
      try Self.write("-1", to: directory + "/cpu.cfs_quota_us")
    } else {
      try Self.write("max", to: directory + "/cpu.max")
    }
  }

  static func write(_ text: String, to path: String) throws {
    let file = open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { throw TestFailure("\(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    let bytes = Array(text.utf8)
    guard Glibc.write(file, bytes, bytes.count) == bytes.count else {
      throw TestFailure("\(path): \(String(cString: strerror(errno)))")
    }
  }
}
