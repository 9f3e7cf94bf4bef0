/// A fact about an allocator: a name with a figure.
public struct AllocatorFact: Hashable, Sendable {
  /// The name of a fact, which is its member in JSON.
  public struct Name: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The text of the name, as it stands in the code.
    public let text: StaticString

    /// Makes a name.
    public init(stringLiteral text: StaticString) { self.text = text }

    /// The text of the name.
    public var description: String { text.description }

    /// Compares two names by their characters.
    public static func == (left: Name, right: Name) -> Bool { left.description == right.description }

    /// Hashes the characters of the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(description) }
  }

  /// The figure of a fact.
  public enum Value: Hashable, Sendable {
    /// A count, or a number of bytes.
    case number(UInt64)
    /// An address in the process.
    case address(Address)
  }

  /// The name of the fact.
  public var name: Name
  /// The figure of the fact; nil where that is not known.
  public var value: Value?

  /// Makes a fact from a name and a figure.
  public init(_ name: Name, _ value: Value?) { (self.name, self.value) = (name, value) }
  /// Makes a fact whose figure is a number.
  public init(_ name: Name, _ number: UInt64?) { self.init(name, number.map { .number($0) }) }
  /// Makes a fact whose figure is an address.
  public init(_ name: Name, _ address: Address?) { self.init(name, address.map { .address($0) }) }
}

extension [AllocatorFact] {
  /// The number of the fact with a name; nil without such a fact, or where its figure is no number.
  public subscript(name: AllocatorFact.Name) -> UInt64? {
    if case .number(let number)? = first(where: { $0.name == name })?.value { number } else { nil }
  }
}
