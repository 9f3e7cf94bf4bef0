/// A parser of /proc/PID/maps; see proc_pid_maps(5).
public enum MapsParser {
  /// The regions in the order of their addresses, numbered from 1.
  ///
  /// Throws ``MalformedText`` with the number of the first line that is malformed, or that goes back in memory.
  public static func parse(_ bytes: [UInt8]) throws(MalformedText) -> [MemoryRegion] {
    var regions: [MemoryRegion] = []
    var lines = ByteReader(bytes)
    var lineNumber = 0
    while let line = lines.takeLine() {
      lineNumber += 1
      guard let region = region(bytes, line, number: regions.count + 1), add(region, to: &regions) else {
        throw MalformedText(line: lineNumber)
      }
    }
    return regions
  }

  /// Adds a region. Returns whether it is behind the others.
  ///
  /// The kernel hands a map out piece by piece, and a region that grows between two pieces comes twice: the second counts.
  static func add(_ region: MemoryRegion, to regions: inout [MemoryRegion]) -> Bool {
    guard let last = regions.last, region.range.lowerBound < last.range.upperBound else {
      regions.append(region)
      return true
    }
    guard region.range.lowerBound == last.range.lowerBound, region.range.upperBound > last.range.upperBound else {
      return false
    }
    regions[regions.count - 1] = region
    regions[regions.count - 1].number = last.number
    return true
  }

  /// The region of a line: `START-END rwxp OFFSET MAJOR:MINOR INODE   NAME`; nil where the line is malformed.
  static func region(_ bytes: [UInt8], _ line: Range<Int>, number: Int) -> MemoryRegion? {
    var reader = ByteReader(bytes, line)
    guard let start = reader.number(radix: 16), reader.take(UInt8(ascii: "-")),
      let end = reader.number(radix: 16), reader.take(UInt8(ascii: " ")), start < end,
      let permissions = permissions(&reader), reader.take(UInt8(ascii: " ")),
      let fileOffset = reader.number(radix: 16), reader.take(UInt8(ascii: " ")),
      let major = reader.number(radix: 16), reader.take(UInt8(ascii: ":")),
      let minor = reader.number(radix: 16), reader.take(UInt8(ascii: " ")),
      let inode = reader.number()
    else { return nil }
    reader.skipBlanks()
    let name = Array(bytes[reader.index..<line.upperBound])
    return MemoryRegion(
      number: number, range: Address(start)..<Address(end), permissions: permissions, fileOffset: fileOffset,
      inode: inode, name: name,
      kind: RegionKind(name: name, inode: inode, isShared: permissions.contains(.shared)), usage: nil,
      deviceNumber: major << 32 | (minor & 0xffff_ffff))
  }

  private static func permissions(_ reader: inout ByteReader) -> MemoryRegion.Permissions? {
    var permissions: MemoryRegion.Permissions = []
    let letters: [(letter: UInt8, permission: MemoryRegion.Permissions)] = [
      (UInt8(ascii: "r"), .read), (UInt8(ascii: "w"), .write), (UInt8(ascii: "x"), .execute),
    ]
    for (letter, permission) in letters {
      guard let byte = reader.takeByte(), byte == letter || byte == UInt8(ascii: "-") else { return nil }
      if byte == letter { permissions.insert(permission) }
    }
    switch reader.takeByte() {
    case UInt8(ascii: "s"): permissions.insert(.shared)
    case UInt8(ascii: "p"): break
    default: return nil
    }
    return permissions
  }
}
