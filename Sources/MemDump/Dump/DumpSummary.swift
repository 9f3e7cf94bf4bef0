public import SystemPackage

extension Dump {
  /// The summary of a dump, with the proof that the process runs as before.
  public struct Summary: Sendable {
    /// The memory that was chosen, in order.
    public var contents: [Range<Address>]
    /// The name of the first region.
    public var label: String
    /// The format of the file.
    public var format: DumpFormat
    /// The length of the file, holes included, in bytes.
    public var fileByteCount: UInt64
    /// The number of bytes that were read from the process.
    public var byteCount: UInt64
    /// The number of bytes that were written; fewer where pages of zeros became holes of the file.
    public var writtenByteCount: UInt64
    /// The holes: memory that was not read, and why.
    public var holes: [Manifest.Hole]
    /// The SHA-256 of the file in hexadecimal; nil where it was not asked for.
    public var digest: String?
    /// The registers in a core; nil for a dump without registers.
    public var registers: [ThreadRegisters]?
    /// The proof of how the process was looked at, and that it runs as before.
    public var proof: LookProof
    /// The manifest that was replaced, where it could not be taken away; nil otherwise.
    public var leftover: FilePath?

    /// The range from the first to the last address of the dump.
    public var range: Range<Address> {
      guard let first = contents.first, let last = contents.last else { return Address(0)..<Address(0) }
      return first.lowerBound..<last.upperBound
    }
    /// The bytes of untouched memory.
    public var absentByteCount: UInt64 { sum { $0 == Manifest.Hole.untouched } }
    /// The bytes that could not be read, or were left alone.
    public var unreadByteCount: UInt64 { sum { $0 != Manifest.Hole.untouched } }
    /// The bytes of pages that hold only zeros, and were not written.
    public var zeroByteCount: UInt64 { byteCount - min(byteCount, writtenByteCount) }
    /// The number of threads with registers in the file.
    public var registerCount: Int { registers?.count { !$0.notes.isEmpty } ?? 0 }
    /// The number of threads without registers, though others have some: they did not stop, or had ended.
    public var missingRegisterCount: Int { registers?.count(where: \.notes.isEmpty) ?? 0 }

    private func sum(_ includes: (String) -> Bool) -> UInt64 {
      holes.filter { includes($0.reason) }.reduce(0) { $0 + $1.range.byteCount }
    }
  }
}
