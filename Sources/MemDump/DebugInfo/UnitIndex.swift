/// Which unit has the code at an address: by .debug_aranges, and where that does not tell, by what the first entry of each unit
/// says.
struct UnitIndex {
  private struct CodeRange {
    var code: Range<UInt64>
    var unit: UInt64
  }

  private let sections: DebugSections
  private let work: DebugWork
  /// The stretches of code that .debug_aranges tells; nil as long as it was not read.
  private var told: [CodeRange]?
  /// Those that first entries tell; nil as long as they were not read.
  private var found: [CodeRange]?
  /// The offsets of all units, in order; nil as long as they were not gone over.
  private var starts: [UInt64]?

  private static let (mostUnits, mostStretches): (Int, Int) = (1 << 20, 1 << 21)
  private static let mostBytes: UInt64 = 256 << 20
  /// So much is read of a unit for its first entry.
  private static let rootByteCount: UInt64 = 4096

  init(_ sections: DebugSections, _ work: DebugWork) { (self.sections, self.work) = (sections, work) }

  /// The offset of the unit with the code at an address; nil where there is none.
  mutating func unit(at address: UInt64) -> UInt64? {
    let told = self.told ?? readTold()
    self.told = told
    if let unit = Self.unit(at: address, in: told) { return unit }
    let found = self.found ?? readFound(besides: Set(told.map(\.unit)))
    self.found = found
    return Self.unit(at: address, in: found)
  }

  /// The unit that an offset of .debug_info lies in.
  mutating func unit(holding offset: UInt64) -> DebugUnit? {
    guard let info = sections[".debug_info"] else { return nil }
    let starts = allStarts()
    let end = starts.partitionIndex { $0 > offset }
    guard end > 0, let unit = DebugUnit(info, at: starts[end - 1]), offset >= unit.firstEntry, offset < unit.end else {
      return nil
    }
    return unit
  }

  private static func unit(at address: UInt64, in stretches: [CodeRange]) -> UInt64? {
    let end = stretches.partitionIndex { $0.code.lowerBound > address }
    return stretches[max(0, end - 16)..<end].last { $0.code.contains(address) }?.unit
  }

  private mutating func allStarts() -> [UInt64] {
    if let starts { return starts }
    var starts: [UInt64] = []
    if let info = sections[".debug_info"] {
      var offset: UInt64 = 0
      while starts.count < Self.mostUnits, work.take(), let unit = DebugUnit(info, at: offset) {
        starts.append(offset)
        offset = unit.end
      }
    }
    self.starts = starts
    return starts
  }

  /// The sets of addresses of units (DWARF 5, 6.1.2).
  private func readTold() -> [CodeRange] {
    guard let section = sections[".debug_aranges"], section.byteCount <= Self.mostBytes else { return [] }
    var stretches: [CodeRange] = []
    var offset: UInt64 = 0
    while offset < section.byteCount, work.take() {
      var start = section.reader(at: offset, count: 12)
      guard let (isLong, byteCount) = start.unitLength() else { break }
      let content = start.address
      guard byteCount > 0, byteCount <= section.byteCount - content else { break }
      var reader = section.reader(at: content, count: byteCount)
      let format = DebugFormat(version: 2, isLong: isLong, start: offset)
      let set = offset
      offset = content + byteCount
      guard reader.number(UInt16.self) == 2, let unit = reader.offset(format), reader.byte() == 8, reader.byte() == 0,
        reader.skip((16 - (reader.address - set) % 16) % 16)
      else { continue }
      while stretches.count < Self.mostStretches, work.take(), let address = reader.number(UInt64.self),
        let length = reader.number(UInt64.self), address != 0 || length != 0
      {
        if address != 0, address < address &+ length {
          stretches.append(CodeRange(code: address..<address &+ length, unit: unit))
        }
      }
    }
    return stretches.sorted { ($0.code.lowerBound, $0.code.upperBound) < ($1.code.lowerBound, $1.code.upperBound) }
  }

  private mutating func readFound(besides known: Set<UInt64>) -> [CodeRange] {
    guard let info = sections[".debug_info"] else { return [] }
    var stretches: [CodeRange] = []
    for start in allStarts() where !known.contains(start) {
      guard stretches.count < Self.mostStretches, let unit = DebugUnit(info, at: start), unit.hasCode,
        let root = Self.root(of: unit, sections, work)
      else { continue }
      let context = DebugContext(sections, unit.format, root: root)
      stretches += context.ranges(of: root, work).map { CodeRange(code: $0, unit: start) }
    }
    return stretches.sorted { ($0.code.lowerBound, $0.code.upperBound) < ($1.code.lowerBound, $1.code.upperBound) }
  }

  /// The first entry of a unit; nil where it cannot be read.
  static func root(of unit: DebugUnit, _ sections: DebugSections, _ work: DebugWork) -> DebugEntry? {
    guard let info = sections[".debug_info"], let table = sections[".debug_abbrev"] else { return nil }
    var reader = info.reader(at: unit.firstEntry, count: min(rootByteCount, unit.end - unit.firstEntry))
    guard let code = reader.unsigned(), work.take(),
      let shape = DebugAbbreviations(table, at: unit.abbreviations, unit.format, upTo: code)[code],
      work.take(shape.attributes.count)
    else { return nil }
    return DebugEntry(at: unit.firstEntry, shape, &reader, unit.format)
  }
}
