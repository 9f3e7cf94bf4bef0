/// The layout of PHP's values (Zend/zend_types.h of PHP 7.0 and later).
enum PHPLayout {
  /// What a counted value is, by the four lowest bits of its type.
  enum Kind: UInt64, Sendable {
    case string = 6
    case array, object, resource, reference
  }

  /// The bytes of a table, and of a value (`zval`).
  static let (tableByteCount, valueByteCount): (UInt64, UInt64) = (56, 16)
  /// Where an object has its class, a table of properties that its class does not know, and its first property.
  static let (classOffset, moreOffset, propertiesOffset): (UInt64, UInt64, UInt64) = (16, 32, 40)
  /// The bit of a value's type that says that it is counted.
  private static let counted: UInt64 = 1 << 8

  /// What stands at an address, by its own header; nil where that is none of a counted value.
  static func kind(at place: Address, _ words: inout WordCache) throws(MemDumpError) -> Kind? {
    try words.word(at: place).flatMap { Kind(rawValue: $0 >> 32 & 0xf) }
  }

  /// Where a value leads, where that is a counted value of the kind that it says.
  static func target(
    ofValueAt place: Address, _ words: inout WordCache
  ) throws(MemDumpError) -> (kind: Kind, address: Address)? {
    guard let type = try words.word(at: place + 8), let kind = Kind(rawValue: type & 0xff), type & counted != 0,
      let target = try words.word(at: place), target & 7 == 0, target >> 16 != 0, target >> 47 == 0,
      try self.kind(at: Address(target), &words) == kind
    else { return nil }
    return (kind, Address(target))
  }

  /// The longest text that is read.
  static let longestText: UInt64 = 1024

  /// The bytes of a string, the first of them where it is long; nil where there is none.
  static func text(at place: Address, _ words: inout WordCache) throws(MemDumpError) -> [UInt8]? {
    guard place.rawValue & 7 == 0, try kind(at: place, &words) == .string, let length = try words.word(at: place + 16),
      length < 1 << 40
    else { return nil }
    let wanted = Int(min(length, longestText))
    let bytes = try words.bytes(at: place + 24, count: wanted)
    return bytes.count == wanted ? bytes : nil
  }

  /// A text that can be the name of something. One that has no name has a zero, and then where it was made.
  static func name(at place: Address, _ words: inout WordCache) throws(MemDumpError) -> [UInt8]? {
    guard let text = try text(at: place, &words), text.count < Int(longestText) else { return nil }
    let name = Array(text.prefix { $0 != 0 })
    return !name.isEmpty && name.allSatisfy { $0 > 0x20 && $0 != 0x7f } ? name : nil
  }
}
