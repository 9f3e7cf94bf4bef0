/// An entry of debug information, as far as the names and the places of functions take (DWARF 5, 2.1).
struct DebugEntry {
  /// The tags that matter here (DW_TAG_…).
  enum Tag {
    static let (lexicalBlock, inlined, function): (UInt64, UInt64, UInt64) = (0x0b, 0x1d, 0x2e)
    static let namespace: UInt64 = 0x39
  }

  /// The offset of the entry in .debug_info.
  var offset: UInt64
  var tag: UInt64
  var hasChildren: Bool
  var name: DebugText?
  var linkageName: DebugText?
  var low: DebugValue?
  var high: DebugValue?
  var ranges: DebugValue?
  /// The entry that this one is an instance of, or completes (DW_AT_abstract_origin, DW_AT_specification).
  var origin: DebugValue?
  /// The language (DW_LANG_…).
  var language: UInt64?
  var callFile: UInt64?
  var callLine: UInt64?
  var lineProgram: UInt64?
  var directory: DebugText?
  var stringOffsets: UInt64?
  var addresses: UInt64?
  var rangeLists: UInt64?

  /// Whether entries with this tag have code.
  static func isScope(_ tag: UInt64) -> Bool { tag == Tag.lexicalBlock || tag == Tag.inlined || tag == Tag.function }

  /// Whether functions within entries with this tag are named after those: namespaces, classes, structures, unions.
  static func isNaming(_ tag: UInt64) -> Bool { tag == Tag.namespace || tag == 0x02 || tag == 0x13 || tag == 0x17 }

  /// Reads the entry behind its code; nil where it is not whole.
  init?(at offset: UInt64, _ abbreviation: DebugAbbreviation, _ reader: inout NumberReader, _ format: DebugFormat) {
    (self.offset, tag, hasChildren) = (offset, abbreviation.tag, abbreviation.hasChildren)
    for (attribute, form, constant) in abbreviation.attributes {
      guard let value = reader.value(form, constant: constant, format) else { return nil }
      set(attribute, value)
    }
  }

  private mutating func set(_ attribute: UInt64, _ value: DebugValue) {
    switch (attribute, value) {
    case (0x03, .text(let text)): name = text
    case (0x6e, .text(let text)), (0x2007, .text(let text)): linkageName = text
    case (0x1b, .text(let text)): directory = text
    case (0x11, _): low = value
    case (0x12, _): high = value
    case (0x55, _): ranges = value
    case (0x31, _): origin = value
    case (0x47, _): origin = origin ?? value
    case (0x13, .number(let number)): language = number
    case (0x58, .number(let number)): callFile = number
    case (0x59, .number(let number)): callLine = number
    case (0x10, .number(let number)): lineProgram = number
    case (0x72, .number(let number)): stringOffsets = number
    case (0x73, .number(let number)), (0x2133, .number(let number)): addresses = number
    case (0x74, .number(let number)): rangeLists = number
    default: break
    }
  }
}
