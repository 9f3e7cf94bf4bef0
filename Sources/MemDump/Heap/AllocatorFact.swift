/// A figure of an allocator.
public struct AllocatorFact: Hashable, Sendable {
  /// The member of JSON that a fact is.
  public struct Name: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name, as it stands in the code.
    public let text: StaticString

    /// Makes a name.
    public init(stringLiteral text: StaticString) { self.text = text }

    /// The name.
    public var description: String { text.description }

    /// Compares the characters.
    public static func == (left: Name, right: Name) -> Bool { left.description == right.description }

    /// Hashes the characters.
    public func hash(into hasher: inout Hasher) { hasher.combine(description) }
  }

  /// What is known.
  public enum Value: Hashable, Sendable {
    /// A count, or a number of bytes.
    case number(UInt64)
    /// A place in memory.
    case address(Address)
  }

  /// What it is called.
  public var name: Name
  /// The figure; nil where it is not known.
  public var value: Value?

  /// Makes a fact.
  public init(_ name: Name, _ value: Value?) { (self.name, self.value) = (name, value) }
  /// Makes a fact of a number.
  public init(_ name: Name, _ number: UInt64?) { self.init(name, number.map { .number($0) }) }
  /// Makes a fact of an address.
  public init(_ name: Name, _ address: Address?) { self.init(name, address.map { .address($0) }) }
}

extension [AllocatorFact] {
  /// The number of a name; nil where there is none.
  public subscript(name: AllocatorFact.Name) -> UInt64? {
    if case .number(let number)? = first(where: { $0.name == name })?.value { number } else { nil }
  }
}
