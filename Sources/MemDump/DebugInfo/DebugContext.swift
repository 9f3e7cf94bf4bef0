/// What the values of a unit are relative to, and the sections that they lead into.
struct DebugContext {
  let sections: DebugSections
  let format: DebugFormat
  /// The address that ranges are relative to.
  private(set) var base: UInt64 = 0
  /// The first entry of the unit.
  private let root: DebugEntry?

  private static let (usualListByteCount, mostListBytes): (UInt64, UInt64) = (1 << 10, 1 << 20)

  init(_ sections: DebugSections, _ format: DebugFormat, root: DebugEntry?) {
    (self.sections, self.format, self.root) = (sections, format, root)
    base = address(root?.low) ?? 0
  }

  /// The address that a value is, or leads to; nil where it is none.
  func address(_ value: DebugValue?) -> UInt64? {
    switch value {
    case .address(let address): return address
    case .addressIndex(let number):
      guard let start = root?.addresses, number < 1 << 32 else { return nil }
      return sections[".debug_addr"]?.number(UInt64.self, at: start &+ number * 8)
    default: return nil
    }
  }

  /// The text that a value leads to; nil where it is not there.
  ///
  /// - Parameter section: the section that the value stands in.
  func text(_ text: DebugText?, in section: String = ".debug_info") -> [UInt8]? {
    switch text {
    case nil: return nil
    case .here(let offset): return sections[section]?.text(at: offset)
    case .strings(let offset): return sections[".debug_str"]?.text(at: offset)
    case .lineStrings(let offset): return sections[".debug_line_str"]?.text(at: offset)
    case .index(let number):
      guard let start = root?.stringOffsets, number < 1 << 32,
        let offset = offset(in: ".debug_str_offsets", at: start &+ number * format.offsetByteCount)
      else { return nil }
      return sections[".debug_str"]?.text(at: offset)
    }
  }

  /// The code of an entry: the ranges of addresses, from the load bias on.
  func ranges(of entry: DebugEntry, _ work: DebugWork) -> [Range<UInt64>] {
    let ranges: [Range<UInt64>]
    if let list = entry.ranges {
      ranges = format.version >= 5 ? rangeList(list, work) : oldRangeList(list, work)
    } else if let low = address(entry.low) {
      let end: UInt64? = if case .number(let byteCount) = entry.high { low &+ byteCount } else { address(entry.high) }
      ranges = end.map { low < $0 ? [low..<$0] : [] } ?? []
    } else {
      return []
    }
    // What the linker left out begins at 0.
    return ranges.filter { $0.lowerBound != 0 }
  }

  private func offset(in section: String, at place: UInt64) -> UInt64? {
    format.isLong
      ? sections[section]?.number(UInt64.self, at: place)
      : sections[section]?.number(UInt32.self, at: place).map { UInt64($0) }
  }

  /// The ranges of a list in .debug_ranges (DWARF 4, 2.17.3).
  private func oldRangeList(_ value: DebugValue, _ work: DebugWork) -> [Range<UInt64>] {
    guard case .number(let offset) = value, let section = sections[".debug_ranges"] else { return [] }
    return Self.list(section, at: offset) { reader in
      var (ranges, base): ([Range<UInt64>], UInt64) = ([], base)
      while let start = reader.number(UInt64.self), let end = reader.number(UInt64.self) {
        if start == 0, end == 0 || !work.take() { return ranges }
        if start == .max {
          base = end
        } else if base &+ start < base &+ end {
          ranges.append(base &+ start..<base &+ end)
        }
      }
      return nil
    }
  }

  /// The ranges of a list in .debug_rnglists (DWARF 5, 2.17.3).
  private func rangeList(_ value: DebugValue, _ work: DebugWork) -> [Range<UInt64>] {
    guard let section = sections[".debug_rnglists"], let offset = listOffset(value) else { return [] }
    return Self.list(section, at: offset) { reader in
      var (ranges, base): ([Range<UInt64>], UInt64) = ([], base)
      while let kind = reader.byte(), work.take() {
        guard kind != 0 else { return ranges }
        guard let range = range(kind, &reader, &base) else { return nil }
        if let range, !range.isEmpty { ranges.append(range) }
      }
      return nil
    }
  }

  private func listOffset(_ value: DebugValue) -> UInt64? {
    switch value {
    case .number(let offset): return offset
    case .listIndex(let number):
      guard let start = root?.rangeLists, number < 1 << 32 else { return nil }
      return offset(in: ".debug_rnglists", at: start &+ number * format.offsetByteCount).map { start &+ $0 }
    default: return nil
    }
  }

  /// An entry of a list (DW_RLE_…): a range, or nil within where it sets the base; nil where it is not whole.
  private func range(_ kind: UInt8, _ reader: inout NumberReader, _ base: inout UInt64) -> Range<UInt64>?? {
    func range(_ start: UInt64?, _ end: UInt64?) -> Range<UInt64>?? {
      guard let start, let end else { return nil }
      return .some(start..<max(start, end))
    }
    switch kind {
    case 1:
      guard let number = reader.unsigned() else { return nil }
      base = address(.addressIndex(number)) ?? 0
    case 2:
      guard let start = reader.unsigned(), let end = reader.unsigned() else { return nil }
      return range(address(.addressIndex(start)) ?? 0, address(.addressIndex(end)) ?? 0)
    case 3:
      guard let number = reader.unsigned(), let byteCount = reader.unsigned() else { return nil }
      return address(.addressIndex(number)).map { range($0, $0 &+ byteCount) } ?? .some(nil)
    case 4:
      guard let start = reader.unsigned(), let end = reader.unsigned() else { return nil }
      return range(base &+ start, base &+ end)
    case 5:
      guard let address = reader.number(UInt64.self) else { return nil }
      base = address
    case 6: return range(reader.number(UInt64.self), reader.number(UInt64.self))
    case 7:
      guard let start = reader.number(UInt64.self), let byteCount = reader.unsigned() else { return nil }
      return range(start, start &+ byteCount)
    default: return nil
    }
    return .some(nil)
  }

  /// What a list comes to; none where it does not end.
  private static func list(
    _ section: DebugSection, at offset: UInt64, _ read: (inout NumberReader) -> [Range<UInt64>]?
  ) -> [Range<UInt64>] {
    for byteCount in [usualListByteCount, mostListBytes] {
      var reader = section.reader(at: offset, count: byteCount)
      if let ranges = read(&reader) { return ranges }
    }
    return []
  }
}
