/// A member of a JSON object, declared once: its name, how it is written, and how it is read.
struct JSONField<Whole>: Sendable {
  /// What a reader makes of an object without the member, or with one of another form.
  enum Need {
    /// What the owner had before is meant.
    case none
    /// What the owner had before is meant; a member of another form is an error.
    case wellFormed
    /// Both are errors.
    case required
  }

  /// Adds the member to an object.
  let write: @Sendable (Whole, inout JSONWriter) -> Void
  /// Takes the member out of an object. Returns whether there is no error.
  let read: @Sendable (inout Whole, JSONValue) -> Bool

  /// A member that is a property of its owner.
  init<Value>(
    _ name: StaticString, _ path: any WritableKeyPath<Whole, Value> & Sendable, _ form: JSONForm<Value>,
    _ need: Need = .none
  ) {
    self.init(name, form, need, of: { $0[keyPath: path] }) { owner, value in
      owner[keyPath: path] = value
      return true
    }
  }

  /// A member that always has the same value.
  init<Value: Equatable & Sendable>(_ name: StaticString, always constant: Value, _ form: JSONForm<Value>) {
    self.init(name, form, .required, of: { _ in constant }) { _, value in value == constant }
  }

  /// A member that is worked out.
  ///
  /// - Parameters:
  ///   - value: what is written.
  ///   - take: takes what is read. Returns whether there is no error.
  init<Value>(
    _ name: StaticString, _ form: JSONForm<Value>, _ need: Need = .none, of value: @escaping @Sendable (Whole) -> Value,
    take: @escaping @Sendable (inout Whole, Value) -> Bool
  ) {
    let key = name.description
    write = { owner, object in object.member(name) { form.write(value(owner), &$0) } }
    read = { owner, object in
      guard let member = object[key] else { return need != .required }
      guard let value = form.read(member) else { return need == .none }
      return take(&owner, value)
    }
  }

  /// A member of older versions, which is read and no longer written; one of another form counts as missing.
  init<Value>(
    reading name: StaticString, _ form: JSONForm<Value>, take: @escaping @Sendable (inout Whole, Value) -> Void
  ) {
    let key = name.description
    write = { _, _ in }
    read = { owner, object in
      if let value = object[key].flatMap(form.read) { take(&owner, value) }
      return true
    }
  }

  /// The two members `start` and `end` of a range that is not empty.
  static func bounds(_ path: any WritableKeyPath<Whole, Range<Address>> & Sendable) -> [JSONField] {
    [
      JSONField("start", .address, .required, of: { $0[keyPath: path].lowerBound }) { owner, start in
        owner[keyPath: path] = start..<start
        return true
      },
      JSONField("end", .address, .required, of: { $0[keyPath: path].upperBound }) { owner, end in
        let start = owner[keyPath: path].lowerBound
        guard start < end else { return false }
        owner[keyPath: path] = start..<end
        return true
      },
    ]
  }
}
