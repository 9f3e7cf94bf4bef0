import MemDump

/// The value of a field.
enum FieldValue: Sendable {
  /// The record has no such field.
  case absent
  /// The value is not known, or there is none.
  case null
  case flag(Bool)
  case signed(Int64)
  case unsigned(UInt64)
  case text(String)
  case address(Address)
  case list([FieldValue])
  case object([Member])
}

extension FieldValue {
  /// A function with how often it was met.
  static func function(_ function: (name: String, count: Int)) -> FieldValue {
    .object([Member(.name, function.name), Member(.count, function.count)])
  }
}

/// A member of a record: a name and a value.
struct Member: Sendable {
  let name: FieldName
  let value: FieldValue

  init(_ name: FieldName, _ value: some FieldRepresentable) { (self.name, self.value) = (name, value.fieldValue) }
}

/// A type whose values a field can have.
protocol FieldRepresentable: SendableMetatype {
  var fieldValue: FieldValue { get }
}

extension FieldValue: FieldRepresentable {
  var fieldValue: FieldValue { self }
}

extension Bool: FieldRepresentable {
  var fieldValue: FieldValue { .flag(self) }
}

extension Int: FieldRepresentable {
  var fieldValue: FieldValue { .signed(Int64(self)) }
}

extension Int32: FieldRepresentable {
  var fieldValue: FieldValue { .signed(Int64(self)) }
}

extension UInt32: FieldRepresentable {
  var fieldValue: FieldValue { .unsigned(UInt64(self)) }
}

extension UInt64: FieldRepresentable {
  var fieldValue: FieldValue { .unsigned(self) }
}

extension String: FieldRepresentable {
  var fieldValue: FieldValue { .text(self) }
}

extension Address: FieldRepresentable {
  var fieldValue: FieldValue { .address(self) }
}

extension Array: FieldRepresentable where Element: FieldRepresentable {
  var fieldValue: FieldValue { .list(map(\.fieldValue)) }
}

extension Optional: FieldRepresentable where Wrapped: FieldRepresentable {
  var fieldValue: FieldValue { map(\.fieldValue) ?? .null }
}
