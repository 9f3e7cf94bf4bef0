extension Dump {
  /// What was done, and the proof that the process runs as before.
  public struct Summary: Sendable {
    /// The memory that was chosen, in order.
    public var contents: [Range<Address>]
    /// What the first region is called.
    public var label: String
    /// The form of the file.
    public var format: DumpFormat
    /// How it was read.
    public var mode: LookMode
    /// How long the file is, holes included.
    public var fileByteCount: UInt64
    /// Bytes that were read from the process.
    public var byteCount: UInt64
    /// Bytes that were written; fewer where pages of zeros became holes of the file.
    public var writtenByteCount: UInt64
    /// What was not read, and why.
    public var holes: [Manifest.Hole]
    /// The SHA-256 of the file in hexadecimal; nil where it was not asked for.
    public var digest: String?
    /// The pause; nil in mode live.
    public var pause: Pause?
    /// What was read after the process ran again, though a stop was asked for: the budget or the room ran out.
    public var readLive: [Range<Address>]
    /// What was copied while the process stood still.
    public var readInStop: [Range<Address>]
    /// What a copy-on-write child kept.
    public var readFromChild: [Range<Address>]
    /// Whether the process was left with a child that has ended (a zombie): both of us who could take it away have failed.
    public var leavesChild: Bool
    /// Threads that did not stop, being in uninterruptible sleep.
    public var runningThreadCount: Int
    /// The registers in a core; nil where it has none.
    public var registers: [ThreadRegisters]?
    /// The process before.
    public var before: Witness
    /// The process after; nil where it has ended.
    public var after: Witness?

    /// From the first to the last address.
    public var range: Range<Address> {
      guard let first = contents.first, let last = contents.last else { return Address(0)..<Address(0) }
      return first.lowerBound..<last.upperBound
    }
    /// Bytes of untouched memory.
    public var absentByteCount: UInt64 { sum { $0 == Manifest.Hole.untouched } }
    /// Bytes that could not be read, or were left alone.
    public var unreadByteCount: UInt64 { sum { $0 != Manifest.Hole.untouched } }
    /// Bytes of pages that hold only zeros, and were not written.
    public var zeroByteCount: UInt64 { byteCount - min(byteCount, writtenByteCount) }
    /// How many threads have their registers in the file.
    public var registerCount: Int { registers?.count { !$0.notes.isEmpty } ?? 0 }
    /// How many have not, though others have: they did not stop, or had ended.
    public var missingRegisterCount: Int { registers?.count(where: \.notes.isEmpty) ?? 0 }
    /// Whether the process was seen to run as before.
    public var isVerified: Bool { !leavesChild && after.map { $0.runs(as: before) } ?? false }

    private func sum(_ includes: (String) -> Bool) -> UInt64 {
      holes.filter { includes($0.reason) }.reduce(0) { $0 + $1.range.byteCount }
    }
  }
}
