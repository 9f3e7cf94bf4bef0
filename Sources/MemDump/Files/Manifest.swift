public import SystemPackage

/// What stands beside a dump, in `FILE.json`: where its bytes come from, and which of them are not what they seem.
///
/// A property that an old manifest does not tell has its default.
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
  public var format = DumpFormat.raw
  /// The version of memdump that wrote it.
  public var tool = ""
  /// The process.
  public var process: Int32 = 0
  /// Its short name.
  public var name = ""
  /// Its command line, safe to print.
  public var commandLine: [String] = []
  /// The path of its program, safe to print.
  public var executable = ""
  /// When the process started, in clock ticks after boot.
  public var startTime: UInt64 = 0
  /// When the dump was made, in seconds since 1970.
  public var takenAt: Int64 = 0
  /// `live`, `stop` or `snapshot`.
  public var mode = ""
  /// How long the process stood still, in nanoseconds; 0 in mode live.
  public var pause: UInt64 = 0
  /// Between which instants the memory was read, in nanoseconds since 1970; where the process was stopped for
  /// it, from the stop to the end of that.
  public var instants: ClosedRange<UInt64> = 0...0
  /// Which registers a core has.
  public var registers = Registers.none
  /// The threads whose registers it has not, though it has those of others: they did not stop.
  public var threadsWithoutRegisters: [ThreadID] = []
  /// The SHA-256 of the file, in hexadecimal; nil where it was not asked for.
  public var digest: String?
  /// The address of the first byte of a raw dump, and of the first region of a core.
  public var base = Address(0)
  /// How many bytes the file is long.
  public var byteCount: UInt64 = 0
  /// The regions that the dump covers: start, end, permissions and name.
  public var regions: [MemoryRegion] = []
  /// What is not there.
  public var holes: [Hole] = []
  /// What was read while the process ran, though a stop was asked for.
  public var readLive: [Range<Address>] = []
  /// What is of one instant because it was copied while the process stood still.
  public var readInStop: [Range<Address>] = []
  /// What is of the same instant because a copy-on-write child kept it.
  public var readFromChild: [Range<Address>] = []

  /// The path of the manifest of a dump.
  public static func path(of dump: FilePath) -> FilePath { FilePath(dump.string + ".json") }
}
