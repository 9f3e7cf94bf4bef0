/// The value of an attribute of debug information, by the class of its form (DWARF 5, 7.5.5).
enum DebugValue: Equatable {
  case address(UInt64)
  /// The number of an address in .debug_addr.
  case addressIndex(UInt64)
  /// A constant, or an offset in another section.
  case number(UInt64)
  /// The number of a list in .debug_rnglists.
  case listIndex(UInt64)
  /// The offset of another entry in .debug_info.
  case reference(UInt64)
  case text(DebugText)
  /// What is not read: a block, a reference to another file.
  case other
}

/// Where a text of debug information stands.
enum DebugText: Equatable {
  /// At an offset in the very section that names it.
  case here(UInt64)
  /// At an offset in .debug_str.
  case strings(UInt64)
  /// At an offset in .debug_line_str.
  case lineStrings(UInt64)
  /// Where .debug_str_offsets leads, by a number.
  case index(UInt64)
}

/// What the header of a unit says of how its values are written.
struct DebugFormat: Hashable {
  var version: UInt16
  /// Whether offsets have 8 bytes (64-bit DWARF).
  var isLong: Bool
  /// The offset of the unit in its section.
  var start: UInt64

  /// The length of an offset, in bytes.
  var offsetByteCount: UInt64 { isLong ? 8 : 4 }

  /// The length of the values of a form, in bytes; nil where each has its own.
  func byteCount(ofForm form: UInt64) -> UInt64? {
    switch form {
    case 0x19, 0x21: 0
    case 0x0b, 0x0c, 0x11, 0x25, 0x29: 1
    case 0x05, 0x12, 0x26, 0x2a: 2
    case 0x27, 0x2b: 3
    case 0x06, 0x13, 0x1c, 0x28, 0x2c: 4
    case 0x01, 0x07, 0x14, 0x20, 0x24: 8
    case 0x1e: 16
    case 0x0e, 0x17, 0x1d, 0x1f, 0x1f20, 0x1f21: offsetByteCount
    // A reference had the length of an address once.
    case 0x10: version > 2 ? offsetByteCount : 8
    default: nil
    }
  }
}

/// The values of attributes.
extension NumberReader {
  /// An offset of 4 or 8 bytes.
  mutating func offset(_ format: DebugFormat) -> UInt64? {
    format.isLong ? number(UInt64.self) : number(UInt32.self).map { UInt64($0) }
  }

  /// A number of a few bytes, low byte first.
  private mutating func number(byteCount: UInt64) -> UInt64? {
    var value: UInt64 = 0
    for place in 0..<byteCount {
      guard let byte = byte() else { return nil }
      value |= UInt64(byte) << (8 * place)
    }
    return value
  }

  /// The value of a form (DW_FORM_…); nil where it is not whole, or the form is not known.
  ///
  /// - Parameter constant: the value that stands with the form itself.
  mutating func value(_ form: UInt64, constant: Int64, _ format: DebugFormat) -> DebugValue? {
    let place = address
    switch form {
    case 0x01: return number(UInt64.self).map { .address($0) }
    case 0x05, 0x06, 0x07, 0x0b, 0x0c, 0x17:
      return number(byteCount: format.byteCount(ofForm: form) ?? 0).map { .number($0) }
    case 0x0d: return signed().map { .number(UInt64(bitPattern: $0)) }
    case 0x0f: return unsigned().map { .number($0) }
    case 0x21: return .number(UInt64(bitPattern: constant))
    case 0x19: return .number(1)
    case 0x08: return skipText() ? .text(.here(place)) : nil
    case 0x0e: return offset(format).map { .text(.strings($0)) }
    case 0x1f: return offset(format).map { .text(.lineStrings($0)) }
    case 0x1a, 0x1f02: return unsigned().map { .text(.index($0)) }
    case 0x25...0x28: return number(byteCount: form - 0x24).map { .text(.index($0)) }
    case 0x1b, 0x1f01: return unsigned().map { .addressIndex($0) }
    case 0x29...0x2c: return number(byteCount: form - 0x28).map { .addressIndex($0) }
    case 0x23: return unsigned().map { .listIndex($0) }
    case 0x10: return number(byteCount: format.byteCount(ofForm: form) ?? 0).map { .reference($0) }
    case 0x11...0x14:
      return number(byteCount: format.byteCount(ofForm: form) ?? 0).map { .reference(format.start &+ $0) }
    case 0x15: return unsigned().map { .reference(format.start &+ $0) }
    case 0x22: return unsigned().map { _ in .other }
    case 0x03, 0x04, 0x09, 0x0a, 0x18: return skipBlock(form) ? .other : nil
    case 0x16:
      guard let actual = unsigned(), actual != form, actual != 0x21 else { return nil }
      return value(actual, constant: 0, format)
    default: return format.byteCount(ofForm: form).flatMap { skip($0) ? .other : nil }
    }
  }

  private mutating func skipBlock(_ form: UInt64) -> Bool {
    let length =
      switch form {
      case 0x0a: number(byteCount: 1)
      case 0x03: number(byteCount: 2)
      case 0x04: number(byteCount: 4)
      default: unsigned()
      }
    return length.map { skip($0) } ?? false
  }
}
