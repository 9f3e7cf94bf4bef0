/// The shape of entries: the tag, and the attributes that follow in each (DWARF 5, 7.5.3).
struct DebugAbbreviation {
  /// An attribute by its number (DW_AT_…), the form of its value, and the value where it stands with the form.
  typealias Attribute = (name: UInt64, form: UInt64, constant: Int64)

  /// What the entries are (DW_TAG_…).
  var tag: UInt64
  /// Whether entries within such an entry follow it.
  var hasChildren: Bool
  var attributes: [Attribute]
  /// The length of such an entry behind its code, in bytes, where all of them have the same.
  var byteCount: UInt64?

  /// The most attributes of an entry; no compiler comes near to it.
  private static let mostAttributes = 255

  /// Reads one behind its code; nil where it is none.
  init?(_ reader: inout NumberReader, _ format: DebugFormat) {
    guard let tag = reader.unsigned(), let children = reader.byte() else { return nil }
    (self.tag, hasChildren, attributes, byteCount) = (tag, children != 0, [], 0)
    while let name = reader.unsigned(), let form = reader.unsigned() {
      if name == 0, form == 0 { return }
      guard attributes.count < Self.mostAttributes, let constant = form == 0x21 ? reader.signed() : 0 else {
        return nil
      }
      attributes.append((name, form, constant))
      byteCount = byteCount.flatMap { sum in format.byteCount(ofForm: form).map { sum + $0 } }
    }
    return nil
  }
}

/// The abbreviations of a unit, by their codes.
struct DebugAbbreviations {
  /// Those whose codes are 1, 2, 3…, as compilers number them, and the others.
  private var dense: [DebugAbbreviation] = []
  private var others: [UInt64: DebugAbbreviation] = [:]

  private static let (mostBytes, mostAbbreviations): (UInt64, Int) = (8 << 20, 1 << 16)
  private static let usualByteCount: UInt64 = 1 << 12

  /// Reads a table; what cannot be read of it ends it.
  ///
  /// - Parameter last: the code behind which nothing is looked for; nil for all of the table.
  init(_ section: DebugSection, at offset: UInt64, _ format: DebugFormat, upTo last: UInt64? = nil) {
    for byteCount in [Self.usualByteCount, Self.mostBytes] {
      var reader = section.reader(at: offset, count: byteCount)
      (dense, others) = ([], [:])
      while let code = reader.unsigned(), code != 0, dense.count + others.count < Self.mostAbbreviations {
        guard let found = DebugAbbreviation(&reader, format) else { break }
        if code == UInt64(dense.count + 1) { dense.append(found) } else { others[code] = found }
        if code == last { return }
      }
      // The table ends with a code of 0; before that, it has gone on beyond what was read.
      if !reader.isAtEnd { return }
    }
  }

  subscript(code: UInt64) -> DebugAbbreviation? {
    code > 0 && code <= UInt64(dense.count) ? dense[Int(code - 1)] : others[code]
  }
}
