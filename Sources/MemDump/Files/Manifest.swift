public import SystemPackage

/// What stands beside a dump, in `FILE.json`: where its bytes come from, and which of them are not what they seem.
public struct Manifest: Hashable, Sendable {
  /// A stretch of the dump that holds no bytes of the process, and why. The file has a hole there, which reads as zeros.
  public struct Hole: Hashable, Sendable {
    /// The addresses.
    public var range: Range<Address>
    /// `untouched` (the process itself would read zeros), `not-selected` (a core tells that it was there and has no bytes for
    /// it), or the name of an ``UnreadReason``.
    public var reason: String
    /// The number of the system's error, where there was one.
    public var errno: Int?
  }

  /// The registers in a core.
  public enum Registers: String, Sendable {
    /// None: the process was not stopped, or the dump is no core.
    case none
    /// Those of the instant of the stop.
    case stop
  }

  /// The version of the layout; a reader refuses a larger one.
  public static let version = 1

  /// The form of the dump.
  public var format: DumpFormat
  /// The version of memdump that wrote it.
  public var tool: String
  /// The process.
  public var process: Int32
  /// Its short name.
  public var name: String
  /// Its command line, safe to print.
  public var commandLine: [String]
  /// The path of its program, safe to print.
  public var executable: String
  /// When the process started, in clock ticks after boot.
  public var startTime: UInt64
  /// When the dump was made, in seconds since 1970.
  public var takenAt: Int64
  /// `live`, `stop` or `snapshot`.
  public var mode: String
  /// How long the process stood still, in nanoseconds; 0 in mode live.
  public var pause: UInt64
  /// Between which instants the memory was read, in nanoseconds since 1970; where the process was stopped for
  /// it, from the stop to the end of that.
  public var instants: ClosedRange<UInt64>
  /// Which registers a core has.
  public var registers: Registers
  /// The threads whose registers it has not, though it has those of others: they did not stop.
  public var threadsWithoutRegisters: [ThreadID]
  /// The SHA-256 of the file, in hexadecimal; nil where it was not asked for.
  public var digest: String?
  /// The address of the first byte of a raw dump, and of the first region of a core.
  public var base: Address
  /// How many bytes the file is long.
  public var byteCount: UInt64
  /// The regions that the dump covers: start, end, permissions and name.
  public var regions: [MemoryRegion]
  /// What is not there.
  public var holes: [Hole]
  /// What was read while the process ran, though a stop was asked for.
  public var readLive: [Range<Address>]
  /// What is of one instant because it was copied while the process stood still.
  public var readInStop: [Range<Address>] = []
  /// What is of the same instant because a copy-on-write child kept it.
  public var readFromChild: [Range<Address>] = []

  /// The path of the manifest of a dump.
  public static func path(of dump: FilePath) -> FilePath { FilePath(dump.string + ".json") }

  /// The text of the manifest.
  public var text: [UInt8] {
    var writer = JSONWriter()
    writer.object { object in
      object.member("type", "manifest")
      object.member("version", Self.version)
      object.member("format", format.rawValue)
      object.member("tool", "memdump " + tool)
      object.member("pid", process)
      object.member("name", name)
      object.member("command_line") { list in list.array { array in commandLine.forEach { array.value($0) } } }
      object.member("executable", executable)
      object.member("start_time_ticks", startTime)
      object.member("taken_at", takenAt)
      object.member("mode", mode)
      object.member("pause_ns", pause)
      object.member("read_from_ns", instants.lowerBound)
      object.member("read_to_ns", instants.upperBound)
      object.member("registers", registers.rawValue)
      object.member("threads_without_registers") { list in
        list.array { array in threadsWithoutRegisters.forEach { array.value($0.rawValue) } }
      }
      object.member("sha256", digest)
      object.member("base", base)
      object.member("bytes", byteCount)
      object.member("regions") { list in list.array { array in regions.forEach { Self.write($0, &array) } } }
      object.member("holes") { list in list.array { array in holes.forEach { Self.write($0, &array) } } }
      object.member("read_live") { list in list.array { array in readLive.forEach { Self.write($0, &array) } } }
      object.member("read_in_stop") { list in list.array { array in readInStop.forEach { Self.write($0, &array) } } }
      object.member("read_from_child") { list in
        list.array { array in readFromChild.forEach { Self.write($0, &array) } }
      }
    }
    writer.endLine()
    return writer.bytes
  }

  private static func write(_ range: Range<Address>, _ array: inout JSONWriter) {
    array.object { object in
      object.member("start", range.lowerBound)
      object.member("end", range.upperBound)
    }
  }

  private static func write(_ region: MemoryRegion, _ array: inout JSONWriter) {
    array.object { object in
      object.member("start", region.range.lowerBound)
      object.member("end", region.range.upperBound)
      object.member("permissions", region.permissions.description)
      object.member("kind", region.kind.rawValue)
      object.member("path", region.name.isEmpty ? nil : EscapedText(region.name).description)
    }
  }

  private static func write(_ hole: Hole, _ array: inout JSONWriter) {
    array.object { object in
      object.member("start", hole.range.lowerBound)
      object.member("end", hole.range.upperBound)
      object.member("reason", hole.reason)
      object.member("errno", hole.errno)
    }
  }
}

extension Manifest {
  /// Reads the text of a manifest; nil where it is not one of this version, or contradicts itself.
  public init?(parsing bytes: [UInt8]) {
    guard let value = JSONValue(parsing: bytes), value["type"]?.string == "manifest",
      let version = value["version"]?.number, version == Self.version,
      let base = value["base"]?.address,
      let byteCount = value["bytes"]?.number.flatMap(UInt64.init(exactly:)),
      !base.rawValue.addingReportingOverflow(byteCount).overflow,
      let regions = value["regions"]?.array, let holes = value["holes"]?.array
    else { return nil }
    guard let format = value["format"] == nil ? .raw : value["format"]?.string.flatMap(DumpFormat.init) else {
      return nil
    }
    self.format = format
    tool = value["tool"]?.string.map { String($0.trimmingPrefix("memdump ")) } ?? ""
    let from = value["read_from_ns"]?.number.flatMap(UInt64.init(exactly:)) ?? 0
    instants = from...max(from, value["read_to_ns"]?.number.flatMap(UInt64.init(exactly:)) ?? 0)
    registers = value["registers"]?.string.flatMap(Registers.init) ?? .none
    threadsWithoutRegisters = (value["threads_without_registers"]?.array ?? [])
      .compactMap { $0.number.flatMap(Int32.init(exactly:)).flatMap(ThreadID.init(rawValue:)) }
    digest = value["sha256"]?.string
    process = value["pid"]?.number.flatMap(Int32.init(exactly:)) ?? 0
    name = value["name"]?.string ?? ""
    commandLine = value["command_line"]?.array?.compactMap(\.string) ?? []
    executable = value["executable"]?.string ?? ""
    startTime = value["start_time_ticks"]?.number.flatMap(UInt64.init(exactly:)) ?? 0
    takenAt = value["taken_at"]?.number ?? 0
    mode = value["mode"]?.string ?? ""
    pause = value["pause_ns"]?.number.flatMap(UInt64.init(exactly:)) ?? 0
    self.base = base
    self.byteCount = byteCount
    self.regions = []
    self.holes = []
    // A core has the addresses of all of its segments, a raw dump those of its bytes.
    let whole = format == .core ? Address(0)..<Address(.max) : Range(start: base, byteCount: byteCount)
    for value in regions {
      guard let range = Self.range(value), range.clamped(to: whole) == range,
        range.lowerBound >= self.regions.last?.range.upperBound ?? Address(0)
      else { return nil }
      self.regions.append(Self.region(value, range, number: self.regions.count + 1))
    }
    for value in holes {
      guard let range = Self.range(value), range.clamped(to: whole) == range,
        range.lowerBound >= self.holes.last?.range.upperBound ?? Address(0), let reason = value["reason"]?.string
      else { return nil }
      self.holes.append(Hole(range: range, reason: reason, errno: value["errno"]?.number.flatMap(Int.init(exactly:))))
    }
    readLive = (value["read_live"]?.array ?? []).compactMap(Self.range)
    readInStop = (value["read_in_stop"]?.array ?? []).compactMap(Self.range)
    readFromChild = (value["read_from_child"]?.array ?? []).compactMap(Self.range)
  }

  private static func range(_ value: JSONValue) -> Range<Address>? {
    guard let start = value["start"]?.address, let end = value["end"]?.address, start < end else { return nil }
    return start..<end
  }

  private static func region(_ value: JSONValue, _ range: Range<Address>, number: Int) -> MemoryRegion {
    let name = Array((value["path"]?.string ?? "").utf8)
    let letters = value["permissions"]?.string ?? ""
    var permissions: MemoryRegion.Permissions = []
    if letters.contains("r") { permissions.insert(.read) }
    if letters.contains("w") { permissions.insert(.write) }
    if letters.contains("x") { permissions.insert(.execute) }
    if letters.contains("s") { permissions.insert(.shared) }
    let kind = value["kind"]?.string.flatMap(RegionKind.init(rawValue:))
    return MemoryRegion(
      number: number, range: range, permissions: permissions, fileOffset: 0, inode: 0, name: name,
      kind: kind ?? .anonymous, usage: nil, deviceNumber: 0)
  }
}
