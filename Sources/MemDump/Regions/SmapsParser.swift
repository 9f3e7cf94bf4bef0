/// A parser of /proc/PID/smaps: the map, with the memory that each mapping takes up; see proc_pid_smaps(5).
public struct SmapsParser {
  /// The sums over all mappings, from the text of /proc/PID/smaps_rollup; nil for any other text.
  static func sum(_ bytes: [UInt8]) -> MemoryRegion.Usage? {
    guard let regions = try? parse(bytes), regions.count == 1 else { return nil }
    return regions[0].usage
  }

  /// The regions in the order of their addresses, numbered from 1, each with its usage.
  ///
  /// Unknown fields are passed over. Throws ``MalformedText`` with the number of the first bad line.
  public static func parse(_ bytes: [UInt8]) throws(MalformedText) -> [MemoryRegion] {
    var parser = SmapsParser()
    _ = parser.take(bytes)
    return try parser.end()
  }

  private var regions: [MemoryRegion] = []
  private var (usage, hugePages, flags) = (MemoryRegion.Usage(), HugePages(), KnownFlags())
  private var lineNumber = 0
  /// What keeps the text from being understood.
  private var problem: MalformedText?

  /// Whether nothing was taken.
  var isEmpty: Bool { lineNumber == 0 }

  /// Takes the next lines of the text, which are whole. Returns whether the text can be understood so far.
  mutating func take(_ bytes: [UInt8]) -> Bool {
    var lines = ByteReader(bytes)
    while problem == nil, let line = lines.takeLine() {
      lineNumber += 1
      if Self.isField(bytes, line) {
        if regions.isEmpty { problem = MalformedText(line: lineNumber) }
        field(bytes, line)
        continue
      }
      finish()
      guard let region = MapsParser.region(bytes, line, number: regions.count + 1),
        MapsParser.add(region, to: &regions)
      else {
        problem = MalformedText(line: lineNumber)
        break
      }
    }
    return problem == nil
  }

  /// The regions of all that was taken.
  mutating func end() throws(MalformedText) -> [MemoryRegion] {
    if let problem { throw problem }
    finish()
    return regions
  }

  /// The flags of the last mappings: of most mappings there was one with the same flags before.
  private struct KnownFlags {
    private static let most = 8

    private var known: [(line: [UInt8], flags: Set<String>)] = []

    /// The flags that a line tells.
    mutating func take(_ line: ArraySlice<UInt8>) -> Set<String> {
      if let found = known.first(where: { $0.line.count == line.count && line.elementsEqual($0.line) }) {
        return found.flags
      }
      let flags = Set(line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) })
      if known.count == Self.most { known.removeFirst() }
      known.append((Array(line), flags))
      return flags
    }
  }

  /// The huge pages of hugetlbfs in a mapping, in bytes, which the kernel leaves out of all other fields.
  private struct HugePages {
    /// Those that this process alone has.
    var own: UInt64 = 0
    /// Those that other processes have, too.
    var shared: UInt64 = 0
  }

  /// Gives the last region its usage, with its huge pages of hugetlbfs as all memory is counted.
  private mutating func finish() {
    guard let last = regions.indices.last else { return }
    let all = hugePages.own &+ hugePages.shared
    usage.resident &+= all
    usage.proportional &+= hugePages.own
    usage.privateDirty &+= hugePages.own
    if regions[last].isPrivateAnonymous {
      usage.anonymous &+= all
      usage.anonymousHuge &+= all
    }
    regions[last].usage = usage
    (usage, hugePages) = (MemoryRegion.Usage(), HugePages())
  }

  /// Whether a line is a field, with a capital letter first; a mapping has a hexadecimal digit in lower case.
  private static func isField(_ bytes: [UInt8], _ line: Range<Int>) -> Bool {
    line.first.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(bytes[$0]) } ?? false
  }

  private mutating func field(_ bytes: [UInt8], _ line: Range<Int>) {
    // Most of the two dozen lines of a mapping are not wanted, which their first two letters tell.
    guard line.count > 2 else { return }
    switch (bytes[line.lowerBound], bytes[line.lowerBound + 1]) {
    case (UInt8(ascii: "R"), UInt8(ascii: "s")), (UInt8(ascii: "P"), _), (UInt8(ascii: "S"), UInt8(ascii: "w")),
      (UInt8(ascii: "S"), UInt8(ascii: "h")), (UInt8(ascii: "V"), _), (UInt8(ascii: "A"), UInt8(ascii: "n")):
      break
    default: return
    }
    var colon = line.lowerBound
    while colon < line.upperBound, bytes[colon] != UInt8(ascii: ":") { colon += 1 }
    /// Whether the line has a key: the last letters differ most often.
    func isKey(_ name: StaticString) -> Bool {
      name.withUTF8Buffer { name in
        guard name.count == colon - line.lowerBound else { return false }
        for index in name.indices.reversed() where unsafe name[index] != bytes[line.lowerBound + index] { return false }
        return true
      }
    }
    var reader = ByteReader(bytes, min(colon + 1, line.upperBound)..<line.upperBound)
    reader.skipBlanks()
    func kibibytes() -> UInt64 { (reader.number() ?? 0).multipliedReportingOverflow(by: 1024).partialValue }
    switch bytes[line.lowerBound] {
    case UInt8(ascii: "R") where isKey("Rss"): usage.resident = kibibytes()
    case UInt8(ascii: "P") where isKey("Pss"): usage.proportional = kibibytes()
    case UInt8(ascii: "P") where isKey("Private_Dirty"): usage.privateDirty = kibibytes()
    case UInt8(ascii: "A") where isKey("Anonymous"): usage.anonymous = kibibytes()
    case UInt8(ascii: "A") where isKey("AnonHugePages"): usage.anonymousHuge = kibibytes()
    case UInt8(ascii: "S") where isKey("Shared_Dirty"): usage.sharedDirty = kibibytes()
    case UInt8(ascii: "S") where isKey("Swap"): usage.swap = kibibytes()
    case UInt8(ascii: "P") where isKey("Private_Hugetlb"): hugePages.own = kibibytes()
    case UInt8(ascii: "S") where isKey("Shared_Hugetlb"): hugePages.shared = kibibytes()
    case UInt8(ascii: "V") where isKey("VmFlags"):
      usage.flags = flags.take(bytes[reader.index..<line.upperBound])
    default: break
    }
  }
}
