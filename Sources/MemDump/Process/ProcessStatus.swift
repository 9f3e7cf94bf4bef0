/// What the kernel tells of a process or thread in /proc/PID/status; see proc_pid_status(5).
public struct ProcessStatus: Sendable {
  /// What a process or thread is doing.
  public enum State: UInt8, Sendable {
    case running = 0x52  // R
    case sleeping = 0x53  // S
    case uninterruptible = 0x44  // D
    case stopped = 0x54  // T: by a signal
    case tracingStop = 0x74  // t: by a tracer
    case zombie = 0x5a  // Z
    case dead = 0x58  // X
    case idle = 0x49  // I
    case parked = 0x50  // P
  }

  /// The short name (comm), at most 15 bytes, unescaped.
  public var name: [UInt8] = []
  /// The state of the thread itself; for a process that of its main thread.
  public var state: State?
  /// The thread group: the PID of the process that the thread belongs to.
  public var threadGroup: Int32 = 0
  /// The PID of the parent; 0 where the parent is in another PID namespace or there is none.
  public var parent: Int32 = 0
  /// The ID in the innermost PID namespace of the process; 0 where the kernel does not tell.
  public var innerID: Int32 = 0
  /// The PID of the tracer; 0 for none.
  public var tracer: Int32 = 0
  /// Real, effective, saved and file-system user ID.
  public var userIDs: [UInt32] = []
  /// Real, effective, saved and file-system group ID.
  public var groupIDs: [UInt32] = []
  /// The number of threads in the process.
  public var threadCount: Int = 0
  /// The seccomp mode: 0 none, 1 strict, 2 filter.
  public var seccomp: Int = 0
  /// Whether a shadow stack keeps the return addresses of the thread a second time.
  public var hasShadowStack = false
  /// Permitted capabilities, a bit each.
  public var permittedCapabilities: UInt64 = 0
  /// Effective capabilities, a bit each.
  public var effectiveCapabilities: UInt64 = 0
  /// The memory that the process takes up; nil for a kernel thread or a zombie, which have no memory.
  public var footprint: Footprint?

  /// Whether a capability is effective.
  public func has(_ capability: Capability) -> Bool { effectiveCapabilities & capability.bit != 0 }

  /// Reads the text of a status file. Unknown lines and malformed lines count as missing.
  public init(parsing bytes: [UInt8]) {
    var lines = ByteReader(bytes)
    var memory = Footprint()
    var (hasMemory, hugePages) = (false, UInt64(0))
    while let line = lines.takeLine() {
      var reader = ByteReader(bytes, line)
      let key = String(decoding: reader.take(upTo: UInt8(ascii: ":")), as: UTF8.self)
      // One tab; the name stands behind that tab, and may start with blanks.
      _ = reader.take(UInt8(ascii: "\t"))
      let valueStart = reader.index
      reader.skipBlanks()
      switch key {
      case "Name": name = Self.unescape(bytes[valueStart..<line.upperBound])
      case "State": state = reader.takeByte().flatMap(State.init(rawValue:))
      case "Tgid": threadGroup = Self.processNumber(&reader)
      case "PPid": parent = Self.processNumber(&reader)
      case "NSpid": innerID = Self.identifiers(&reader).last.flatMap { Int32(exactly: $0) } ?? 0
      case "TracerPid": tracer = Self.processNumber(&reader)
      case "Uid": userIDs = Self.identifiers(&reader)
      case "Gid": groupIDs = Self.identifiers(&reader)
      case "Threads": threadCount = Int(clamping: reader.number() ?? 0)
      case "Seccomp": seccomp = Int(clamping: reader.number() ?? 0)
      case "x86_Thread_features":
        let words = bytes[reader.index..<line.upperBound].split(separator: UInt8(ascii: " "))
        hasShadowStack = words.contains { $0.elementsEqual("shstk".utf8) }
      case "CapPrm": permittedCapabilities = reader.number(radix: 16) ?? 0
      case "CapEff": effectiveCapabilities = reader.number(radix: 16) ?? 0
      case "VmRSS": (memory.resident, hasMemory) = (Self.kibibytes(&reader), true)
      case "RssAnon": memory.anonymous = Self.kibibytes(&reader)
      case "RssFile": memory.file = Self.kibibytes(&reader)
      case "RssShmem": memory.shared = Self.kibibytes(&reader)
      case "VmSwap": memory.swap = Self.kibibytes(&reader)
      case "VmPTE": memory.pageTables = Self.kibibytes(&reader)
      case "HugetlbPages": hugePages = Self.kibibytes(&reader)
      default: break
      }
    }
    let (resident, overflow) = memory.resident.addingReportingOverflow(hugePages)
    memory.resident = overflow ? .max : resident
    footprint = hasMemory ? memory : nil
  }

  private static func processNumber(_ reader: inout ByteReader) -> Int32 { Int32(clamping: reader.number() ?? 0) }

  private static func kibibytes(_ reader: inout ByteReader) -> UInt64 {
    let (bytes, overflow) = (reader.number() ?? 0).multipliedReportingOverflow(by: 1024)
    return overflow ? .max : bytes
  }

  private static func identifiers(_ reader: inout ByteReader) -> [UInt32] {
    var numbers: [UInt32] = []
    while let number = reader.number() {
      numbers.append(UInt32(clamping: number))
      reader.skipBlanks()
    }
    return numbers
  }

  /// The name without the kernel's escapes: a newline is written as `\n` and a backslash as `\\`.
  private static func unescape(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var name: [UInt8] = []
    var iterator = bytes.makeIterator()
    while let byte = iterator.next() {
      guard byte == UInt8(ascii: "\\"), let escaped = iterator.next() else {
        name.append(byte)
        continue
      }
      name.append(escaped == UInt8(ascii: "n") ? UInt8(ascii: "\n") : escaped)
    }
    return name
  }
}

/// The memory that a process takes up, in bytes.
public struct Footprint: Hashable, Sendable {
  /// Resident memory (RSS), with the huge pages of hugetlbfs, which the kernel leaves out of VmRSS.
  public var resident: UInt64 = 0
  /// The part of the resident memory that is private and anonymous; 0 where the kernel does not tell.
  public var anonymous: UInt64 = 0
  /// The part of the resident memory that is pages of files, which the kernel can take back.
  public var file: UInt64 = 0
  /// The part of the resident memory that is shared memory, and files that are in memory alone (tmpfs).
  public var shared: UInt64 = 0
  /// Swapped-out memory.
  public var swap: UInt64 = 0
  /// The page tables of the process.
  public var pageTables: UInt64 = 0
}
