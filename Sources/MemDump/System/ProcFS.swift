package import SystemPackage

/// The files under /proc; the only place that spells their names. See proc(5).
package enum ProcFS {
  /// A file or directory of a process or thread.
  package enum Entry: String {
    case directory = ""
    case auxiliaryVector = "auxv"
    case cgroup, cmdline, comm, exe, maps, mem, pagemap, smaps, stat, status
    case coreFilter = "coredump_filter"
    case descriptors = "fd"
    case descriptorFacts = "fdinfo"
    case mappedFiles = "map_files"
    case mounts = "mountinfo"
    case outOfMemoryScore = "oom_score_adj"
    case rollup = "smaps_rollup"
    case root
    case syscall
    case tcp = "net/tcp"
    case tcp6 = "net/tcp6"
    case threads = "task"
    case udp = "net/udp"
    case udp6 = "net/udp6"
    case userNamespace = "ns/user"
    case wchan
  }

  /// The path of an entry of a process.
  package static func path(_ process: ProcessID, _ entry: Entry) -> FilePath {
    FilePath("/proc/\(process)/\(entry.rawValue)")
  }

  /// The path of an entry of one thread of a process.
  package static func path(_ process: ProcessID, thread: ThreadID, _ entry: Entry) -> FilePath {
    FilePath("/proc/\(process)/task/\(thread)/\(entry.rawValue)")
  }

  /// The path of the file mapped at `range`, whatever the file's name and mount namespace are now; see proc(5),
  /// map_files. To follow the link takes CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN.
  package static func mappedFile(_ process: ProcessID, _ range: Range<Address>) -> FilePath {
    let start = String(range.lowerBound.rawValue, radix: 16)
    let end = String(range.upperBound.rawValue, radix: 16)
    return FilePath("/proc/\(process)/map_files/\(start)-\(end)")
  }

  /// The path of an entry of our own process.
  package static func ownPath(_ entry: Entry) -> FilePath { FilePath("/proc/self/\(entry.rawValue)") }

  /// The link to our own process, whose target is our number as the namespace of /proc counts.
  package static let own: FilePath = "/proc/self"

  /// The path of one of our own open files.
  package static func ownFile(_ file: FileDescriptor) -> FilePath { FilePath("/proc/self/fd/\(file.rawValue)") }

  /// The ptrace scope of Yama; the file is missing where the kernel has no Yama.
  package static let yamaScope: FilePath = "/proc/sys/kernel/yama/ptrace_scope"

  /// Who may have events of other threads; the file is missing where the kernel has no events. See perf_event_open(2).
  package static let perfParanoia: FilePath = "/proc/sys/kernel/perf_event_paranoid"

  /// The release of the kernel, such as `6.18.44`.
  private static let kernelRelease: FilePath = "/proc/sys/kernel/osrelease"
  /// The memory of the whole system; proc_meminfo(5).
  private static let systemMemory: FilePath = "/proc/meminfo"
  private static let all: FilePath = "/proc"
  private static let uptime: FilePath = "/proc/uptime"

  /// Reads an entry of a process.
  package static func read(_ process: ProcessID, _ entry: Entry) throws(Errno) -> [UInt8] {
    try read(path(process, entry))
  }

  /// Reads a whole file whose size is not known before, or its first bytes.
  package static func read(_ path: FilePath, limit: Int = .max) throws(Errno) -> [UInt8] {
    let file = try Descriptor(opening: path)
    return try Syscall.contents(file.file, limit: limit)
  }

  /// The threads of a process, in the order of their IDs.
  package static func threads(_ process: ProcessID) throws(Errno) -> [ThreadID] {
    let threads: [ThreadID] = try numbers(in: path(process, .threads))
    // A directory that was opened while the process lived is empty once it has gone.
    guard !threads.isEmpty else { throw .noSuchProcess }
    return threads
  }

  /// All processes that we can see.
  package static func processes() throws(Errno) -> [ProcessID] { try numbers(in: all) }

  /// The uptime of the system, in hundredths of a second.
  package static func uptimeTicks() throws(Errno) -> UInt64 {
    var reader = ByteReader(try read(uptime))
    guard let seconds = reader.number(), reader.take(UInt8(ascii: ".")), let hundredths = reader.number() else {
      throw .ioError
    }
    return seconds &* 100 &+ hundredths
  }

  /// The release of the kernel, such as `6.18.44`; empty where the release is not known.
  package static func kernelName() -> [UInt8] {
    ((try? read(kernelRelease)) ?? []).prefix { $0 != UInt8(ascii: "\n") }.map(\.self)
  }

  /// The version of the kernel: 6 and 18 of `6.18.44`; zeros where the version is not known.
  package static func kernelVersion() -> (major: UInt64, minor: UInt64) {
    var reader = ByteReader(kernelName())
    let major = reader.number() ?? 0
    return (major, reader.take(UInt8(ascii: ".")) ? reader.number() ?? 0 : 0)
  }

  /// The memory that can be had without swapping, in bytes; MemAvailable of proc_meminfo(5).
  package static func availableMemory() -> UInt64? {
    guard let bytes = try? read(systemMemory) else { return nil }
    var lines = ByteReader(bytes)
    while let line = lines.takeLine() {
      var reader = ByteReader(bytes, line)
      guard reader.take(upTo: UInt8(ascii: ":")).elementsEqual("MemAvailable".utf8) else { continue }
      reader.skipBlanks()
      return reader.number().map { $0 &* 1024 }
    }
    return nil
  }

  private static func numbers(in directory: FilePath) throws(Errno) -> [ProcessID] {
    let names = try Syscall.directoryEntries(directory)
    return names.compactMap { Int32($0).flatMap(ProcessID.init(rawValue:)) }.sorted()
  }
}
