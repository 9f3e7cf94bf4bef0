/// One mapping of a process (a VMA): a line of /proc/PID/maps.
public struct MemoryRegion: Sendable, Hashable {
  /// What may be done with a mapping.
  public struct Permissions: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8
    /// Makes a set of its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The process may read it.
    public static let read = Permissions(rawValue: 1)
    /// The process may write to it.
    public static let write = Permissions(rawValue: 2)
    /// The process may run it.
    public static let execute = Permissions(rawValue: 4)
    /// What the process writes, others see (MAP_SHARED).
    public static let shared = Permissions(rawValue: 8)
  }

  /// What a mapping takes up, in bytes, and how the kernel treats it: from /proc/PID/smaps.
  public struct Usage: Hashable, Sendable {
    /// Present in memory.
    public var resident: UInt64 = 0
    /// Present, each page divided by the number of processes that share it (PSS).
    public var proportional: UInt64 = 0
    /// Present, of this process alone, and changed: what a leak grows.
    public var privateDirty: UInt64 = 0
    /// Present, and not of a file: of a private mapping of a file, the pages that the process has written to.
    public var anonymous: UInt64 = 0
    /// Of this, in huge pages.
    public var anonymousHuge: UInt64 = 0
    /// Swapped out.
    public var swap: UInt64 = 0
    /// The two-letter flags of the VmFlags line.
    public var flags: Set<String> = []
  }

  /// Its place in the map, counted from 1: the `#12` of a selector.
  public var number: Int
  /// The addresses it spans.
  public var range: Range<Address>
  /// What may be done with it.
  public var permissions: Permissions
  /// Where in the mapped file it starts, in bytes.
  public var fileOffset: UInt64
  /// The device and inode of the mapped file, as `major:minor` and number; 0 for none.
  public var device: (major: UInt32, minor: UInt32) {
    (UInt32(truncatingIfNeeded: deviceNumber >> 32), UInt32(truncatingIfNeeded: deviceNumber))
  }
  /// The inode of the mapped file; 0 where there is no file.
  public var inode: UInt64
  /// The file's path or the kernel's name for the mapping, as the kernel writes it; empty for plain anonymous memory.
  public var name: [UInt8]
  /// What kind of memory it is.
  public var kind: RegionKind
  /// What it takes up; nil where only the map was read.
  public var usage: Usage?

  var deviceNumber: UInt64

  /// How many bytes it spans.
  public var byteCount: UInt64 { range.byteCount }

  /// Whether the memory is of this process alone and not of a file, so that a page that was never touched reads as zeros.
  public var isPrivateAnonymous: Bool {
    !permissions.contains(.shared) && (kind == .anonymous || kind == .heap || kind == .stack)
  }

  /// Whether reading it could do something, or gives nothing: memory of a device (VmFlags `io`, `pf`), and the clock pages
  /// of the kernel ([vvar]), which it maps in the same way.
  public var isDevice: Bool {
    kind == .device || name.starts(with: "[vvar".utf8)
      || usage.map { $0.flags.contains("io") || $0.flags.contains("pf") } ?? false
  }

  /// Whether other processes may have some of its pages, too, which they got by a fork: what the kernel divides among more
  /// than one, or where that is not known.
  var sharesPages: Bool {
    guard !permissions.contains(.shared), !isDevice else { return false }
    return usage.map { $0.anonymous > 0 && $0.proportional < $0.resident } ?? true
  }

  /// Whether the process itself wrote what is there: private writable memory, and anonymous shared memory.
  public var isOwnWriting: Bool {
    guard !isDevice, kind != .kernel else { return false }
    return kind == .shared || (permissions.contains(.write) && !permissions.contains(.shared))
  }

  /// The last part of the path of the mapped file.
  var fileName: ArraySlice<UInt8> { name[(name.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)...] }

  /// A word for people: the file's name or the kind.
  public var label: String { name.isEmpty ? kind.rawValue : EscapedText(name).description }
}

extension MemoryRegion.Permissions: CustomStringConvertible {
  /// The four letters of /proc/PID/maps, such as `rw-p`.
  public var description: String {
    (contains(.read) ? "r" : "-") + (contains(.write) ? "w" : "-") + (contains(.execute) ? "x" : "-")
      + (contains(.shared) ? "s" : "p")
  }
}

extension [MemoryRegion] {
  /// The index of the region that holds `address`, by binary search.
  package func index(holding address: Address) -> Int? {
    let index = firstIndex(endingAfter: address)
    return index < count && self[index].range.contains(address) ? index : nil
  }

  /// A range cut where one region ends and the next begins, each part with its region; nil where nothing is mapped.
  func parts(of range: Range<Address>) -> [(range: Range<Address>, region: MemoryRegion?)] {
    var parts: [(range: Range<Address>, region: MemoryRegion?)] = []
    var reached = range.lowerBound
    for region in self[firstIndex(endingAfter: range.lowerBound)...] {
      guard region.range.lowerBound < range.upperBound else { break }
      let part = region.range.clamped(to: range)
      if reached < part.lowerBound { parts.append((reached..<part.lowerBound, nil)) }
      parts.append((part, region))
      reached = part.upperBound
    }
    if reached < range.upperBound { parts.append((reached..<range.upperBound, nil)) }
    return parts
  }

  /// The index of the first region that ends after `address`; the count where there is none.
  package func firstIndex(endingAfter address: Address) -> Int {
    partitionIndex { $0.range.upperBound > address }
  }
}
