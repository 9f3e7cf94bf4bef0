/// A unit of debug information: what came of one run of the compiler, as a rule (DWARF 5, 7.5.1).
struct DebugUnit {
  var format: DebugFormat
  /// The offset of what follows the unit.
  var end: UInt64
  /// The offset of its first entry.
  var firstEntry: UInt64
  /// The offset of its abbreviations in .debug_abbrev.
  var abbreviations: UInt64
  /// Whether the unit has code of its own, or says where: others have types, or are in files of their own.
  var hasCode: Bool

  /// The offset of the unit.
  var start: UInt64 { format.start }

  private static let longestHeader: UInt64 = 40
  /// Units of these kinds have code: DW_UT_compile, DW_UT_partial, DW_UT_skeleton.
  private static let kindsWithCode: [UInt8] = [1, 3, 4]

  /// Reads the header of a unit; nil where there is none.
  init?(_ section: DebugSection, at start: UInt64) {
    guard start < section.byteCount else { return nil }
    var reader = section.reader(at: start, count: Self.longestHeader)
    guard let (isLong, byteCount) = reader.unitLength(), let version = reader.number(UInt16.self) else { return nil }
    let content = start &+ (isLong ? 12 : 4)
    guard byteCount > 0, byteCount <= section.byteCount &- content, content < section.byteCount else { return nil }
    format = DebugFormat(version: version, isLong: isLong, start: start)
    end = content + byteCount
    (hasCode, abbreviations, firstEntry) = (false, 0, end)
    // A version that is not known is passed over.
    guard (2...5).contains(version) else { return }
    if version >= 5 {
      guard let kind = reader.byte(), let addressByteCount = reader.byte(), let abbreviations = reader.offset(format)
      else { return nil }
      // The number of the file that has the rest.
      if kind == 4 { guard reader.skip(8) else { return nil } }
      hasCode = addressByteCount == 8 && Self.kindsWithCode.contains(kind)
      self.abbreviations = abbreviations
    } else {
      guard let abbreviations = reader.offset(format), let addressByteCount = reader.byte() else { return nil }
      hasCode = addressByteCount == 8
      self.abbreviations = abbreviations
    }
    firstEntry = min(reader.address, end)
  }
}

extension NumberReader {
  /// The length of a unit, and whether offsets in it have 8 bytes (DWARF 5, 7.4).
  mutating func unitLength() -> (isLong: Bool, byteCount: UInt64)? {
    guard let short = number(UInt32.self) else { return nil }
    if short < 0xffff_fff0 { return (false, UInt64(short)) }
    return short == .max ? number(UInt64.self).map { (true, $0) } : nil
  }
}
