public import SystemPackage

/// The manifest beside a dump, in `FILE.json`: where its bytes come from, and which of them are not what they seem.
///
/// A property that an old manifest does not tell has its default.
public struct Manifest: Hashable, Sendable {
  /// A stretch of the dump that holds no bytes of the process, and why. The file has a hole there, which reads as
  /// zeros.
  public struct Hole: Hashable, Sendable {
    /// The addresses of the hole.
    public var range: Range<Address>
    /// The reason for the hole: `untouched` (the process itself would read zeros), `not-selected` (a core tells of the
    /// memory without any bytes), or the name of an ``UnreadReason``.
    public var reason: String
    /// The errno(3) of the system, where there was an error.
    public var errno: Int?
  }

  /// The kind of registers in a core.
  public enum Registers: String, Sendable {
    /// None: the process was not stopped, or the dump is no core.
    case none
    /// The registers at the instant of the stop.
    case stop
  }

  /// The version of the manifest's layout; a reader refuses a larger one.
  public static let version = 1

  /// The format of the dump.
  public var format = DumpFormat.raw
  /// The version of the memdump that wrote the manifest.
  public var tool = ""
  /// The ID of the process.
  public var process: Int32 = 0
  /// The short name of the process, safe to print.
  public var name = ""
  /// The command line of the process, safe to print.
  public var commandLine: [String] = []
  /// The path of the program that the process runs, safe to print.
  public var executable = ""
  /// When the process started, in clock ticks after boot.
  public var startTime: UInt64 = 0
  /// When the dump was made, in seconds since 1970.
  public var takenAt: Int64 = 0
  /// The mode of the look: `live`, `stop` or `snapshot`.
  public var mode = ""
  /// How long the process stood still, in nanoseconds; 0 in mode live.
  public var pause: UInt64 = 0
  /// The instants between which the memory was read, in microseconds since 1970; where the process was stopped for that,
  /// from the stop to its end.
  public var instants: ClosedRange<UInt64> = 0...0
  /// The registers that a core has.
  public var registers = Registers.none
  /// The threads without registers in a core that has those of others: they did not stop.
  public var threadsWithoutRegisters: [ThreadID] = []
  /// The SHA-256 of the file, in hexadecimal; nil where it was not asked for.
  public var digest: String?
  /// The address of the first byte of a raw dump, and of the first region of a core.
  public var base = Address(0)
  /// The length of the dump file, in bytes.
  public var byteCount: UInt64 = 0
  /// The regions that the dump covers: start, end, permissions and name.
  public var regions: [MemoryRegion] = []
  /// The holes of the dump.
  public var holes: [Hole] = []
  /// The memory that was read while the process ran, though a stop was asked for.
  public var readLive: [Range<Address>] = []
  /// The memory that is of one instant because it was copied while the process stood still.
  public var readInStop: [Range<Address>] = []
  /// The memory that is of the same instant because a copy-on-write child kept it.
  public var readFromChild: [Range<Address>] = []

  /// The path of the manifest of a dump.
  public static func path(of dump: FilePath) -> FilePath { FilePath(dump.string + ".json") }
}
