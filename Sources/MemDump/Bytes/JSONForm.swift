/// How a value stands in JSON: how it is written, and how it is read.
struct JSONForm<Value>: Sendable {
  /// Adds the value to a text.
  let write: @Sendable (Value, inout JSONWriter) -> Void
  /// Takes the value; nil where it is of another form.
  let read: @Sendable (JSONValue) -> Value?
}

extension JSONForm where Value: FixedWidthInteger & SendableMetatype {
  /// A number.
  static var number: JSONForm {
    JSONForm(write: { $1.value($0) }, read: { $0.number.flatMap(Value.init(exactly:)) })
  }
}

extension JSONForm where Value == Int? {
  /// A number, or null.
  static var numberOrNull: JSONForm {
    JSONForm(write: { $1.value($0) }, read: { $0.number.flatMap(Int.init(exactly:)) })
  }
}

extension JSONForm where Value == String {
  /// A text.
  static var text: JSONForm { JSONForm(write: { $1.value($0) }, read: \.string) }

  /// A text that stands behind another one.
  static func text(behind prefix: String) -> JSONForm {
    JSONForm(
      write: { $1.value(prefix + $0) },
      read: { $0.string.map { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 } })
  }
}

extension JSONForm where Value == String? {
  /// A text, or null.
  static var textOrNull: JSONForm { JSONForm(write: { $1.value($0) }, read: { $0.string }) }
}

extension JSONForm where Value: RawRepresentable & SendableMetatype, Value.RawValue == String {
  /// One of a few words.
  static var word: JSONForm {
    JSONForm(write: { $1.value($0.rawValue) }, read: { $0.string.flatMap(Value.init(rawValue:)) })
  }
}

extension JSONForm where Value == Address {
  /// An address, as a hexadecimal text.
  static var address: JSONForm { JSONForm(write: { $1.value($0.description) }, read: \.address) }
}

extension JSONForm {
  /// A list whose elements are all of a form.
  static func list<Element>(_ element: JSONForm<Element>) -> JSONForm where Value == [Element] {
    list(element) { values in
      let elements = values.compactMap(element.read)
      return elements.count == values.count ? elements : nil
    }
  }

  /// A list; what in it is not of a form is passed over.
  static func list<Element>(ofAll element: JSONForm<Element>) -> JSONForm where Value == [Element] {
    list(element) { $0.compactMap(element.read) }
  }

  private static func list<Element>(
    _ element: JSONForm<Element>, _ read: @escaping @Sendable ([JSONValue]) -> [Element]?
  ) -> JSONForm where Value == [Element] {
    JSONForm(
      write: { values, writer in writer.array { array in for value in values { element.write(value, &array) } } },
      read: { $0.array.flatMap(read) })
  }

  /// An object with fields.
  ///
  /// - Parameters:
  ///   - fields: its members, in order.
  ///   - empty: the value of which nothing is known yet.
  static func object(_ fields: [JSONField<Value>], from empty: Value) -> JSONForm where Value: Sendable {
    JSONForm(
      write: { value, writer in writer.object { object in for field in fields { field.write(value, &object) } } },
      read: { value in
        var owner = empty
        return fields.allSatisfy { $0.read(&owner, value) } ? owner : nil
      })
  }
}
