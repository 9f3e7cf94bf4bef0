/// One mapping of a process (a VMA): a line of /proc/PID/maps.
public struct MemoryRegion: Sendable, Hashable {
  /// What the process may do with a mapping.
  public struct Permissions: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8
    /// Makes a set from bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The process may read the mapping (PROT_READ).
    public static let read = Permissions(rawValue: 1)
    /// The process may write to the mapping (PROT_WRITE).
    public static let write = Permissions(rawValue: 2)
    /// The process may run code in the mapping (PROT_EXEC).
    public static let execute = Permissions(rawValue: 4)
    /// Others that map the same memory see what the process writes (MAP_SHARED).
    public static let shared = Permissions(rawValue: 8)
  }

  /// The memory that a mapping takes up, in bytes, and its kernel flags: from /proc/PID/smaps, where huge pages of hugetlbfs
  /// stand apart; here they are of each amount.
  public struct Usage: Hashable, Sendable {
    /// Resident memory (RSS, from which the kernel leaves out hugetlbfs).
    public var resident: UInt64 = 0
    /// Resident memory, each page divided by the number of processes that share the page (PSS).
    public var proportional: UInt64 = 0
    /// Resident memory that only this process has, and has changed: what a leak grows.
    public var privateDirty: UInt64 = 0
    /// Resident memory that is changed, and that other processes have, too.
    public var sharedDirty: UInt64 = 0
    /// Resident anonymous memory; in a private file mapping, the pages that the process has written to.
    public var anonymous: UInt64 = 0
    /// The part of the anonymous memory that is in huge pages.
    public var anonymousHuge: UInt64 = 0
    /// Swapped-out memory.
    public var swap: UInt64 = 0
    /// The two-letter flags of the VmFlags line.
    public var flags: Set<String> = []
  }

  /// The place of the region in the map, counted from 1: the `12` of a selector.
  public var number: Int
  /// The addresses of the region.
  public var range: Range<Address>
  /// What the process may do with the region.
  public var permissions: Permissions
  /// The file offset at which the mapping starts, in bytes.
  public var fileOffset: UInt64
  /// The device of the mapped file, by its major and minor number; 0 for none.
  public var device: (major: UInt32, minor: UInt32) {
    (UInt32(truncatingIfNeeded: deviceNumber >> 32), UInt32(truncatingIfNeeded: deviceNumber))
  }
  /// The inode of the mapped file; 0 where there is no file.
  public var inode: UInt64
  /// The path of the file or the kernel's name for the mapping, unchanged; empty for plain anonymous memory.
  public var name: [UInt8]
  /// The kind of memory in the region.
  public var kind: RegionKind
  /// The memory that the region takes up; nil where only the map was read.
  public var usage: Usage?

  var deviceNumber: UInt64

  /// The size of the region, in bytes.
  public var byteCount: UInt64 { range.byteCount }

  /// Whether the region is private anonymous memory, so that a page that was never touched reads as zeros.
  public var isPrivateAnonymous: Bool {
    !permissions.contains(.shared) && (kind == .anonymous || kind == .heap || kind == .stack)
  }

  /// Whether reading the region could do something, or gives nothing: memory of a device (VmFlags `io`, `pf`), and the
  /// clock pages of the kernel ([vvar]), which are mapped in the same way.
  public var isDevice: Bool {
    kind == .device || name.starts(with: "[vvar".utf8)
      || usage.map { $0.flags.contains("io") || $0.flags.contains("pf") } ?? false
  }

  /// Whether other processes may have some pages of the region, too, which they got by a fork: where PSS is below RSS,
  /// or the usage is not known.
  var sharesPages: Bool {
    guard !permissions.contains(.shared), !isDevice else { return false }
    return usage.map { $0.anonymous > 0 && $0.proportional < $0.resident } ?? true
  }

  /// The last part of the path of the mapped file.
  var fileName: ArraySlice<UInt8> { name.fileName }

  /// A name for people, safe to print: the path of the file or else the kind.
  public var label: String { name.isEmpty ? kind.rawValue : EscapedText(name).description }
}

extension MemoryRegion.Permissions: CustomStringConvertible {
  /// The permissions in the four letters of /proc/PID/maps, such as `rw-p`.
  public var description: String {
    (contains(.read) ? "r" : "-") + (contains(.write) ? "w" : "-") + (contains(.execute) ? "x" : "-")
      + (contains(.shared) ? "s" : "p")
  }
}

extension MemoryRegion: Spanning {}

extension [MemoryRegion] {
  /// The ranges of the regions that are such, in order. None is copied: each has a name and flags, which are counted when they are.
  func ranges(where isSuch: (borrowing MemoryRegion) -> Bool) -> [Range<Address>] {
    var ranges: [Range<Address>] = []
    for index in indices where isSuch(self[index]) { ranges.append(self[index].range) }
    return ranges
  }
}
