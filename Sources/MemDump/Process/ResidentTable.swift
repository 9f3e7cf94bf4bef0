/// The resident memory of processes, look by look, and what it has grown by. Reads /proc/PID/stat, status and exe, which touches
/// no memory of a process.
public struct ResidentTable: Sendable {
  /// A process at a look.
  public struct Row: Sendable {
    /// The process.
    public var id: ProcessID
    /// The short name (comm) of the process, unescaped.
    public var name: [UInt8]
    /// The effective user; nil where it is not told.
    public var user: UInt32?
    /// Resident memory (RSS), in bytes.
    public var resident: UInt64
    /// Swapped-out memory, in bytes.
    public var swapped: UInt64
    /// The number of threads.
    public var threadCount: Int
    /// The bytes by which resident and swapped memory together have grown since the first look at the process. What goes to
    /// swap is not gone.
    public var grown: Int
    /// The time since the first look at the process.
    public var elapsed: Duration
    /// Resident and swapped memory at the last looks, the latest at the end, in bytes.
    public var trend: [UInt64]

    /// The growth in a second, in bytes; nil at the first look.
    public var grownASecond: Int? {
      let seconds = Double(elapsed.nanosecondCount) / 1e9
      return seconds > 0 ? Int(exactly: (Double(grown) / seconds).rounded()) : nil
    }
  }

  /// A process for good: numbers are used again.
  private struct Identity: Hashable {
    var id: ProcessID
    var startTime: UInt64
  }

  private struct Past {
    var total: UInt64
    var instant: UInt64
    var trend: [UInt64]
  }

  /// The most looks that a trend has.
  public static let trendLength = 16

  private let words: [String]
  private var past: [Identity: Past] = [:]

  /// Makes a table.
  ///
  /// - Parameter words: the processes, by numbers and by names (comm, or the file name of the program), all of a name; none
  ///   for every process there is. At each look the names are looked for anew.
  public init(_ words: [String] = []) { self.words = words }

  /// Looks at the processes. Threads of the kernel have no memory and no row.
  public mutating func look() -> [Row] {
    let processes = ProcessTable()
    let entries = words.isEmpty ? processes.entries : Self.chosen(words, of: processes)
    let now = Syscall.monotonicTime
    var present: [Identity: Past] = [:]
    var rows: [Row] = []
    for entry in entries {
      let identity = Identity(id: entry.id, startTime: entry.startTime)
      guard present[identity] == nil, let bytes = try? ProcFS.read(entry.id, .status) else { continue }
      let status = ProcessStatus(parsing: bytes)
      guard let footprint = status.footprint else { continue }
      let total = footprint.resident &+ footprint.swap
      var past = past[identity] ?? Past(total: total, instant: now, trend: [])
      past.trend = (past.trend + [total]).suffix(Self.trendLength)
      present[identity] = past
      rows.append(
        Row(
          id: entry.id, name: entry.name, user: status.userIDs.dropFirst().first, resident: footprint.resident,
          swapped: footprint.swap, threadCount: status.threadCount,
          grown: Int(truncatingIfNeeded: total &- past.total), elapsed: .nanoseconds(Int64(now - past.instant)),
          trend: past.trend))
    }
    past = present
    return rows
  }

  private static func chosen(_ words: [String], of table: ProcessTable) -> [ProcessTable.Entry] {
    words.flatMap { word in
      let called = table.processesCalled(Array(word.utf8))
      guard called.isEmpty, let number = Int32(word) else { return called }
      return table.entries.filter { $0.id.rawValue == number }
    }
  }
}
